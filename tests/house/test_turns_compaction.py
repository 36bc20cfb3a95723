"""A thread that becomes too long for its model goes on with less of its past; the log and the person lose nothing."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from house.homes import a_home, events, rest, results, said, until
from maquette.actions import threads, waits
from maquette.domain.cards import PlanStep
from maquette.domain.events import (
    AnswerGiven,
    CallFinished,
    Compacted,
    MessageSent,
    PlanSet,
    TurnFinished,
    TurnWaiting,
)
from maquette.domain.threads import Outcome
from maquette.testing.models import Asked, Call, Calls, Says, Script, ScriptedModels, Turn

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
MODELS = CHAT, *OTHERS = ("openai-chat:scripted", "openai:scripted", "anthropic:scripted")
WIRES = pytest.mark.parametrize("model", MODELS)
proved = pytest.mark.prove
"""At the other wires: that a request there extends the former, and what is too long, tests beside these say as well."""
PLAN = Calls(Call("plan", {"steps": [{"text": "count", "state": "doing"}]}))


def step(number: int, lines: int) -> Turn:
    """Reasoning, a line for the host to count, and output of about five characters a line."""
    command = f"echo {number} >> ran; seq 10000 {10_000 + lines}"
    return Calls(Call("shell", {"command": command}), text=f"Step {number}.", thinking=f"now {number}")


def ran(tmp_path: Path) -> list[int]:
    return [int(line) for line in (tmp_path / "state/desk/ran").read_text().split()]


def breaks(models: ScriptedModels) -> int:
    """How many requests don't extend the former, byte for byte."""
    raws = [asked.raw.rstrip(b"]}") for asked in models.requests]
    return sum(not after.startswith(before) for before, after in pairwise(raws))


@pytest.mark.parametrize(
    ("model", "steps", "lines", "window"),
    [
        pytest.param(CHAT, 7, 1_500, 12_000, id="by big results"),
        pytest.param(CHAT, 15, 300, 8_000, id="by many steps"),
        *(pytest.param(model, 15, 300, 8_000, id=f"by many steps-{model}", marks=proved) for model in OTHERS),
    ],
)
async def test_f10_a_turn_goes_on_when_its_thread_is_too_long_and_nothing_of_it_is_lost(
    tmp_path: Path, model: str, steps: int, lines: int, window: int
) -> None:
    script: Script = [PLAN, *(step(number, lines) for number in range(steps)), Says("counted"), Says("counting on")]
    with ScriptedModels(script, window=window) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "count, and never say banana", project=None, model=model)
            assert await rest(home, sent, patience=50) == TurnFinished(turn=sent.turn, outcome=Outcome.DONE)
            assert said(home, sent.thread) == "counted"
            assert ran(tmp_path) == list(range(steps))
            compactions = events(home, sent.thread, Compacted)
            assert 1 <= len(compactions) <= 2
            assert breaks(models) == len(compactions)
            last = models.requests[-1].raw.decode()
            assert "count, and never say banana" in last
            whole = results(home, sent.thread)
            assert len(whole) == 1 + steps
            assert all(text.startswith("10000\n") and text.endswith("\n[exit 0]") for _, text in whole[1:])
            assert not any("the whole text is in" in text for _, text in whole)
            assert len(events(home, sent.thread, AnswerGiven)) == 2 + steps
            assert events(home, sent.thread, PlanSet)[-1].steps == (PlanStep(text="count", state="doing"),)
            more = await threads.send(home, sent.thread, "and now?")
            ended = await rest(home, more)
            assert isinstance(ended, TurnFinished)
            assert said(home, sent.thread) == "counting on"


async def test_f10_what_is_shortened_can_be_read_whole_where_the_request_says(tmp_path: Path) -> None:
    def reading(asked: Asked) -> Turn:
        found = re.search(r"the whole text is in ([^\s\]]+)", asked.raw.decode())
        assert found
        return Calls(Call("read", {"path": found[1]}))

    script: Script = [*(step(number, 1_500) for number in range(5)), reading, Says("read")]
    with ScriptedModels(script, window=12_000) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "count", project=None, model=CHAT)
            assert await rest(home, sent) == TurnFinished(turn=sent.turn, outcome=Outcome.DONE)
            first, *_, read = results(home, sent.thread)
            assert read[0] == "ok"
            assert "10001" in read[1]
            shortened = next((tmp_path / "state/outputs").glob("*/result-*.txt"))
            assert first[1] == shortened.read_text()


async def test_f10_after_two_compactions_in_a_turn_it_fails_with_what_to_do_and_a_new_turn_goes_on(
    tmp_path: Path,
) -> None:
    script: Script = [*(step(number, 1_500) for number in range(40)), Says("never")]
    with ScriptedModels(script, window=7_000) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "count", project=None, model=CHAT)
            ended = await rest(home, sent, patience=50)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.FAILED
            assert "too long" in ended.reason
            assert "twice in this turn" in ended.reason
            assert "`maquette set --model`" in ended.reason
            assert len(events(home, sent.thread, Compacted)) == 2
            done = len(ran(tmp_path))
            assert len(events(home, sent.thread, CallFinished)) == done
            more = await threads.resume(home, sent.thread)
            await rest(home, more, patience=50)
            assert ran(tmp_path) == list(range(len(ran(tmp_path))))
            assert len(ran(tmp_path)) > done


@pytest.mark.parametrize("model", [CHAT, *(pytest.param(model, marks=proved) for model in OTHERS)])
async def test_f10_a_request_after_a_restart_extends_the_one_before_it(tmp_path: Path, model: str) -> None:
    script: Script = [
        *(step(number, 1_500) for number in range(5)),
        Calls(Call("ask", {"question": "Go on?"}), thinking="I ask"),
        step(5, 10),
        Says("done"),
    ]
    with ScriptedModels(script, window=12_000) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "count", project=None, model=model)
            waiting = await until(home, sent.thread, TurnWaiting)
        async with a_home(tmp_path / "state", models.variables) as home:
            await waits.answer(home, sent.thread, "yes")
            await until(home, sent.thread, TurnFinished, after=waiting.cursor)
            assert said(home, sent.thread) == "done"
            assert breaks(models) == len(events(home, sent.thread, Compacted)) >= 1
            assert ran(tmp_path) == list(range(6))


@WIRES
async def test_f10_a_message_that_is_too_long_by_itself_fails_at_once_and_is_kept(tmp_path: Path, model: str) -> None:
    with ScriptedModels([Says("never")], window=5_000) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "word " * 8_000, project=None, model=model)
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.FAILED
            assert "little of it can be left out" in ended.reason
            assert len(models.requests) == 1
            assert events(home, sent.thread, MessageSent)[0].text == "word " * 8_000
