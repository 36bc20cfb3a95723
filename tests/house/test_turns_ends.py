"""How turns end: whatever the person says or stops meanwhile, and whatever breaks, each comes to its one end."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from house.checkouts import Checkout
from house.homes import a_home, asked_of, at, events, rest, said, there, until
from maquette.actions import projects, threads, waits
from maquette.actions.home import Home
from maquette.domain.events import (
    AnswerGiven,
    CallFinished,
    CallStarted,
    ChecksRan,
    QuestionAsked,
    ResultKept,
    TurnFinished,
    TurnWaiting,
)
from maquette.domain.projects import Budget
from maquette.domain.threads import Outcome, ThreadState
from maquette.store import dialects
from maquette.testing.models import Call, Calls, Says, ScriptedModels, Slow

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
CHAT = "openai-chat:scripted"
WRITE = Calls(Call("shell", {"command": "echo b > b.txt"}))
HOLD = "touch held; for i in $(seq 400); do [ -e go ] && exit 0; sleep 0.02; done; exit 9"
ENGINES = pytest.mark.parametrize("engine", [pytest.param("inline", marks=pytest.mark.prove), "dbos"])
"""Most tests of turns are of the inline one."""


async def checking(home: Home, folder: Path) -> tuple[threads.Sent, Path]:
    """A turn whose work is done and whose check holds until there is a file `go`; and its tree."""
    repo = Checkout.made(folder, {"a.txt": "a\n"})
    project = await projects.add(home, repo.path)
    await projects.change(home, project.id, checks=(HOLD,))
    sent = await threads.start(home, "write b", project=project.id, model=CHAT)
    tree = home.workspace.tree(sent.thread)
    await there(tree / "held")
    return sent, tree


@ENGINES
async def test_stop_while_the_checks_run_ends_the_turn(tmp_path: Path, engine: str) -> None:
    with ScriptedModels([WRITE, Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables, engine) as home:
            sent, _ = await checking(home, tmp_path / "repo")
            await threads.stop(home, sent.thread)
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.STOPPED
            assert (await at(home, sent.thread)).state is ThreadState.IDLE


@ENGINES
async def test_stop_just_as_a_turn_begins_ends_it(tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedModels([]) as models:
        async with a_home(tmp_path / "state", models.variables, engine) as home:
            claim, claiming = home.store.log.claim, asyncio.Event()

            async def held(stream: str) -> int:
                if not claiming.is_set():
                    claiming.set()
                    await asyncio.Event().wait()
                return await claim(stream)

            monkeypatch.setattr(home.store.log, "claim", held)
            sent = await threads.start(home, "too soon", project=None, model=CHAT)
            await claiming.wait()
            await threads.stop(home, sent.thread)
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.STOPPED


@ENGINES
async def test_stop_while_stop_is_being_carried_out_does_no_harm(tmp_path: Path, engine: str) -> None:
    with ScriptedModels([Calls(Call("shell", {"command": "touch begun; sleep 60"})), Says("next")]) as models:
        async with a_home(tmp_path / "state", models.variables, engine) as home:
            sent = await threads.start(home, "hang", project=None, model=CHAT)
            await there(tmp_path / "state/desk/begun")
            after = await threads.send(home, sent.thread, "and then?")
            await threads.stop(home, sent.thread)
            await until(home, sent.thread, CallFinished)
            await home.engine.stop(sent.thread, sent.turn)
            assert await rest(home, sent) == TurnFinished(turn=sent.turn, outcome=Outcome.STOPPED)
            await until(home, sent.thread, TurnFinished, after=(await until(home, sent.thread, TurnFinished)).cursor)
            assert events(home, sent.thread, TurnFinished)[1] == TurnFinished(turn=after.turn, outcome=Outcome.DONE)


async def test_a_turn_can_be_stopped_just_as_it_begins_to_wait(tmp_path: Path) -> None:
    with ScriptedModels(
        [Calls(Call("shell", {"command": "true"}), Call("ask", {"question": "Well?"})), Says("never")]
    ) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            for number in range(6):
                sent = await threads.start(home, f"ask {number}", project=None, model=CHAT)
                await until(home, sent.thread, TurnWaiting)
                await asyncio.sleep(number / 1000)
                await threads.stop(home, sent.thread)
                await until(home, sent.thread, TurnFinished)


async def test_stop_of_a_turn_that_has_ended_leaves_the_next_one_alone(tmp_path: Path) -> None:
    with ScriptedModels([Says("one"), Slow(0.3, Says("two"))]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            first = await threads.start(home, "first", project=None, model=CHAT)
            await rest(home, first)
            second = await threads.send(home, first.thread, "second")
            await asked_of(models, 2)
            assert not await home.engine.stop(first.thread, first.turn)
            assert await rest(home, second) == TurnFinished(turn=second.turn, outcome=Outcome.DONE)


async def test_words_said_while_the_checks_run_are_heard_in_the_same_turn(tmp_path: Path) -> None:
    with ScriptedModels([WRITE, Says("done"), lambda asked: Says(f"heard: {asked.said}")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent, tree = await checking(home, tmp_path / "repo")
            assert (await threads.send(home, sent.thread, "and c", steer=True)).steers
            (tree / "go").touch()
            await rest(home, sent)
            assert said(home, sent.thread) == "heard: and c"


async def test_nothing_said_just_as_a_turn_ends_is_lost(tmp_path: Path) -> None:
    with ScriptedModels(lambda asked: Says("done")) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "word-0.", project=None, model=CHAT)
            for number in range(1, 6):
                kept = await until(home, sent.thread, ResultKept, after=sent.cursor)
                sent = await threads.send(home, sent.thread, f"word-{number}.", steer=True)
                await until(home, sent.thread, TurnFinished, after=kept.cursor)
            await until(home, sent.thread, TurnFinished, after=sent.cursor)
            heard = models.requests[-1].raw.decode()
            assert [number for number in range(6) if f"word-{number}." not in heard] == []


async def test_a_turn_waits_only_when_the_person_has_something_to_answer(tmp_path: Path) -> None:
    both = Calls(Call("ask", {"question": "Red?"}), Call("shell", {"command": HOLD}))
    with ScriptedModels([both, Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "paint", project=None, model=CHAT)
            await until(home, sent.thread, QuestionAsked)
            await waits.answer(home, sent.thread, "yes")
            (tmp_path / "state/desk/go").touch()
            assert isinstance(await rest(home, sent), TurnFinished)
            assert not events(home, sent.thread, TurnWaiting)


@ENGINES
async def test_a_turn_whose_run_broke_is_taken_up_again_by_itself(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialects.sqlite, "PATIENCE", 0.05)
    with ScriptedModels([Calls(Call("shell", {"command": HOLD})), Says("went on")]) as models:
        async with a_home(tmp_path / "state", models.variables, engine) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            await there(tmp_path / "state/desk/held")
            other = sqlite3.connect(home.store.log.path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            (tmp_path / "state/desk/go").touch()
            await asyncio.sleep(0.6)  # what is said meanwhile can't be written
            other.close()
            assert await rest(home, sent) == TurnFinished(turn=sent.turn, outcome=Outcome.DONE)
            assert said(home, sent.thread) == "went on"


async def test_a_raised_budget_counts_from_the_next_turn_on_and_goes_with_a_fork(tmp_path: Path) -> None:
    with ScriptedModels([Calls(Call("shell", {"command": "true"}))] * 12) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT, budget=Budget(steps=1))
            await rest(home, sent)
            assert len(models.requests) == 1 + 1
            await threads.change(home, sent.thread, budget=Budget(steps=3))
            await rest(home, await threads.resume(home, sent.thread))
            assert len(models.requests) == 2 + 3 + 1
            forked = await threads.fork(home, sent.thread)
            ended = await rest(home, await threads.send(home, forked.id, "go on"))
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.BUDGET
            assert len(models.requests) == 2 + 4 + 3 + 1


async def test_an_answer_is_booked_to_the_model_that_gave_it(tmp_path: Path) -> None:
    with ScriptedModels([Calls(Call("shell", {"command": HOLD})), Says("done"), Says("more")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            await until(home, sent.thread, CallStarted)
            await threads.change(home, sent.thread, model="openai-chat:other")
            (tmp_path / "state/desk/go").touch()
            await rest(home, sent)
            await rest(home, await threads.send(home, sent.thread, "and?"))
            booked = [answer.model for answer in events(home, sent.thread, AnswerGiven)]
            assert booked == [f"openai-chat:{asked.body['model']}" for asked in models.requests]
            assert booked == [CHAT, CHAT, "openai-chat:other"]


async def test_checks_pass_only_when_what_was_kept_passes_them(tmp_path: Path) -> None:
    """A process left behind makes the tree good while checks run: what is merged isn't."""
    flip = "while sleep 0.01; do [ -e held ] && echo good > b.txt; done"
    left = Calls(Call("shell", {"command": f"echo bad > b.txt; (setsid sh -c '{flip}' >/dev/null 2>&1 &)"}))
    repo = Checkout.made(tmp_path / "repo", {".gitignore": "held\n"})
    with ScriptedModels([left, Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = await projects.add(home, repo.path)
            await projects.change(home, project.id, checks=("touch held; sleep 0.2; grep good b.txt",))
            sent = await threads.start(home, "go", project=project.id, model=CHAT)
            await rest(home, sent)
            assert [check.passed for check in events(home, sent.thread, ChecksRan)[0].checks] == [False]
