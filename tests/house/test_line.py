"""The line: what waits for a turn of its own, and what can still become of it."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

from house.bases import Machine, a_machine, ask, refused
from house.homes import PATIENCE, a_home, asked_of, at, events, rest, said, until
from maquette.actions import line, search, threads
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import MessageWithdrawn, ThreadSet, TurnFinished, TurnStarted
from maquette.domain.threads import Outcome, ThreadState
from maquette.testing.models import Call, Calls, Says, Script, ScriptedModels, Stalls
from maquette.web.views import threads as pages
from maquette.web.views.messages import LONG
from maquette.web.views.sheet import WINDOW, Drawn, Sheet
from maquette.web.views.streaming import Pulse, of_thread

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
CHAT = "openai-chat:scripted"
WAIT: Script = [Calls(Call("ask", {"question": "Well?"})), lambda asked: Says(f"first: {asked.said}")]


async def begun(home: Home, models: ScriptedModels) -> threads.Sent:
    """A thread whose turn is with the model, which never answers."""
    sent = await threads.start(home, "begin", project=None, model=CHAT)
    await until(home, sent.thread, TurnStarted)
    await asked_of(models)
    return sent


async def ended(home: Home, sent: threads.Sent) -> None:
    """Once the turn that was begun for it has ended, and not another."""
    after = sent.cursor
    while True:
        entry = await until(home, sent.thread, TurnFinished, after=after)
        if isinstance(entry.event, TurnFinished) and entry.event.turn == sent.turn:
            return
        after = entry.cursor


@pytest.mark.parametrize("engine", [pytest.param("inline", marks=pytest.mark.prove), "dbos"])
async def test_what_waits_is_heard_as_it_was_changed_and_what_was_taken_back_is_never_begun(
    tmp_path: Path, engine: str
) -> None:
    script: Script = [Stalls(Says("never")), lambda asked: Says(f"heard: {asked.said}")]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables, engine) as home:
            sent = await begun(home, models)
            second = await threads.send(home, sent.thread, "secondly wrong")
            third = await threads.send(home, sent.thread, "thirdly")
            fourth = await threads.send(home, sent.thread, "fourthly")
            waits = await line.listed(home, sent.thread)
            assert [(one.turn, one.text) for one in waits] == [
                (second.turn, "secondly wrong"), (third.turn, "thirdly"), (fourth.turn, "fourthly")
            ]  # fmt: skip
            await line.withdraw(home, sent.thread, waits[0].id)
            await line.change(home, sent.thread, waits[1].id, "." * LONG + "thirdly, better")
            assert b"thirdly, better" in bytes((await pages.said(home, sent.thread, waits[1].id)).body)
            await line.change(home, sent.thread, waits[1].id, "thirdly, best")
            assert [one.text for one in await line.listed(home, sent.thread)] == ["thirdly, best", "fourthly"]
            assert (await until(home, sent.thread, TurnFinished)).event == TurnFinished(
                turn=second.turn, outcome=Outcome.WITHDRAWN
            )
            assert (await at(home, sent.thread)).state is ThreadState.RUNNING
            assert [found.position for found in await search.search(home, "secondly")] == []
            assert len(await search.search(home, '"thirdly best"')) == 1
            await threads.stop(home, sent.thread)
            await ended(home, third)
            assert said(home, sent.thread) == "heard: thirdly, best"
            with pytest.raises(Refused) as refused:
                await line.change(home, sent.thread, waits[1].id, "too late")
            assert refused.value.code == "begun"
            with pytest.raises(Refused) as refused:
                await line.withdraw(home, sent.thread, "msg_nowhere")
            assert refused.value.code == "unknown-message"
            assert second.turn not in [one.turn for one in events(home, sent.thread, TurnStarted)]


async def test_what_waits_in_line_can_be_changed_after_a_restart_and_a_turn_that_waits_for_the_person_has_begun(
    tmp_path: Path,
) -> None:
    with ScriptedModels([*WAIT, lambda asked: Says(f"second: {asked.said}")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "begin", project=None, model=CHAT)
            await rest(home, sent)
            second = await threads.send(home, sent.thread, "then this")
        async with a_home(tmp_path / "state", models.variables) as home:
            (only,) = await line.listed(home, sent.thread)
            assert only.text == "then this"
            await line.change(home, sent.thread, only.id, "then that")
            await threads.stop(home, sent.thread)
            await ended(home, second)
            assert said(home, sent.thread) == "first: then that"


@pytest.mark.parametrize("rounds", [6, pytest.param(20, marks=pytest.mark.prove)])
async def test_a_message_is_either_heard_or_taken_back_whichever_came_first(tmp_path: Path, rounds: int) -> None:
    """Both at once, often: never is one begun that was taken back, or taken back that had begun."""
    with ScriptedModels([Says("heard")] * 40) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "begin", project=None, model=CHAT)
            await rest(home, sent)
            for round in range(rounds):
                more = await threads.send(home, sent.thread, f"round {round}")
                await asyncio.sleep(0.02 * round / rounds)
                for one in await line.listed(home, sent.thread):
                    with suppress(Refused):  # it has begun
                        await line.withdraw(home, sent.thread, one.id)
                await rest(home, more)
            started = {one.turn for one in events(home, sent.thread, TurnStarted)}
            back = {one.turn for one in events(home, sent.thread, MessageWithdrawn)}
            ended = {one.turn: one.outcome for one in events(home, sent.thread, TurnFinished)}
            assert len(started) + len(back) == rounds + 1
            assert not started & back
            assert {turn for turn, outcome in ended.items() if outcome is Outcome.WITHDRAWN} == back
            assert (await at(home, sent.thread)).outcome is Outcome.DONE


async def test_what_is_changed_long_after_it_was_said_is_shown_on_the_page_with_its_last_words(tmp_path: Path) -> None:
    async def head() -> Drawn:
        return Drawn("head", Markup())

    with ScriptedModels([Stalls(Says("never")), Says("heard")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await begun(home, models)
            more = [await threads.send(home, sent.thread, text) for text in ("first words", "to be taken back")]
            one, back = await line.listed(home, sent.thread)
            await home.store.log.append(sent.thread, *[ThreadSet(pinned=True)] * WINDOW)
            stream = of_thread(home, Pulse(home), Sheet(sent.thread), home.store.log.cursor(), head, head)
            async with asyncio.timeout(PATIENCE), aclosing(stream):
                await anext(stream)
                await line.change(home, sent.thread, one.id, "last words")
                await line.withdraw(home, sent.thread, back.id)
                await threads.stop(home, sent.thread)
                drawn = b""
                while f'"id":"m-{one.id}"'.encode() not in drawn:
                    drawn += await anext(stream)
            assert drawn.count(b"last words") == 3, "in line (twice: what it says and its field), then as what was said"
            assert b"first words" not in drawn
            await ended(home, more[0])
            (first, *_) = await threads.tail(home, sent.thread, WINDOW)
            older = bytes((await pages.older(home, sent.thread, first.cursor)).body).decode()
            assert [words in older for words in ("last words", "first words", "taken back")] == [True, False, False]


def until_in_line(machine: Machine, thread: str, *texts: str) -> list[dict[str, Any]]:
    """Waits until these wait there, and no others."""
    until = time.monotonic() + 20
    waits: list[dict[str, Any]] | None = None
    while waits is None or [one["text"] for one in waits] != [*texts]:
        assert time.monotonic() < until, waits
        time.sleep(0.05)
        waits = ask(machine, "GET", f"/v1/threads/{thread}/line")
    return waits


def test_who_follows_in_a_terminal_is_told_that_it_was_taken_back(tmp_path: Path) -> None:
    with ScriptedModels([Stalls(Says("never"))]) as models, a_machine(tmp_path, models.variables) as machine:
        thread = machine.ok("run", "begin", "--model", CHAT, "--no-wait").strip()
        with machine.under_way("send", thread, "later") as following:
            waits = until_in_line(machine, thread, "later")
            ask(machine, "POST", f"/v1/threads/{thread}/line/{waits[0]['id']}/withdraw")
            told, wrong = following.communicate(timeout=20)
        assert (following.returncode, wrong) == (5, "")
        assert "Taken back before it began" in told


def test_at_the_command_line_what_waits_is_listed_changed_and_taken_back_until_it_has_begun(tmp_path: Path) -> None:
    with ScriptedModels([Stalls(Says("never"))]) as models, a_machine(tmp_path, models.variables) as machine:
        thread = machine.ok("run", "begin", "--model", CHAT, "--no-wait").strip()
        until_in_line(machine, thread)
        assert "begun, or was taken back" in refused(machine.run("line", thread, "--withdraw"))
        for text in ("secondly", "thirdly"):
            machine.ok("send", thread, text, "--no-wait")
        second, third = machine.json("line", thread)
        assert f"{second['id'][-6:]}  secondly" in machine.ok("line")
        assert third["id"][-6:] in refused(machine.run("line", thread, "--withdraw"))
        machine.ok("line", thread, "--message", second["id"][-6:], "--change", "secondly,", "better")
        assert "thirdly" in machine.ok("line", thread, "--message", third["id"], "--withdraw")
        assert [one["text"] for one in machine.json("line")[thread]] == ["secondly, better"]
        machine.ok("line", thread, "--withdraw")
        assert "Nothing waits in line." in machine.ok("line", thread)
        assert "which thread" in refused(machine.run("line", "--withdraw"))


async def test_a_page_made_while_a_turn_begins_is_not_older_than_what_its_stream_goes_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tail = threads.tail
    with ScriptedModels([Stalls(Says("never"))]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:

            async def once_it_has_begun(*of: Any) -> Any:
                await asked_of(models)
                return await tail(*of)

            monkeypatch.setattr(threads, "tail", once_it_has_begun)
            sent = await threads.start(home, "begin", project=None, model=CHAT)
            page = await pages.one(home, sent.thread)
    assert 'data-state="running"' in bytes(page.body).decode()
