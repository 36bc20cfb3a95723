"""A base that is killed while attempts are made and looked at goes on where it was: none is lost, none made twice."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from house.bases import PATIENCE, Machine, a_machine, ask
from house.checkouts import Checkout
from maquette.samples.lantern import APPROACHES, CHECKS, QUESTION, make_lantern
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn
from maquette.testing.proof.scenes import answers

pytestmark = pytest.mark.boxed
CHAT, COUNT = "openai-chat:scripted", 3
NINETY, EACH = 90, 8
"""Attempts, and seconds that each may take."""


def play(asked: Asked) -> Turn:
    number = asked.thread.partition("This is attempt ")[2].split()[0]
    if answers(asked):
        return Says(f"attempt {number} is done")
    return Calls(Call("shell", {"command": f"echo {number} > made.txt"}))


def once(machine: Machine, holds: Callable[[Any], bool], patience: float = PATIENCE) -> Any:
    """What is known, as soon as that holds of it."""
    machine.ok("threads")  # for which the base is started
    until = time.monotonic() + patience
    while not holds(shown := ask(machine, "GET", "/v1/explorations/latest")):
        assert time.monotonic() < until, shown
        time.sleep(0.05)
    return shown


def looked_at(shown: Any) -> int:
    return sum(one["evidence"] is not None for one in shown["attempts"])


@pytest.mark.timeout(120)
def test_a_base_killed_twice_while_it_gathers_has_all_attempts_once(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "repo", {"a.txt": "a\n"})
    slow = f"echo looked >> {tmp_path}/never; sleep 0.4; test -s made.txt"
    with (
        ScriptedModels(play) as models,
        a_machine(tmp_path / "m", {**models.variables, "MAQUETTE_MODEL": CHAT}) as machine,
    ):
        machine.ok("threads")
        wish = {"question": "Which one?", "project": str(repo.path), "attempts": COUNT, "checks": [slow], "at_once": 2}
        ask(machine, "POST", "/v1/projects", {"path": str(repo.path)})
        ask(machine, "POST", "/v1/explorations", wish)
        for least in (1, 2):
            once(machine, lambda shown, least=least: looked_at(shown) >= least)
            machine.kill(signal.SIGKILL)
        shown = once(machine, lambda shown: looked_at(shown) == COUNT)

        entries = [entry["event"] for entry in exported(machine, shown["exploration"]["id"])]
        kinds = [event["type"] for event in entries]
        assert kinds.count("attempt.added") == COUNT
        assert sorted(e["attempt"] for e in entries if e["type"] == "evidence.gathered") == [*range(1, COUNT + 1)]
        for one in shown["attempts"]:
            begun = [entry["event"]["type"] for entry in exported(machine, one["thread"])]
            assert begun.count("thread.started") == begun.count("turn.finished") == 1
            assert (one["evidence"]["files"], one["evidence"]["summary"]) == (
                ["made.txt"],
                f"attempt {one['number']} is done",
            )
            assert [check["status"] for check in one["evidence"]["checks"]] == [0]
        assert not [*(machine.state / "exhibits").glob("*")]
        assert not (tmp_path / "never").exists(), "checks write nowhere but in their box"


def exported(machine: Machine, stream: str) -> list[Any]:
    """All entries of one stream."""
    lines = machine.ok("export").splitlines()
    return [entry for line in lines if (entry := json.loads(line)).get("stream") == stream]


@pytest.mark.prove
@pytest.mark.needs("chromium", "sudo apt-get install chromium")
@pytest.mark.timeout(1500)
def test_ninety_attempts_killed_twice_on_the_way_are_all_there_once(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Real work trees and pictures of what a preview command serves, by the apprentice."""
    make_lantern(tmp_path / "lantern")
    with a_machine(tmp_path / "m") as machine:
        machine.ok("threads")
        ask(machine, "POST", "/v1/projects", {"path": str(tmp_path / "lantern")})
        wish = {
            "question": QUESTION,
            "project": str(tmp_path / "lantern"),
            "attempts": NINETY,
            "approaches": APPROACHES[:3],
            "checks": CHECKS,
            "preview": "python3 -m http.server $PORT",
            "views": [{"name": "start", "path": "/"}],
        }
        began = time.monotonic()
        ask(machine, "POST", "/v1/explorations", wish)
        for least in (NINETY // 3, 2 * NINETY // 3):
            once(machine, lambda shown, least=least: looked_at(shown) >= least, NINETY * EACH)
            machine.kill(signal.SIGKILL)
        shown = once(machine, lambda shown: looked_at(shown) == NINETY, NINETY * EACH)
        took = time.monotonic() - began

        entries = [entry["event"] for entry in exported(machine, shown["exploration"]["id"])]
        everyone = [*range(1, NINETY + 1)]
        assert sorted(e["attempt"] for e in entries if e["type"] == "attempt.added") == everyone
        assert sorted(e["attempt"] for e in entries if e["type"] == "evidence.gathered") == everyone
        assert all(one["evidence"]["pictures"][0]["blob"] for one in shown["attempts"])
        assert len({one["evidence"]["tree"] for one in shown["attempts"]}) == NINETY
        failed = [one["number"] for one in shown["attempts"] if checks_of(one) != [0]]
        assert failed == [number for number in everyone if number % 7 == 0], "those that are broken on purpose"
        assert not [*(machine.state / "exhibits").glob("*")]
        trees = [path for path in (machine.state / "trees").iterdir() if path.is_dir()]
        held = sum(at.lstat().st_blocks * 512 for tree in trees for at in tree.rglob("*"))
        record_property("seconds", round(took))
        record_property("MB a tree", round(held / len(trees) / 1e6, 2))
        assert held / len(trees) < 1e6


def checks_of(attempt: Any) -> list[int]:
    return [check["status"] for check in attempt["evidence"]["checks"]]
