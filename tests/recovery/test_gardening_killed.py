"""A base that is killed while ideas of the garden are made real goes on: none is lost, none offered twice."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from house.bases import PATIENCE, Machine, a_machine, ask
from house.checkouts import Checkout

pytestmark = pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap")

DEAD = "def dead():\n    one = 1\n    return one\n"
FILES = {f"shop/part_{n}.py": f"def used():\n    return {n}\n\n\n{DEAD}" for n in range(3)}
CHECK = "from shop import part_0, part_1, part_2\nassert part_0.used() + part_1.used() + part_2.used() == 3\n"


def receipts(machine: Machine) -> list[Any]:
    return ask(machine, "GET", "/v1/receipts?automation=gardener")


def once(machine: Machine, ended: int) -> list[Any]:
    """The receipts, as soon as so many have ended."""
    machine.ok("threads")  # for which the base is started
    until = time.monotonic() + 2 * PATIENCE
    while len([one for one in receipts(machine) if one["state"] == "ended"]) < ended:
        assert time.monotonic() < until, receipts(machine)
        time.sleep(0.05)
    return receipts(machine)


@pytest.mark.timeout(120)
def test_a_base_killed_twice_while_it_gardens_offers_each_idea_once(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "repo", {"shop/__init__.py": "", "check.py": CHECK, **FILES})
    with a_machine(tmp_path / "m", {}) as machine:
        machine.ok("threads")
        machine.ok("projects", "add", str(repo.path))
        machine.ok("projects", "set", "repo", "--check", f"{sys.executable} -B check.py")
        machine.ok("automations", "garden", "-p", str(repo.path))
        machine.ok("automations", "on", "gardener", "--yes")
        machine.ok("automations", "run", "gardener")
        machine.kill(signal.SIGKILL)
        once(machine, 2)
        machine.kill(signal.SIGKILL)
        known = once(machine, 4)
        assert len(known) == 4
        ideas = [one for one in known if one["slot"]]
        assert len({one["slot"] for one in ideas}) == 3
        assert {one["slot"].rpartition(":")[2] for one in ideas} == set(FILES)
