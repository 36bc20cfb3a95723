"""A sample of `make prove`, and that its checker finds what it is there to find."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from house.bases import captured
from house.homes import a_home, rest
from maquette.actions import threads
from maquette.testing.models import Call, Calls, Says, ScriptedModels
from maquette.testing.proof.invariants import broken
from maquette.testing.proof.mortal import Where

BOXED = pytest.mark.boxed


def proof(*words: str, of: str = "__main__", patience: float = 55) -> str:
    run = f"maquette.testing.proof.{of}:main"
    ran = captured(run, ["--seed", "7", *words], os.environ, Path("/"), patience=patience)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@BOXED
def test_f22_a_base_killed_at_a_sample_of_boundaries_loses_nothing() -> None:
    """While children work, whose results are taken and merged: what is killed there is in most scenes."""
    assert "Nothing was lost" in proof("--scene", "handed on", "--sample", "1", "--kills", "0")


@BOXED
def test_f22_a_base_killed_at_random_under_eight_threads_loses_nothing() -> None:
    assert "Nothing was lost" in proof("--sample", "0", "--kills", "1")


@BOXED
def test_f4_a_base_killed_while_a_slot_is_due_begins_its_run_once_and_tells_of_it() -> None:
    assert "Nothing was lost" in proof("--scene", "slot", "--sample", "1", "--kills", "0")


@BOXED
def test_f4_bases_killed_at_random_through_slots_begin_each_once_or_tell_of_it(tmp_path: Path) -> None:
    """F6: what was missed meanwhile is made up for once. `make prove` does it for an hour, also on Postgres, where a
    worker beside each base dies too.
    """
    page = tmp_path / "page.md"
    proof("--on", "sqlite", "--minutes", "3", "--page", str(page), of="slots", patience=110)
    assert "Each slot has one run, or is told of." in page.read_text()


@BOXED
@pytest.mark.anyio
async def test_the_checker_of_the_proof_finds_what_was_lost_doubled_or_told_wrongly(tmp_path: Path) -> None:
    where = Where(tmp_path, {})
    with ScriptedModels([Calls(Call("shell", {"command": "true"})), Says("done")]) as models:
        async with a_home(where.state, models.variables) as home:
            sent = await threads.start(home, "go", project=None, model="openai-chat:scripted")
            await rest(home, sent)
    call = f"{sent.thread}/call_0_0"
    where.traces.began(call)
    where.traces.ended(call)
    where.acks.write_text(json.dumps({"kind": "sent", "thread": sent.thread, "turn": sent.turn}) + "\n")
    assert broken(where, at_rest=True) == []

    where.traces.began(call)
    assert broken(where, at_rest=True) == [f"{call} (shell) was done 2 times"]
    where.traces.path.unlink()
    assert broken(where, at_rest=True) == [f"{call} (shell) is told as done, and wasn't"]
    where.traces.began(call)
    where.traces.ended(call)
    where.traces.began("thread_x/call_1")
    assert broken(where, at_rest=True) == ["thread_x/call_1 began, and its intent isn't in the log"]
    where.traces.path.write_text(f"began {call}\nended {call}\n")
    where.acks.write_text(json.dumps({"kind": "sent", "thread": sent.thread, "turn": "turn_x"}) + "\n")
    assert "acknowledged, and not in the log" in broken(where, at_rest=True)[0]
