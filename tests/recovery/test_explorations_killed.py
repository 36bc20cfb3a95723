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
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn
from maquette.testing.proof.scenes import answers

pytestmark = pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap")
CHAT, COUNT = "openai-chat:scripted", 4


def play(asked: Asked) -> Turn:
    number = asked.thread.partition("This is attempt ")[2].split()[0]
    if answers(asked):
        return Says(f"attempt {number} is done")
    return Calls(Call("shell", {"command": f"echo {number} > made.txt"}))


def once(machine: Machine, holds: Callable[[Any], bool]) -> Any:
    """What is known, as soon as that holds of it."""
    machine.ok("threads")  # for which the base is started
    until = time.monotonic() + PATIENCE
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
