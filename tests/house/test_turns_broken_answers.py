"""Of what a model sends, what isn't whole is never done and what is whole is done once, seen from the host's files."""

from __future__ import annotations

import functools
from collections import Counter
from pathlib import Path

import pytest

from house.homes import a_home, events, rest, results, said
from maquette.actions import threads
from maquette.domain.events import AnswerFailed, AnswerGiven, CallFinished, CallStarted, TurnFinished
from maquette.domain.threads import Outcome
from maquette.providers.wires.endpoint import Patience
from maquette.testing.models import Breaks, Call, Calls, Faults, Says, Script, ScriptedModels, Splits, Stalls, Turn
from maquette.turn import retries

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
MODELS = ("openai-chat:scripted", "openai:scripted", "anthropic:scripted")
WIRES = pytest.mark.parametrize("model", MODELS)
MARK = "ü🦊"
TWO = Calls(
    Call("shell", {"command": f"echo ran >> 'first {MARK}'"}),
    Call("shell", {"command": f"echo ran >> 'second, which has a longer name {MARK}'"}),
    text="I do it.",
)
HALVES: dict[str, Turn] = {
    "gone before anything": Breaks(TWO, after=0),
    "gone in the words": Breaks(TWO, after=2),
    "gone in the first call": Breaks(TWO, after=5),
    "gone between the calls": Breaks(TWO, after=9),
    "ended in the first call": Breaks(TWO, after=5, clean=True),
    "ended between the calls": Breaks(TWO, after=9, clean=True),
    "gone in a character": Breaks(TWO, within="🦊"),
    "silent, but open": Stalls(TWO, after=9),
    "an error in the stream": Faults(TWO, after=9),
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patience, "__init__", functools.partialmethod(Patience.__init__, between_chunks=0.3))
    monkeypatch.setattr(retries, "FIRST", 0.01)


def made(desk: Path) -> dict[str, int]:
    """How many lines each file has that a command made."""
    return {path.name: path.read_text().count("\n") for path in desk.iterdir() if path.is_file()}


EVERYWHERE = ("gone between the calls", "ended between the calls")
"""The halves in which one call is whole. Each one takes its turn at one wire, these two at the others in `make prove`:
how a wire says it is left to the wires' own tests (`seams/test_wires_faults.py`).
"""
PAIRS = [
    pytest.param(half, model, marks=() if model == MODELS[number % 3] else pytest.mark.prove)
    for number, half in enumerate(HALVES)
    for model in (MODELS if half in EVERYWHERE else (MODELS[number % 3],))
]


@pytest.mark.parametrize(("half", "model"), PAIRS)
async def test_f8_a_call_of_an_answer_that_is_not_whole_never_runs(tmp_path: Path, model: str, half: str) -> None:
    with ScriptedModels([HALVES[half], Says("Something broke.")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "do it", project=None, model=model)
            assert await rest(home, sent) == TurnFinished(turn=sent.turn, outcome=Outcome.DONE)
            assert made(tmp_path / "state/desk") == {}
            assert len(events(home, sent.thread, AnswerFailed)) == 1
            assert not events(home, sent.thread, CallStarted)


async def test_f8_what_was_broken_off_and_comes_whole_at_last_is_done_once(tmp_path: Path) -> None:
    script: Script = [HALVES["gone between the calls"], HALVES["silent, but open"], TWO, Says("done")]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "do it", project=None, model=MODELS[0])
            assert await rest(home, sent) == TurnFinished(turn=sent.turn, outcome=Outcome.DONE)
            assert set(made(tmp_path / "state/desk").values()) == {1}
            assert len(made(tmp_path / "state/desk")) == 2


@pytest.mark.parametrize(
    ("model", "cut"), [(MODELS[1], True), (MODELS[2], False)], ids=["cut at its length", "called whole"]
)
async def test_f8_arguments_that_end_too_early_are_not_run(tmp_path: Path, model: str, cut: bool) -> None:
    half = Calls(Call("shell", '{"command": "echo ran > made"'), text="I do it.", cut=cut)
    with ScriptedModels([half, Says("I see.")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "do it", project=None, model=model)
            await rest(home, sent)
            assert made(tmp_path / "state/desk") == {}
            assert not events(home, sent.thread, CallStarted)


async def test_f8_characters_that_come_in_parts_name_the_file_that_was_meant(tmp_path: Path) -> None:
    with ScriptedModels([Splits(TWO, 1), Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "do it", project=None, model=MODELS[0])
            await rest(home, sent)
            assert made(tmp_path / "state/desk") == {f"first {MARK}": 1, f"second, which has a longer name {MARK}": 1}


def appending(name: str, *, id: str | None = None) -> Call:
    return Call("shell", {"command": f"echo ran >> {name}"}, id=id)


async def test_f9_five_hundred_calls_at_once_are_each_done_once(tmp_path: Path) -> None:
    with ScriptedModels([Calls(*(appending(f"n{n}") for n in range(500))), Says("Phew.")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "all of it", project=None, model=MODELS[0])
            assert await rest(home, sent, patience=50) == TurnFinished(turn=sent.turn, outcome=Outcome.DONE)
            assert Counter(status for status, _ in results(home, sent.thread)) == {"ok": 500}
            assert len(models.requests[-1].results) == 500
    assert made(tmp_path / "state/desk") == {f"n{n}": 1 for n in range(500)}


@WIRES
async def test_f9_calls_whose_ids_are_doubled_empty_or_used_before_are_each_done_once(
    tmp_path: Path, model: str
) -> None:
    script: Script = [
        Calls(*(appending(name, id="same") for name in "abc"), appending("d", id=""), appending("e", id="other")),
        Calls(appending("f", id="same"), appending("g", id="other"), appending("h", id="new")),
        Says("done"),
    ]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "do it", project=None, model=model)
            assert await rest(home, sent) == TurnFinished(turn=sent.turn, outcome=Outcome.DONE)
            finished = events(home, sent.thread, CallFinished)
            asked = [call.id for answer in events(home, sent.thread, AnswerGiven) for call in answer.answer.calls]
            assert len(set(asked)) == len(asked) == 8
            assert sorted(one.call for one in finished) == sorted(asked)
    assert made(tmp_path / "state/desk") == dict.fromkeys("abcdefgh", 1)


@WIRES
async def test_f9_what_can_not_be_called_has_its_result_and_the_rest_is_done(tmp_path: Path, model: str) -> None:
    wrong = [
        Call("shell", {"comand": "echo ran >> wrong"}),
        Call("shell", '{"command": 7}'),
        Call("shell", '{"command": "echo ran >> wrong"} {"command": "echo ran >> wrong"}'),
        Call("shell", '["echo ran >> wrong"]'),
        Call("shell", "null"),
        Call("no_such_tool", {"command": "echo ran >> wrong"}),
        Call("Shell", {"command": "echo ran >> wrong"}),
        Call("", {"command": "echo ran >> wrong"}),
        Call("use_tool", {"name": "no_such_tool", "arguments": {"command": "echo ran >> wrong"}}),
    ]
    with ScriptedModels([Calls(*wrong, appending("right")), Says("I see.")], checked=False) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "do it", project=None, model=model)
            assert await rest(home, sent) == TurnFinished(turn=sent.turn, outcome=Outcome.DONE)
            assert Counter(status for status, _ in results(home, sent.thread)) == {"error": len(wrong), "ok": 1}
            assert said(home, sent.thread) == "I see."
    assert made(tmp_path / "state/desk") == {"right": 1}
