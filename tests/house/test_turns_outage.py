"""A provider that doesn't answer: all threads leave it alone together, and go on by themselves when it is back."""

from __future__ import annotations

import asyncio
import functools
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from house.homes import a_home, asked_of, events, rest, said, until
from maquette.actions import models as wires
from maquette.actions import threads
from maquette.actions.home import Home
from maquette.domain.events import AnswerFailed, Entry, TurnFinished
from maquette.domain.threads import Outcome
from maquette.providers.wires import breaker
from maquette.providers.wires.endpoint import Patience
from maquette.testing.models import Asked, Fails, Garbles, Says, ScriptedModels, Slow, Turn
from maquette.turn import retries

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
CHAT, OTHER = "openai-chat:scripted", "openai:scripted"
WIRES = pytest.mark.parametrize(
    "model", [CHAT, *(pytest.param(model, marks=pytest.mark.prove) for model in (OTHER, "anthropic:scripted"))]
)


def silent(home: Home, model: str) -> str:
    return next(wire.silent for wire in wires.listed(home) if wire.wire == model.partition(":")[0])


def while_down(down: asyncio.Event) -> Callable[[Asked], Turn]:
    return lambda _: Fails(503, "Down.") if down.is_set() else Says("back")


async def follower_hears(home: Home, thread: str, words: str) -> None:
    async with asyncio.timeout(20):
        async for item in home.store.feed.follow(stream=thread):
            if isinstance(item, Entry) and isinstance(item.event, AnswerFailed) and words in item.event.reason:
                return


async def test_f8_threads_wait_out_an_outage_together_and_go_on_when_it_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST", 0.05)
    monkeypatch.setattr(breaker, "FIRST", 1.0)
    monkeypatch.setattr(breaker, "CAP", 1.0)
    monkeypatch.setattr(breaker, "MEANWHILE", 0.1)
    down = asyncio.Event()
    down.set()
    with ScriptedModels(while_down(down)) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            assert silent(home, CHAT) == ""
            began = [await threads.start(home, f"go {n}", project=None, model=CHAT) for n in range(6)]
            wire = CHAT.partition(":")[0]
            async with asyncio.timeout(20):
                while not (told := silent(home, CHAT)):  # noqa: ASYNC110 - it is in no log
                    await asyncio.sleep(0.01)
            assert told.startswith(f"{wire}: not answering since ")
            assert told.endswith(("tried again in 1 s", "being tried again now"))
            assert len(models.requests) <= breaker.MANY + len(began)
            for sent in began:
                await follower_hears(home, sent.thread, f"{wire}: not answering since")
            asked = len(models.requests)
            await asked_of(models, asked + 2)
            first, second = (request.arrived for request in list(models.requests)[asked : asked + 2])
            assert second - first > 0.9, "one tries each second, not all six"
            down.clear()
            for sent in began:
                assert await rest(home, sent) == TurnFinished(turn=sent.turn, outcome=Outcome.DONE)
                assert said(home, sent.thread) == "back"
            assert silent(home, CHAT) == ""


async def test_f8_an_outage_of_one_provider_is_none_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST", 0.01)
    with ScriptedModels({"down": [Garbles()] * 99, "up": [Says("here")]}) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "down", project=None, model=CHAT)
            async with asyncio.timeout(20):
                while not silent(home, CHAT):  # noqa: ASYNC110 - it is in no log
                    await asyncio.sleep(0.01)
            other = await threads.start(home, "up", project=None, model=OTHER)
            await rest(home, other)
            assert said(home, other.thread) == "here"
            await threads.stop(home, sent.thread)
            await rest(home, sent)


async def _stopped_within_a_second(home: Home, sent: threads.Sent) -> None:
    began = time.monotonic()
    await threads.stop(home, sent.thread)
    ended = await rest(home, sent)
    assert time.monotonic() - began < 1
    assert isinstance(ended, TurnFinished)
    assert ended.outcome is Outcome.STOPPED


@pytest.mark.parametrize("engine", [pytest.param("inline", marks=pytest.mark.prove), "dbos"])
async def test_f8_stop_works_within_a_second_while_an_outage_is_waited_out(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST", 0.01)
    with ScriptedModels([Fails(503)] * 99) as models:
        async with a_home(tmp_path / "state", models.variables, engine) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            async with asyncio.timeout(20):
                while not silent(home, CHAT):  # noqa: ASYNC110 - it is in no log
                    await asyncio.sleep(0.01)
            await _stopped_within_a_second(home, sent)


async def test_f8_stop_works_within_a_second_while_a_connection_is_not_taken_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, socket.socket() as first:
        first.connect(deaf.getsockname())
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}/v1"
        async with a_home(tmp_path / "state", {"OPENAI_BASE_URL": address}) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            await asyncio.sleep(0.5)  # it is connecting; nothing tells of that
            await _stopped_within_a_second(home, sent)


async def test_f8_an_outage_that_does_not_end_fails_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST", 0.01)
    monkeypatch.setattr(retries, "PATIENCE", 0.5)
    with ScriptedModels([Fails(500, "Down.")] * 99) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.FAILED
            for words in ("not answering since", "Down.", "`maquette resume`", "`maquette set --model`"):
                assert words in ended.reason
            assert events(home, sent.thread, AnswerFailed)[-1].wait is None


@WIRES
async def test_f8_a_wrong_address_fails_the_turn_at_the_first_try(tmp_path: Path, model: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://me:canary@127.0.0.1:{free.getsockname()[1]}/v1"
        variables = {"OPENAI_BASE_URL": address, "ANTHROPIC_BASE_URL": address}
        async with a_home(tmp_path / "state", variables) as home:
            sent = await threads.start(home, "go", project=None, model=model)
            ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.FAILED
            assert "_BASE_URL leads to http://127.0.0.1:" in ended.reason
            assert "nothing listens there" in ended.reason
            assert not events(home, sent.thread, AnswerFailed)
            assert "canary" not in "".join(entry.model_dump_json() for entry in home.store.log.read(sent.thread))


async def test_f8_what_a_busy_provider_asks_for_is_what_is_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "BOUND", 1.2)
    with ScriptedModels([Fails(429, retry_after=1), Fails(429, retry_after=3600), Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            assert await rest(home, sent) == TurnFinished(turn=sent.turn, outcome=Outcome.DONE)
            first, second = (failed.wait for failed in events(home, sent.thread, AnswerFailed))
            assert first is not None
            assert second is not None
            assert 1 <= first <= 1.1
            assert 1.2 <= second <= 1.32
            moments = [asked.arrived for asked in models.requests]
            assert moments[1] - moments[0] >= 1
            assert moments[2] - moments[1] >= 1.2
            assert silent(home, CHAT) == ""


async def test_f8_a_first_byte_that_does_not_come_is_tried_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Patience, "__init__", functools.partialmethod(Patience.__init__, first_byte=0.3))
    monkeypatch.setattr(retries, "FIRST", 0.01)
    with ScriptedModels([Slow(30, Says("")), Says("done")]) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            sent = await threads.start(home, "go", project=None, model=CHAT)
            failed = await until(home, sent.thread, AnswerFailed, after=sent.cursor)
            assert "in time" in failed.model_dump_json()
            assert await rest(home, sent) == TurnFinished(turn=sent.turn, outcome=Outcome.DONE)
