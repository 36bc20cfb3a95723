"""The log: streams of events, in the order in which they happened. The truth."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic_core import PydanticSerializationError
from sqlalchemy import Connection, Select, func, select

from maquette.domain.characters import legible
from maquette.domain.errors import Refused
from maquette.domain.events import EVENT, Entry, Event
from maquette.store import dialects, migrations, projections, soundness
from maquette.store.collecting import collecting_later
from maquette.store.moments import moment
from maquette.store.schema import ENTRIES
from maquette.store.standing import Standing
from maquette.store.writer import Append, Chore, Claim, Conflict, Shut, Work, Writer

__all__ = ["Conflict", "Log"]

T = TypeVar("T")

_ALL = select(ENTRIES.c.cursor, ENTRIES.c.stream, ENTRIES.c.position, ENTRIES.c.at, ENTRIES.c.event)


class Log:
    """Appends are all or none, and in one order. Reads see what was committed before they began."""

    def __init__(
        self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC), damage: Refused | None = None
    ) -> None:
        """Of a file that is ready; `open` makes it so. One with `damage` is only read."""
        self.path = path
        self.standing = Standing(path.parent, damage)
        self._listeners: list[Callable[[list[Entry]], None]] = []
        self._reading = dialects.reading_engine(path)
        self._writing = dialects.writing_engine(path)
        self._writer = (
            Shut(damage) if damage else Writer(self._writing, projections.apply, self._tell, self.standing, clock)
        )

    @classmethod
    def open(cls, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Log:
        """Makes or migrates the file at `path` (0600; its folder 0700 when made here).

        A damaged one is only read. Refused: `newer-state`, `state-read-only`; `corrupt-state` where nothing of it can
        be read. Unwritable: locked by another program.
        """
        with dialects.troubles():
            dialects.make_file(path)
            if damage := soundness.damage(path):
                log = cls(path, clock, damage)
                with log.reading() as conn:
                    conn.execute(_ALL.limit(1))
                return log
            migrations.migrate(path)
            return cls(path, clock)

    async def append(
        self, stream: str, *events: Event, expected: int | None = None, epoch: int | None = None, durable: bool = True
    ) -> list[Entry]:
        """All of `events` at the end of `stream`, or none; on disk when this returns, unless `durable` is False.

        Raises Conflict when the stream's last position isn't `expected` or a `once` key is there already; Fenced
        when `epoch` was overtaken by a claim. A cancellation is kept back until it is known how this ended.
        """
        loop, settled = asyncio.get_running_loop(), asyncio.Event()
        return await self._wait(_append(loop, settled, stream, events, expected, epoch, durable), settled)

    def append_now(
        self, stream: str, *events: Event, expected: int | None = None, epoch: int | None = None, durable: bool = True
    ) -> list[Entry]:
        """The same, blocking."""
        return self._block(_append(None, threading.Event(), stream, events, expected, epoch, durable))

    async def claim(self, stream: str) -> int:
        """Fences out whoever wrote to `stream` with an epoch so far; the new epoch, durably."""
        settled = asyncio.Event()
        return await self._wait(Claim(asyncio.get_running_loop(), settled, stream=stream), settled)

    def maintain(self, do: Callable[[Connection], T]) -> T:
        """Runs `do` on the writing connection, in a transaction of its own, between appends. Blocks."""
        return self._block(Chore(None, threading.Event(), do=do))

    def read(self, stream: str, after: int = 0, limit: int | None = None) -> list[Entry]:
        """Entries of `stream` with a position above `after`, in order. Blocks: use a thread where there are many."""
        chosen = _ALL.where(ENTRIES.c.stream == stream, ENTRIES.c.position > after)
        return self._entries(chosen.order_by(ENTRIES.c.position).limit(limit))

    def read_all(self, after: int = 0, limit: int | None = 1000) -> list[Entry]:
        """Entries of every stream with a cursor above `after`, in order. Blocks."""
        return self._entries(_ALL.where(ENTRIES.c.cursor > after).order_by(ENTRIES.c.cursor).limit(limit))

    def cursor(self) -> int:
        """Of the last entry of all; 0 when there is none."""
        with self.reading() as conn:
            return conn.scalar(select(func.max(ENTRIES.c.cursor))) or 0

    def last(self, stream: str) -> int:
        """The position of the last entry of `stream`; 0 when there is none."""
        with self.reading() as conn:
            return conn.scalar(select(func.max(ENTRIES.c.position)).where(ENTRIES.c.stream == stream)) or 0

    def place(self, stream: str, cursor: int) -> int:
        """The position of the last entry of `stream` at or before `cursor`; 0 when there is none."""
        chosen = select(ENTRIES.c.position).where(ENTRIES.c.stream == stream, ENTRIES.c.cursor <= cursor)
        with self.reading() as conn:
            return conn.scalar(chosen.order_by(ENTRIES.c.position.desc()).limit(1)) or 0

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A connection that can't write; all it reads is of one moment."""
        with dialects.troubles(), self._reading.connect() as conn:
            yield conn

    def listen(self, listener: Callable[[list[Entry]], None]) -> None:
        """Called in the writer's thread after each commit, before those who appended are told. Must be quick."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Writes what was handed in, then lets go of the file. Readers first: the writer must be the last to leave."""
        self._reading.dispose()
        self._writer.close()
        self._writing.dispose()

    def _tell(self, entries: list[Entry]) -> None:
        for listener in self._listeners:
            listener(entries)

    async def _wait(self, work: Append | Claim, settled: asyncio.Event) -> Any:
        self._writer.put(work)
        cancelled: asyncio.CancelledError | None = None
        while not settled.is_set():
            try:
                await settled.wait()
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled
        return _outcome(work)

    def _block(self, work: Append | Claim | Chore) -> Any:
        self._writer.put(work)
        assert isinstance(work.settled, threading.Event)
        work.settled.wait()
        return _outcome(work)

    def _entries(self, chosen: Select[Any, Any, Any, Any, Any]) -> list[Entry]:
        with self.reading() as conn, collecting_later():
            return [_entry(*row) for row in conn.execute(chosen)]


def pages(conn: Connection, size: int = 2_000) -> Iterator[list[Entry]]:
    """The whole log, in order, as `conn` sees it."""
    chosen = _ALL.order_by(ENTRIES.c.cursor).limit(size)
    after = 0
    while page := [_entry(*row) for row in conn.execute(chosen.where(ENTRIES.c.cursor > after))]:
        yield page
        after = page[-1].cursor


def _append(
    loop: asyncio.AbstractEventLoop | None,
    settled: asyncio.Event | threading.Event,
    stream: str,
    events: Sequence[Event],
    expected: int | None,
    epoch: int | None,
    durable: bool,
) -> Append:
    try:
        texts = [event.model_dump_json() for event in events]
    except PydanticSerializationError:  # half a character: of a file's name, or of a person's or a model's words
        events = [legible(event) for event in events]
        texts = [event.model_dump_json() for event in events]
    return Append(
        loop,
        settled,
        stream=stream,
        events=events,
        texts=texts,
        expected=expected,
        epoch=epoch,
        durable=durable,
    )


def _outcome(work: Work) -> Any:
    if work.error is not None:
        raise work.error
    return work.outcome


def _entry(cursor: int, stream: str, position: int, at: int, event: str) -> Entry:
    return Entry(cursor=cursor, stream=stream, position=position, at=moment(at), event=EVENT.validate_json(event))
