"""The log: streams of events, in the order in which they happened. The truth."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic_core import PydanticSerializationError
from sqlalchemy import Connection, Select, func, select

from maquette.domain.characters import legible
from maquette.domain.errors import Refused, Unavailable
from maquette.domain.events import EVENT, Entry, Event
from maquette.store import dialects, migrations, projections, soundness
from maquette.store.collecting import collecting_later
from maquette.store.dialects import Place
from maquette.store.lending import Lending
from maquette.store.moments import moment
from maquette.store.neighbours import Neighbours, Which
from maquette.store.schema import ENTRIES
from maquette.store.standing import Standing
from maquette.store.writer import Append, Chore, Claim, Conflict, Shut, Work, Writer

__all__ = ["Conflict", "Log"]

T = TypeVar("T")

SOON = 0.05
"""Seconds for which what passes by is gathered, before other processes are told."""

_ALL = select(ENTRIES.c.cursor, ENTRIES.c.stream, ENTRIES.c.position, ENTRIES.c.at, ENTRIES.c.event)


class Log:
    """Appends are all or none, and in one order. Reads see what was committed before they began."""

    def __init__(
        self, where: Place, clock: Callable[[], datetime] = lambda: datetime.now(UTC), damage: Refused | None = None
    ) -> None:
        """Of a database that is ready; `open` makes it so. One with `damage` is only read."""
        self.where = where
        self.standing = Standing(where.parent if isinstance(where, Path) else None, damage)
        self._listeners: list[Callable[[list[Entry]], None]] = []
        self._last: dict[str, int] = {}
        """Of streams in a file that were written to since it was opened: nobody else writes there."""
        self._reading = Lending(dialects.reading_engine(where))
        self._writing = dialects.writing_engine(where)
        self.neighbours = None if isinstance(where, Path) else Neighbours(where, self.read_all, self._hand_on)
        self._writer = (
            Shut(damage) if damage else Writer(self._writing, self._project, self._tell, self.standing, clock)
        )
        if self.neighbours is not None:
            self.neighbours.start(self.cursor())

    @property
    def path(self) -> Path:
        """Of the file. Refused where there is none."""
        if isinstance(self.where, str):
            raise Refused("The log is in a database server; its own programs do this.", code="not-a-file")
        return self.where

    @classmethod
    def open(cls, where: Place, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Log:
        """Makes or migrates the file at a path (0600; its folder 0700 when made here), or the tables of a database.

        A damaged file is only read. Refused: `newer-state`, `state-read-only`, `no-database`; `corrupt-state` where
        nothing of it can be read. Unwritable: locked by another program, or a server that doesn't answer.
        """
        with dialects.troubles():
            dialects.make_file(where)
            if isinstance(where, Path) and (damage := soundness.damage(where)):
                log = cls(where, clock, damage)
                with log.reading() as conn:
                    conn.execute(_ALL.limit(1))
                return log
            migrations.migrate(where)
            return cls(where, clock)

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

    async def decide(self, stream: str, decision: Callable[[], Awaitable[Sequence[Event]]]) -> list[Entry]:
        """Appends what `decision` comes to, if anything; it is made anew where something came in between."""
        while True:
            last = await asyncio.to_thread(self.last, stream)
            events = await decision()
            try:
                return await self.append(stream, *events, expected=last) if events else []
            except Conflict:
                continue

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

    async def read_on(self, stream: str, after: int) -> list[Entry]:
        """The few that came since. A server may have to be waited for; a file's last page is quicker than a thread."""
        if self.neighbours is None:
            return [] if self._last.get(stream) == after else self.read(stream, after)
        return await asyncio.to_thread(self.read, stream, after)

    def read_all(self, after: int = 0, limit: int | None = 1000) -> list[Entry]:
        """Entries of every stream with a cursor above `after`, in order. Blocks."""
        return self._entries(_ALL.where(ENTRIES.c.cursor > after).order_by(ENTRIES.c.cursor).limit(limit))

    def cursor(self) -> int:
        """Of the last entry; 0 when there is none."""
        return self.ask(lambda conn: conn.scalar(select(func.max(ENTRIES.c.cursor))) or 0)

    def last(self, stream: str) -> int:
        """The position of the last entry of `stream`; 0 when there is none."""
        chosen = select(func.max(ENTRIES.c.position)).where(ENTRIES.c.stream == stream)
        return self.ask(lambda conn: conn.scalar(chosen) or 0)

    def place(self, stream: str, cursor: int) -> int:
        """The position of the last entry of `stream` at or before `cursor`; 0 when there is none."""
        chosen = select(ENTRIES.c.position).where(ENTRIES.c.stream == stream, ENTRIES.c.cursor <= cursor)
        return self.ask(lambda conn: conn.scalar(chosen.order_by(ENTRIES.c.position.desc()).limit(1)) or 0)

    def ask(self, question: Callable[[Connection], T]) -> T:
        """`question` of a connection that can't write; once more, when the server goes away while it is asked."""
        try:
            with self.reading() as conn:
                return question(conn)
        except Unavailable as error:
            if not isinstance(error.__cause__, Exception) or not dialects.lost(error.__cause__):
                raise
        with self.reading() as conn:
            return question(conn)

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A connection that can't write; all it reads is of one moment."""
        with self._reading.connection() as conn:
            yield conn

    def listen(self, listener: Callable[[list[Entry]], None]) -> None:
        """Called in the writer's thread after each commit, before those who appended are told. Must be quick."""
        self._listeners.append(listener)

    def when_nudged(self, do: Callable[[], None]) -> None:
        """Called in a thread of ours, whenever another process has let go of something."""
        if self.neighbours is not None:
            self.neighbours.nudged = do

    def close(self) -> None:
        """Writes what was handed in, then lets go of the file. Readers first: the writer must be the last to leave."""
        if self.neighbours is not None:
            self.neighbours.close()
        self._reading.close()
        self._writer.close()
        self._writing.dispose()

    def pass_by(self, which: Which, text: str) -> None:
        """What isn't kept: other processes on this log hear it, together with what else passes by just then."""
        if self.neighbours is not None and self.neighbours.pass_by(which, text):
            timer = threading.Timer(SOON, self._utter, [self.neighbours])
            timer.daemon = True
            timer.start()

    def _utter(self, neighbours: Neighbours) -> None:
        with suppress(Unavailable):  # closed meanwhile
            self._writer.put(Chore(None, threading.Event(), do=neighbours.utter))

    def _project(self, conn: Connection, entries: Sequence[Entry]) -> None:
        projections.apply(conn, entries)
        if self.neighbours is not None:
            self.neighbours.announce(conn, entries)

    def _tell(self, entries: list[Entry]) -> None:
        if self.neighbours is None:
            self._last.update((entry.stream, entry.position) for entry in entries)
            self._hand_on(entries)
        else:
            self.neighbours.own(entries)

    def _hand_on(self, entries: list[Entry]) -> None:
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
        def entries(conn: Connection) -> list[Entry]:
            with collecting_later():
                return [_entry(*row) for row in conn.execute(chosen)]

        return self.ask(entries)


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
