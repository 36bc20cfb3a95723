"""The log: what is acknowledged is there, whole, in order, once."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from sqlalchemy import Connection, text

from maquette.domain.errors import Bug, Fenced, Refused, Unavailable, Unwritable
from maquette.domain.events import AnswerGiven, CallFinished, Entry, Event, MessageSent, StopAsked, TurnQueued
from maquette.domain.messages import Call, FromModel, Image, Text, Usage
from maquette.store import Conflict, Log, writer

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "state.db"


@pytest.fixture
def log(place: Path | str) -> Iterator[Log]:
    log = Log.open(place)
    yield log
    log.close()


def said(id: str, words: str = "hello") -> MessageSent:
    return MessageSent(id=id, turn="turn_1", text=words)


class Free(NamedTuple):
    free: int


def stop() -> StopAsked:
    """An event that may happen any number of times."""
    return StopAsked(turn="turn_1")


async def test_entries_come_back_as_they_were_appended_in_order(log: Log) -> None:
    image = Image(media_type="image/png", data=b"iVBORw0KGgo=")
    events: list[Event] = [
        MessageSent(id="m1", turn="turn_1", text="ein “schöner” Gruß\x00\n", images=(image,)),
        TurnQueued(turn="turn_1", run="run_1"),
    ]
    entries = await log.append("a", *events)
    entries += await log.append("b", said("m1"))
    entries += await log.append("a", said("m2"))
    assert [(e.cursor, e.stream, e.position) for e in entries] == [(1, "a", 1), (2, "a", 2), (3, "b", 1), (4, "a", 3)]
    assert [e.event for e in entries[:2]] == events
    assert log.read("a") == [entries[0], entries[1], entries[3]]
    assert log.read_all() == entries
    assert log.cursor() == 4


async def test_halves_of_characters_are_kept_as_what_can_be_read(log: Log) -> None:
    call = Call(id="c\udcff", name="x", arguments="", details={"k\ud83e": ["\ud83e\udd8a", 1, None]})
    answer = FromModel(parts=(Text(text="fox \ud83e\udd8a, half \ud83e"), call))
    given = AnswerGiven(turn="t", step=1, seen=0, model="m", answer=answer, usage=Usage(price=Decimal("0.1")))
    entries = await log.append("a", said("m1", "\udcff.txt"), given)
    assert log.read("a") == entries
    message, told = (entry.event for entry in entries)
    assert message == said("m1", "\ufffd.txt")
    assert isinstance(told, AnswerGiven)
    assert told.answer.text == "fox 🦊, half \ufffd"
    assert told.answer.calls[0].details == {"k\ufffd": ["🦊", 1, None]}
    assert told.usage == given.usage


async def test_reading_starts_after_a_position_and_ends_at_a_limit(log: Log) -> None:
    entries = await log.append("a", *[stop() for _ in range(10)])
    assert log.read("a", after=7) == entries[7:]
    assert log.read("a", after=2, limit=3) == entries[2:5]
    assert log.read_all(after=8) == entries[8:]
    assert log.read("nothing") == []
    assert (log.last("a"), log.last("nothing")) == (10, 0)
    await log.append("b", stop())
    await log.append("a", stop())
    assert (log.place("a", 11), log.place("a", 12), log.place("b", 10)) == (10, 11, 0)


async def test_an_append_is_refused_whole_when_the_stream_moved_on(log: Log) -> None:
    await log.append("a", said("m1"), expected=0)
    with pytest.raises(Conflict, match="moved on to 1") as caught:
        await log.append("a", said("m2"), said("m3"), expected=0)
    assert (caught.value.last, caught.value.once, caught.value.code) == (1, None, "conflict")
    assert log.last("a") == 1


async def test_what_may_happen_once_is_refused_the_second_time_with_all_beside_it(log: Log) -> None:
    await log.append("a", said("m1"))
    for events in ([stop(), said("m1")], [said("m2"), said("m3"), said("m2")]):
        with pytest.raises(Conflict) as caught:
            await log.append("a", *events)
        assert caught.value.once in ("message:m1", "message:m2")
        assert (caught.value.once or "") in str(caught.value)
    assert log.last("a") == 1
    await log.append("b", said("m1"))


async def test_a_claim_fences_out_who_wrote_before(log: Log) -> None:
    first = await log.claim("a")
    await log.append("a", stop(), epoch=first)
    second = await log.claim("a")
    assert second == first + 1
    with pytest.raises(Fenced):
        await log.append("a", stop(), epoch=first)
    await log.append("a", stop(), epoch=second)
    await log.append("a", stop())
    await log.append("b", stop(), epoch=first)
    assert log.last("a") == 3


async def test_fences_and_positions_outlast_a_restart(place: Path | str) -> None:
    log = Log.open(place)
    epoch = await log.claim("a")
    await log.append("a", said("m1"))
    log.close()
    log = Log.open(place)
    try:
        assert await log.claim("a") == epoch + 1
        assert [e.position for e in await log.append("a", said("m2"), expected=1)] == [2]
        with pytest.raises(Conflict):
            await log.append("a", said("m1"))
    finally:
        log.close()


async def test_a_hundred_who_append_at_once_get_each_their_own_place(log: Log) -> None:
    async def worker(number: int) -> list[int]:
        places: list[int] = []
        for turn in range(10):
            entries = await log.append(f"s{number % 7}", said(f"{number}.{turn}"), stop())
            assert entries[1].position == entries[0].position + 1
            places += [entry.cursor for entry in entries]
        return places

    cursors = [cursor for places in await asyncio.gather(*map(worker, range(100))) for cursor in places]
    assert sorted(cursors) == list(range(1, 2001))
    for number in range(7):
        entries = log.read(f"s{number}")
        assert [e.position for e in entries] == list(range(1, len(entries) + 1))


async def test_of_many_at_once_only_those_at_fault_are_refused(log: Log) -> None:
    await log.append("a", said("old"))
    tries = [log.append("a", said(f"m{n}" if n % 5 else "old")) for n in range(50)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Conflict)] == list(range(0, 50, 5))
    assert log.last("a") == 41


async def test_of_many_with_the_same_expectation_one_wins(log: Log) -> None:
    outcomes = await asyncio.gather(*[log.append("a", stop(), expected=0) for _ in range(20)], return_exceptions=True)
    assert sum(isinstance(outcome, list) for outcome in outcomes) == 1
    assert log.last("a") == 1


async def test_a_cancelled_append_is_kept_and_the_cancellation_goes_on(log: Log) -> None:
    task = asyncio.create_task(log.append("a", said("m1")))
    await asyncio.sleep(0)  # it has handed its work in, and waits
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [entry.event for entry in log.read("a")] == [said("m1")]


async def test_an_append_cancelled_again_and_again_still_ends_only_when_it_is_known(log: Log) -> None:
    tasks = [asyncio.create_task(log.append("a", said(f"m{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    for _ in range(3):
        for task in tasks:
            task.cancel()
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert log.last("a") == 20
    assert all(isinstance(outcome, asyncio.CancelledError | list) for outcome in outcomes)


async def test_an_event_that_cannot_be_stored_is_refused_alone(log: Log) -> None:
    answer = AnswerGiven(turn="u", step=1, seen=0, model="m", answer=FromModel(parts=()), usage=Usage(input=10**30))
    tries = [log.append("a", said(f"m{n}")) for n in range(10)]
    outcomes = await asyncio.gather(*tries[:5], log.append("b", answer), *tries[5:], return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Bug)] == [5]
    assert (log.last("a"), log.last("b")) == (10, 0)


async def test_a_listener_that_fails_does_not_stop_the_log(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[int] = []

    def listen(entries: list[Entry]) -> None:
        heard.append(len(entries))
        raise RuntimeError("deaf")

    log.listen(listen)
    assert len(await log.append("a", stop())) == len(await log.append("a", stop())) == 1
    assert heard == [1, 1]
    assert "deaf" in caplog.text


def test_maintenance_is_all_or_nothing_too(log: Log) -> None:
    def half(conn: Connection) -> None:
        conn.execute(text("INSERT INTO fences VALUES ('a', 7)"))
        raise Refused("No more.", code="no-more")

    with pytest.raises(Refused, match="No more") as caught:
        log.maintain(half)
    assert caught.value.code == "no-more"
    assert len(log.append_now("a", stop(), epoch=0)) == 1


async def test_appending_blocks_where_there_is_no_loop(log: Log) -> None:
    entries = await asyncio.to_thread(log.append_now, "a", said("m1"), expected=0)
    assert log.read("a") == entries
    with pytest.raises(Conflict):
        log.append_now("a", said("m1"))


async def test_a_closed_log_takes_nothing_more(log: Log) -> None:
    task = asyncio.create_task(log.append("a", said("m1")))
    await asyncio.sleep(0)
    log.close()
    assert len(await task) == 1
    with pytest.raises(Unavailable):
        await log.append("a", said("m2"))


async def test_a_call_has_one_result(log: Log) -> None:
    finished = CallFinished(turn="turn_1", call="call_1", name="shell", status="ok", text="")
    await log.append("a", finished)
    with pytest.raises(Conflict) as caught:
        await log.append("a", finished.model_copy(update={"status": "error"}))
    assert caught.value.once == "result:call_1"


def test_the_file_is_readable_by_its_owner_alone(path: Path) -> None:
    log = Log.open(path)
    log.append_now("a", stop())
    files = list(path.parent.iterdir())
    assert {file.name for file in files} >= {"state.db", "state.db-wal"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    log.close()


def test_a_file_left_open_to_others_is_closed_to_them(path: Path) -> None:
    Log.open(path).close()
    path.chmod(0o644)
    Log.open(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_full_disk_is_said_and_loses_nothing(path: Path) -> None:
    log = Log.open(path)
    kept = await log.append("a", said("m1"))

    def limit(pages: int) -> None:
        log.maintain(lambda conn: conn.execute(text(f"PRAGMA max_page_count = {pages}")))

    limit(1)  # SQLite takes it for “as large as it is now”
    with pytest.raises(Unwritable) as caught:
        await log.append("a", said("m2", "x" * 1_000_000))
    assert caught.value.code == "disk-full"
    assert log.read("a") == kept
    limit(1_000_000)
    assert [entry.position for entry in await log.append("a", said("m2"))] == [2]
    log.close()


async def test_f5_what_can_not_be_written_is_tried_again_until_it_can(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F5, F7: without anybody's writing; who waits for it is told, and nothing ends meanwhile."""
    monkeypatch.setattr(writer, "AGAIN", 0.01)
    log = Log.open(path)
    tries: list[str] = []
    passed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stands(why: str) -> None:
        if not why:
            loop.call_soon_threadsafe(passed.set)

    log.standing.listen(stands)

    def usage(_folder: Path) -> Free:
        tries.append("")
        return Free(0 if len(tries) < 5 else 1 << 30)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    log.standing.halt(Unwritable("The disk is full.", code="disk-full"))
    with pytest.raises(Unwritable):
        await log.append("a", said("m1"))
    async with asyncio.timeout(20):
        await passed.wait()
        assert len(await log.standing.lasting(lambda: log.append("a", said("m1")))) == 1
    assert log.standing.why == ""
    assert len(tries) == 5
    log.close()


def test_who_still_reads_as_a_log_is_closed_or_begins_after_leaves_no_connection_open(place: Path | str) -> None:
    log = Log.open(place)
    with log.reading() as during:
        held = [during.connection.driver_connection]
        log.close()
    with log.reading() as after:
        held.append(after.connection.driver_connection)
    for raw in held:
        assert raw is not None
        with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
            raw.cursor().execute("SELECT 1")
