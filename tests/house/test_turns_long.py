"""A thread of any length: what was said, decided and is open stays in what its model sees, and the rest in reach."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from house.homes import a_home, events, rest, results, said
from maquette.actions import compactions, projects, threads, waits
from maquette.domain.errors import Refused
from maquette.domain.events import AnswerGiven, CallFinished, Compacted, CompactionUndone, TurnFinished, TurnWaiting
from maquette.domain.messages import FromTool
from maquette.domain.threads import Outcome
from maquette.testing.models import Asked, Call, Calls, Fails, Says, ScriptedModels, Turn

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
CHAT, OTHER = "openai-chat:scripted", "openai-chat:larger"
PINNED = "count on, and never say banana"
TODO = "tell Ada what it came to"
NOTED = "I note that the ledger begins at page 7391."
ASKED, DECIDED = "Which colour shall it be?", "heliotrope, never red"
HIDDEN = "the vault opens with 48613"
STAYS = (PINNED, TODO, NOTED, DECIDED)


@dataclass
class Long:
    """A model that takes `steps`, and looks at all it is sent. In the end it looks for what it was shown at step 5."""

    steps: int
    lines: int
    step: int = 0
    breaks: int = 0
    missing: list[str] = field(default_factory=list[str])
    former: bytes = b""

    def __call__(self, asked: Asked) -> Turn:
        self.step += 1
        self.breaks += not asked.raw.startswith(self.former.rstrip(b"]}"))
        self.former = asked.raw
        if self.breaks:
            self.missing += [f"{what!r} at step {self.step}" for what in STAYS if what.encode() not in asked.raw]
        return self._turn(asked)

    def _turn(self, asked: Asked) -> Turn:
        match self.step:
            case 2:
                steps = [{"text": TODO, "state": "open"}, {"text": "count", "state": "doing"}]
                return Calls(Call("plan", {"steps": steps}))
            case 5:
                return Calls(Call("shell", {"command": f"echo {HIDDEN}"}), text=NOTED)
            case 8:
                return Calls(Call("ask", {"question": ASKED}))
            case step if step < self.steps - 1:
                return Calls(Call("shell", {"command": f"seq {step}000 {step}000{self.lines}"[:60] + " | head -c 300"}))
            case step if step == self.steps - 1:
                found = re.search(r"all of it is in (\S+), to grep", asked.raw.decode())
                return Calls(Call("shell", {"command": f"cat {found[1] if found else '/none'} | grep -h vault"}))
            case _:
                return Says(next(iter(asked.results.values())))


@pytest.mark.parametrize(
    ("steps", "window"),
    [
        pytest.param(60, 5_400, id="60 steps"),
        pytest.param(3_000, 215_000, id="3,000 steps", marks=[pytest.mark.prove, pytest.mark.timeout(1_200)]),
    ],
)
async def test_f10_through_three_compactions_what_is_pinned_open_noted_and_decided_stays(
    tmp_path: Path, steps: int, window: int
) -> None:
    model = Long(steps, 9)
    with ScriptedModels(model, window=window, keep=2) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, PINNED, project=None, model=CHAT)
            assert isinstance(await rest(home, sent), TurnWaiting)
            await waits.answer(home, sent.thread, DECIDED)
            cursor = home.store.log.read(sent.thread)[-1].cursor
            ended = await rest(home, threads.Sent(sent.thread, sent.turn, False, cursor), patience=1_100)
            assert ended == TurnFinished(turn=sent.turn, outcome=Outcome.DONE)
            models.check()
            assert model.missing == []
            assert HIDDEN in said(home, sent.thread)
            assert len(events(home, sent.thread, Compacted)) == model.breaks == 3
            assert len(results(home, sent.thread)) == steps - 1


SHOWN = "99999 is shown once"


def windows(**sizes: int) -> Callable[[Asked], Turn]:
    """Four steps in the first turn, none in the next; each model refuses what has more bytes than its size."""
    step = 0

    def play(asked: Asked) -> Turn:
        nonlocal step
        if len(asked.raw) > sizes[str(asked.body["model"])]:
            return Fails(400, "too long", code="context_length_exceeded")
        step += 1
        if step <= 4:
            return Calls(Call("shell", {"command": f"echo {SHOWN} {step}; seq 1000 2000"}))
        return Says("done")

    return play


@pytest.mark.parametrize("larger", [100_000, 25_500], ids=["it fits", "it does not fit"])
async def test_what_was_left_out_is_shown_and_put_back_for_a_model_that_reads_more(tmp_path: Path, larger: int) -> None:
    with ScriptedModels(windows(scripted=24_500, larger=larger)) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "show it", project=None, model=CHAT)
            await rest(home, sent)
            (one,) = await compactions.listed(home, sent.thread)
            assert one.stands
            log = {entry.position: entry.event for entry in home.store.log.read(sent.thread)}
            for gone in one.left_out:
                came = log[gone.position]
                if isinstance(gone.message, FromTool):
                    assert isinstance(came, CallFinished)
                    assert came.text == gone.message.text
                else:
                    assert isinstance(came, AnswerGiven)
                    assert came.answer == gone.message
            with pytest.raises(Refused, match="It doesn't fit: openai-chat:scripted"):
                await compactions.undo(home, sent.thread, one.turn, one.step)
            await threads.change(home, sent.thread, model=OTHER)
            await compactions.undo(home, sent.thread, one.turn, one.step)
            with pytest.raises(Refused, match="only once"):
                await compactions.undo(home, sent.thread, one.turn, one.step)
            more = await threads.send(home, sent.thread, "and now?")
            assert await rest(home, more) == TurnFinished(turn=more.turn, outcome=Outcome.DONE)
            whole = next(asked.raw for asked in models.requests if asked.body["model"] == "larger")
            assert b"left out here" not in whole
            assert whole.count(SHOWN.encode()) >= 4
            again = events(home, sent.thread, Compacted)[1:]
            assert [event.why.endswith("What was put back doesn't fit.") for event in again] == [True] * (
                larger < 30_000
            )
            assert len(events(home, sent.thread, CompactionUndone)) == 1


def written(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name).write_text(text)


def whole(path: Path) -> str:
    return path.read_text()


async def test_a_result_too_big_to_be_said_is_whole_in_a_file_and_one_that_was_said_is_referred_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maquette.turn.calls.LONGEST", 20_000)  # no tool of ours gives more than the usual
    big, small = ("".join(f"{n:05} {'-' * width}\n" for n in range(900)) for width in (300, 10))
    read = {name: Calls(Call("read", {"path": name})) for name in ("big", "small")}
    with ScriptedModels([read["big"], read["small"], read["small"], Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            desk = (await projects.resolve(home, None)).path
            written(Path(desk), big=big, small=small)
            sent = await threads.start(home, "read them", project=None, model=CHAT)
            await rest(home, sent)
            said_big, first, second = (text for _, text in results(home, sent.thread))
            assert first == second
            assert len(said_big) < 20_000
            found = re.search(r"the whole text is in (\S+?)\]", said_big)
            assert found
            assert whole(Path(found[1])).count("-" * 300) > 90
            assert whole(Path(found[1])).startswith(said_big[:8_000])
            last = models.requests[-1].raw.decode()
            assert last.count("00899") == 1
            assert "The same, byte for byte, as the result of the same call above" in last
            models.check()
