"""The Postgres server that keeps the log goes away, in the middle of a commit and for longer than anyone waits."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event, text

from house.homes import PATIENCE, a_home, asked_of, events, rest
from maquette.actions import threads
from maquette.domain.errors import Unavailable
from maquette.domain.events import AnswerGiven, Event, TurnFinished
from maquette.domain.threads import Outcome
from maquette.store import dialects, rebuild
from maquette.store.dialects import postgres
from maquette.store.workers import Workers
from maquette.testing.models import Says, ScriptedModels, Stalls
from maquette.testing.servers import Server

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
CHAT = "openai-chat:scripted"
GIVEN = text("SELECT count(*) FROM entries WHERE strpos(event, 'answer.given') > 0")


@contextmanager
def dying_with_an_answer(server: Server) -> Generator[threading.Event]:
    """The server commits the first answer, and is gone before it can say so; set once it is."""
    gone = threading.Event()

    def die(conn: Connection) -> None:
        writes = threading.current_thread().name == "maquette-writer"
        if writes and not gone.is_set() and conn.scalar(GIVEN):
            raw = conn.connection.driver_connection
            assert raw is not None
            raw.commit()
            raw.close()
            server.kill()
            gone.set()

    event.listen(Engine, "commit", die)
    try:
        yield gone
    finally:
        event.remove(Engine, "commit", die)


async def test_a_server_gone_in_the_middle_of_a_commit_costs_no_turn_and_no_answer(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "PATIENCE", 0.1)
    database = {"MAQUETTE_DATABASE": server.database()}
    with ScriptedModels(lambda _: Says("all of it")) as models, dying_with_an_answer(server) as gone:
        async with a_home(tmp_path / "state", models.variables | database) as home:
            sent = await threads.start(home, "talk", project=None, model=CHAT)
            assert await asyncio.to_thread(gone.wait, PATIENCE)
            async with asyncio.timeout(PATIENCE):
                while not home.store.log.standing.why:  # noqa: ASYNC110 - who has no server is told by nobody
                    await asyncio.sleep(0.01)
            await asyncio.to_thread(server.start)
            ended: Event | None = None
            async with asyncio.timeout(PATIENCE):
                while ended is None:
                    with suppress(Unavailable):
                        ended = await rest(home, sent)
            assert isinstance(ended, TurnFinished)
            assert ended.outcome is Outcome.DONE
            assert len(events(home, sent.thread, AnswerGiven)) == 1
            assert len(models.requests) == 1


async def test_a_worker_whose_transactions_the_server_ends_in_their_middle_ends_each_turn_once(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it does with what a starved one leaves alone: commits of the log, and of who works on what."""
    address, commits, holds = server.database(), count(1), count(1)
    taking, within = dialects.take_turn, Workers._transaction  # pyright: ignore[reportPrivateUsage]

    def end(conn: Connection) -> None:
        raw: Any = conn.connection.driver_connection
        with psycopg.connect(address, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 10_000)", (raw.info.backend_pid,))

    def take_turn(conn: Connection, durable: bool) -> None:
        taking(conn, durable)
        if next(commits) % 5 == 0:
            end(conn)

    @contextmanager
    def transaction(workers: Workers, *, durable: bool = False) -> Generator[Connection]:
        with within(workers, durable=durable) as conn:
            yield conn
            if next(holds) in (2, 4):
                end(conn)

    monkeypatch.setattr(dialects, "take_turn", take_turn)
    monkeypatch.setattr(Workers, "_transaction", transaction)
    with ScriptedModels(lambda _: Says("all of it")) as models:
        async with a_home(tmp_path / "state", models.variables | {"MAQUETTE_DATABASE": address}) as home:
            sent = [await threads.start(home, f"talk {n}", project=None, model=CHAT) for n in range(3)]
            for one in sent:
                ended = await rest(home, one, patience=60)
                assert isinstance(ended, TurnFinished)
                assert ended.outcome is Outcome.DONE
                assert len(events(home, one.thread, AnswerGiven)) == 1
            assert len(models.requests) == 3
            assert await asyncio.to_thread(rebuild, home.store) == []
    assert next(commits) > 10
    assert next(holds) > 5


async def longest_pause(until: asyncio.Event) -> float:
    """Of everything that goes on in this loop, in seconds."""
    longest = 0.0
    while not until.is_set():
        before = time.monotonic()
        await asyncio.sleep(0.01)
        longest = max(longest, time.monotonic() - before)
    return longest


async def test_a_base_without_its_server_answers_and_goes_down_when_it_is_told_to(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "PATIENCE", 0.5)
    database, down = {"MAQUETTE_DATABASE": server.database()}, asyncio.Event()
    with ScriptedModels(lambda _: Stalls(Says("I was just going to say"), after=3)) as models:
        try:
            async with a_home(tmp_path / "state", models.variables | database) as home:
                for number in range(4):
                    await threads.start(home, f"talk {number}", project=None, model=CHAT)
                await asked_of(models, 4)
                await asyncio.to_thread(server.kill)
                pause = asyncio.create_task(longest_pause(down))
        finally:
            down.set()
            await asyncio.to_thread(server.start)
    assert await pause < 2
