"""A base that is killed while ideas of the garden are made real goes on: none is lost, none offered twice."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from house.bases import PATIENCE, Machine, a_machine, ask
from house.checkouts import Checkout

pytestmark = pytest.mark.boxed

DEAD = "def dead():\n    one = 1\n    return one\n"
FILES = {f"shop/part_{n}.py": f"def used():\n    return {n}\n\n\n{DEAD}" for n in range(2)}
CHECK = "from shop import part_0, part_1\nassert part_0.used() + part_1.used() == 1\n"


def once(machine: Machine, true: Callable[[list[Any]], bool]) -> list[Any]:
    """The receipts, as soon as that is true of them."""
    machine.ok("threads")  # for which the base is started
    until = time.monotonic() + 2 * PATIENCE
    while not true(found := ask(machine, "GET", "/v1/receipts?automation=gardener")):
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return found


def ideas(found: list[Any]) -> list[Any]:
    return [one for one in found if one["slot"]]


def over(found: list[Any]) -> bool:
    return bool(found) and all(one["state"] == "ended" for one in found)


def done(found: list[Any]) -> list[list[str]]:
    return sorted(one["files"] for one in ideas(found) if one["result"] == "done")


def begun_or_over(found: list[Any]) -> bool:
    return bool(ideas(found)) or over(found)


@pytest.mark.timeout(120)
def test_a_base_killed_twice_while_it_gardens_makes_each_idea_real_once(tmp_path: Path) -> None:
    """What looks for ideas is killed, and then what makes them real; what that breaks off is done another night."""
    repo = Checkout.made(tmp_path / "repo", {"shop/__init__.py": "", "check.py": CHECK, **FILES})
    with a_machine(tmp_path / "m", {}) as machine:
        machine.ok("threads")
        machine.ok("projects", "add", str(repo.path))
        machine.ok("projects", "set", "repo", "--check", f"{sys.executable} -B check.py")
        machine.ok("automations", "garden", "-p", str(repo.path))
        machine.ok("automations", "on", "gardener", "--yes")
        machine.ok("automations", "run", "gardener")
        machine.kill(signal.SIGKILL)
        once(machine, begun_or_over)
        machine.kill(signal.SIGKILL)
        found = once(machine, over)
        for _ in range(2):
            if len(done(found)) < len(FILES):
                machine.ok("automations", "run", "gardener")
                found = once(machine, over)
        assert done(found) == [[file] for file in sorted(FILES)], found
        assert {one["result"] for one in ideas(found)} <= {"done", "failed"}, found
