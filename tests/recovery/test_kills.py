"""The base is killed (SIGKILL) in the middle of things; the next command starts it again, and nothing is lost."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from house.bases import Machine, ask
from maquette.cli import endings
from maquette.testing.models import Asked, Call, Calls, Says, Script, ScriptedModels, Slow, Stalls, Turn

pytestmark = pytest.mark.boxed
MODEL = ("--model", "openai-chat:scripted")
ONCE = "echo ran >> ran; touch begun; sleep 600"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Callable[[ScriptedModels], Machine]]:
    made: list[Machine] = []

    def make(models: ScriptedModels) -> Machine:
        made.append(Machine(tmp_path, models.variables))
        return made[-1]

    yield make
    for one in made:
        one.kill(signal.SIGKILL)


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def happened(machine: Machine, thread: str, kind: str) -> list[dict[str, Any]]:
    entries = ask(machine, "GET", f"/v1/threads/{thread}/entries")["entries"]
    return [entry["event"] for entry in entries if entry["event"]["type"] == kind]


def follow(machine: Machine, thread: str, turns: int = 1) -> None:
    """Until so many turns have ended; the first command starts the base, which takes them up."""
    for _ in range(turns):
        machine.run("show", "--follow", thread)
    assert len(happened(machine, thread, "turn.finished")) == turns


def test_f1_a_turn_killed_in_the_middle_of_an_answer_is_taken_up_again(
    machine: Callable[[ScriptedModels], Machine],
) -> None:
    with ScriptedModels(lambda asked: answers.pop(0)) as models:
        answers = [Stalls(Says("I was just going to say"), after=3), Says("all of it")]
        base = machine(models)
        thread = base.ok("run", "talk", *MODEL, "--no-wait").strip()
        until(lambda: happened(base, thread, "answer.streamed"))
        base.kill(signal.SIGKILL)
        follow(base, thread)
        (broken,) = happened(base, thread, "answer.interrupted")
        assert broken["why"] == "lost"
        assert broken["text"]
        assert "I was just going to say".startswith(broken["text"])
        assert "broken off (the base went down" in base.ok("show", thread)
        assert models.requests[0].raw == models.requests[1].raw
        assert [e["answer"]["parts"][0]["text"] for e in happened(base, thread, "answer.given")] == ["all of it"]
        assert happened(base, thread, "turn.finished")[0]["outcome"] == "done"


def test_f2_a_command_cut_off_by_a_kill_is_unknown_and_is_not_done_again(
    machine: Callable[[ScriptedModels], Machine],
) -> None:
    with ScriptedModels([Calls(Call("shell", {"command": ONCE})), Says("I shall look first")]) as models:
        base = machine(models)
        thread = base.ok("run", "do it once", *MODEL, "--no-wait").strip()
        until((base.state / "desk/begun").exists)
        base.kill(signal.SIGKILL)
        follow(base, thread)
        assert [c["status"] for c in happened(base, thread, "call.finished")] == ["unknown"]
        assert (base.state / "desk/ran").read_text() == "ran\n"


def test_f2_a_command_cut_off_where_no_sandbox_holds_is_unknown_and_the_person_is_asked(
    machine: Callable[[ScriptedModels], Machine],
) -> None:
    script: Script = [Calls(Call("shell", {"command": ONCE})), lambda asked: Says(str(list(asked.results.values())))]
    with ScriptedModels(script) as models:
        base = machine(models)
        base.env["MAQUETTE_SANDBOX"] = "bare"
        thread = base.ok("run", "do it once", *MODEL, "--no-wait").strip()
        assert base.run("show", "--follow", thread).returncode == endings.WAITS
        base.ok("approve", thread, "--yes")
        until((base.state / "desk/begun").exists)
        base.kill(signal.SIGKILL)
        assert base.run("show", "--follow", thread).returncode == endings.WAITS
        base.kill(signal.SIGKILL)
        assert ONCE in base.ok("waits")
        base.run("answer", thread, "It happened")
        follow(base, thread)
        assert [c["status"] for c in happened(base, thread, "call.finished")] == ["unknown"]
        assert "It happened" in happened(base, thread, "answer.given")[-1]["answer"]["parts"][0]["text"]
        assert (base.state / "desk/ran").read_text() == "ran\n"


def test_f1_a_child_killed_in_the_middle_is_taken_up_again_and_its_parent_goes_on_with_the_report(
    machine: Callable[[ScriptedModels], Machine],
) -> None:
    def play(asked: Asked) -> Turn:
        if asked.thread == "the part":
            return Says("I looked first") if asked.results else Calls(Call("shell", {"command": ONCE}))
        return Says("so it is") if asked.results else Calls(Call("delegate", {"task": "the part"}))

    with ScriptedModels(play) as models:
        base = machine(models)
        thread = base.ok("run", "the whole", *MODEL, "--no-wait").strip()
        until(lambda: list((base.state / "trees").rglob("begun")))
        base.kill(signal.SIGKILL)
        follow(base, thread)
        (asked,) = happened(base, thread, "child.asked")
        assert [c["status"] for c in happened(base, asked["child"], "call.finished")] == ["unknown"]
        assert len(happened(base, thread, "turn.started")) == 2
        ((ran,),) = [[path.read_text() for path in (base.state / "trees").rglob("ran")]]
        assert ran == "ran\n"
        (result,) = happened(base, thread, "call.finished")
        assert "I looked first" in result["text"]


def test_f3_a_question_still_waits_after_a_kill_and_can_be_answered(
    machine: Callable[[ScriptedModels], Machine],
) -> None:
    script: Script = [
        Calls(Call("ask", {"question": "Red or blue?"})),
        lambda asked: Says(str(list(asked.results.values()))),
    ]
    with ScriptedModels(script) as models:
        base = machine(models)
        thread = base.ok("run", "paint", *MODEL, "--no-wait").strip()
        assert base.run("show", "--follow", thread).returncode == endings.WAITS
        base.kill(signal.SIGKILL)
        assert "Red or blue?" in base.ok("waits")
        base.run("answer", thread, "blue")
        follow(base, thread)
        assert "blue" in happened(base, thread, "answer.given")[-1]["answer"]["parts"][0]["text"]


def test_messages_in_line_are_kept_in_order_over_a_kill(machine: Callable[[ScriptedModels], Machine]) -> None:
    with ScriptedModels(lambda asked: Slow(0.3, Says(f"heard {asked.said}"))) as models:
        base = machine(models)
        thread = base.ok("run", "one", *MODEL, "--no-wait").strip()
        for words in ("two", "three"):
            base.ok("send", thread, words, "--no-wait")
        base.kill(signal.SIGKILL)
        follow(base, thread, 3)
        heard = [e["answer"]["parts"][0]["text"] for e in happened(base, thread, "answer.given")]
        assert heard == ["heard one", "heard two", "heard three"]


def test_no_process_of_a_killed_base_lives_on_in_its_sandbox(machine: Callable[[ScriptedModels], Machine]) -> None:
    command = "(setsid sh -c 'while sleep 0.05; do date +%s%N > beat; done' &); touch begun; sleep 600"
    with ScriptedModels([Calls(Call("shell", {"command": command})), Says("gone")]) as models:
        base = machine(models)
        thread = base.ok("run", "linger", *MODEL, "--no-wait").strip()
        until((base.state / "desk/beat").exists)
        base.kill(signal.SIGKILL)
        follow(base, thread)
        beat = (base.state / "desk/beat").read_text()
        time.sleep(0.3)
        assert (base.state / "desk/beat").read_text() == beat
