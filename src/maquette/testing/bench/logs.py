"""The event log: how fast it takes what happens, and how fast it gives back much."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from maquette.domain.events import CallFinished, Event, MessageSent, ThreadStarted, TurnFinished, TurnQueued
from maquette.domain.ids import new_id
from maquette.domain.threads import Mode, Outcome
from maquette.store.copies import NAME as LOG
from maquette.store.log import Log
from maquette.testing.bench import plays
from maquette.testing.bench.bases import Base
from maquette.testing.bench.rig import Measure, Rig
from maquette.testing.bench.rows import Row

THREADS, ENTRIES, PAGE = 1_000, 100_000, 100
ALONE, WRITERS, GROUP, GROUPS = 2_000, 8, 250, 10

SINGLY = Row("event log, appends one by one", "1/s", ">= 3000")
CEILING = Row("event log, bare SQLite commits one by one: the disk's ceiling", "1/s")
SHARE = Row("event log, appends one by one, of that ceiling", "%")
GROUPED = Row("event log, events appended in groups", "1/s", ">= 50000")
LISTED = Row("1,000 threads listed", "ms", "< 200")
PAGED = Row("a page beside 1,000 threads, as HTML", "ms", "< 200")
OPENED = Row("a 100k-event thread's last page", "ms", "< 500")


def _appends(rig: Rig) -> None:
    for number in range(rig.rounds):
        with _log(rig.folder / f"log-{number}") as log:
            most, ours = _bare(rig.folder / f"bare-{number}.db"), asyncio.run(_singly(log))
            rig.add(SINGLY, None, ours)
            rig.add(CEILING, None, most)
            rig.add(SHARE, None, 100 * ours / most)
            rig.add(GROUPED, None, asyncio.run(_grouped(log)))


def _bare(where: Path) -> float:
    """The same words into one table that has nothing else, with nobody between: what is left is the disk's."""
    rows = [(_finished("turn", number).model_dump_json(),) for number in range(ALONE)]
    with closing(sqlite3.connect(where, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute("CREATE TABLE entries (cursor INTEGER PRIMARY KEY, event TEXT NOT NULL)")
        began = time.monotonic()
        for row in rows:
            conn.execute("BEGIN IMMEDIATE")
            conn.execute("INSERT INTO entries (event) VALUES (?)", row)
            conn.execute("COMMIT")
        return ALONE / (time.monotonic() - began)


async def _singly(log: Log) -> float:
    """Each on disk before the next is begun."""
    thread, turn = new_id("thread"), new_id("turn")
    calls = [_finished(turn, number) for number in range(ALONE)]
    began = time.monotonic()
    for call in calls:
        await log.append(thread, call)
    return ALONE / (time.monotonic() - began)


async def _grouped(log: Log) -> float:
    """Eight who write at once, a few hundred events in each append."""
    groups = [[_finished(new_id("turn"), number) for number in range(GROUP)] for _ in range(WRITERS * GROUPS)]

    async def write(own: Sequence[Sequence[Event]]) -> None:
        thread = new_id("thread")
        for group in own:
            await log.append(thread, *group)

    began = time.monotonic()
    await asyncio.gather(*(write(groups[n::WRITERS]) for n in range(WRITERS)))
    return WRITERS * GROUPS * GROUP / (time.monotonic() - began)


@contextmanager
def old(rig: Rig) -> Generator[tuple[Base, str, int]]:
    """A base that has grown old: its log is written while it is down. Also its long thread, and the cursor of what lies
    before that's last page.
    """
    base = Base(rig.folder / f"old-{rig.name()}", rig.models.variables)
    base.folder.mkdir()
    with base:
        base.done(plays.words(rig.name(), "steps", 0))
        desk = base.link.get("/projects")[0]["id"]
    with _log(base.state / LOG) as log:
        long = [_thread(log, desk) for _ in range(THREADS)][-1]
        for first in range(0, ENTRIES, GROUP):
            log.append_now(long, *(_finished("turn", first + n) for n in range(GROUP)), durable=False)
        before_last = log.cursor() - PAGE
    with base:
        yield base, long, before_last


def _reads(rig: Rig) -> None:
    with old(rig) as (base, long, before_last):
        for _ in range(rig.rounds):
            took, listed = _timed(base, "/threads", limit=THREADS)
            assert len(listed) == THREADS
            rig.add(LISTED, base, took)
            began = time.monotonic()
            assert b"words of a thread" in base.page("/")
            rig.add(PAGED, base, 1000 * (time.monotonic() - began))
            took, page = _timed(base, f"/threads/{long}/entries", after=before_last)
            assert len(page["entries"]) == PAGE
            rig.add(OPENED, base, took)


def _timed(base: Base, path: str, **query: object) -> tuple[float, Any]:
    began = time.monotonic()
    answer = base.link.get(path, **query)
    return 1000 * (time.monotonic() - began), answer


def _thread(log: Log, project: str) -> str:
    thread, turn = new_id("thread"), new_id("turn")
    log.append_now(
        thread,
        ThreadStarted(project=project, title="words of a thread", mode=Mode.LOCAL, model="openai-chat:scripted"),
        MessageSent(id=new_id("message"), turn=turn, text="words"),
        TurnQueued(turn=turn, run=new_id("run")),
        TurnFinished(turn=turn, outcome=Outcome.DONE),
        durable=False,
    )
    return thread


def _finished(turn: str, number: int) -> CallFinished:
    return CallFinished(turn=turn, call=f"call_{turn}_{number}", name="shell", status="ok", text="[exit 0]")


@contextmanager
def _log(where: Path) -> Generator[Log]:
    log = Log.open(where)
    try:
        yield log
    finally:
        log.close()


MEASURES = (Measure([SINGLY, CEILING, SHARE, GROUPED], _appends), Measure([LISTED, PAGED, OPENED], _reads))
