"""The one thread that writes. What waits when it comes round is committed together, and told together."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, func, insert, select

from maquette.domain.errors import GONE, Bug, Fenced, MaquetteError, Refused, Unavailable, Unsure, Unwritable
from maquette.domain.events import Entry, Event
from maquette.store import dialects
from maquette.store.moments import micros
from maquette.store.rows import Prepared, Row, Rows
from maquette.store.schema import ENTRIES, FENCES
from maquette.store.standing import Standing

MOST = 2_000
"""Events in one commit, about."""
AGAIN = 1.0
"""Seconds between tries whether the disk can be written again."""

_LOGGER = logging.getLogger(__name__)

Project = Callable[[Connection, Sequence[Entry]], None]


class Conflict(Refused):
    """Someone was quicker. `last` is the stream's last position; `once` the key that was there already."""

    def __init__(self, sentence: str, *, last: int, once: str | None = None) -> None:
        super().__init__(sentence, code="conflict")
        self.last = last
        self.once = once


@dataclass(slots=True)
class Head:
    """A stream's end, and the lowest epoch that may still write to it."""

    position: int = 0
    fence: int = 0


@dataclass
class Page:
    """What one commit will hold, as far as it is decided."""

    at: datetime
    cursor: int
    heads: dict[str, Head]
    taken: set[tuple[str, str]]
    entries: list[Entry] = field(default_factory=list[Entry])
    rows: list[Row] = field(default_factory=list[Row])
    claimed: set[str] = field(default_factory=set[str])


@dataclass(eq=False)
class Work:
    """Something to be written, and what came of it. `loop` is the waiter's, None when it waits in a plain thread."""

    loop: asyncio.AbstractEventLoop | None
    settled: asyncio.Event | threading.Event
    outcome: Any = None
    error: BaseException | None = None


@dataclass(eq=False)
class Append(Work):
    stream: str = ""
    events: Sequence[Event] = ()
    texts: Sequence[str] = ()
    expected: int | None = None
    epoch: int | None = None
    durable: bool = True

    def __post_init__(self) -> None:
        self.onces = [event.once for event in self.events]

    def once_keys(self) -> list[tuple[str, str]]:
        return [(self.stream, once) for once in self.onces if once is not None]

    def decide(self, page: Page) -> None:
        """Onto the page in full, or an error and nothing. Pure but for the page."""
        head = page.heads[self.stream]
        keys = self.once_keys()
        self.error = self._objection(page, head, keys)
        if self.error is not None:
            return
        entries: list[Entry] = []
        at = micros(page.at)
        for event, once, text in zip(self.events, self.onces, self.texts, strict=True):
            page.cursor += 1
            head.position += 1
            entry = Entry(cursor=page.cursor, stream=self.stream, position=head.position, at=page.at, event=event)
            entries.append(entry)
            page.rows.append(
                {
                    "cursor": page.cursor,
                    "stream": self.stream,
                    "position": head.position,
                    "at": at,
                    "once": once,
                    "event": text,
                }
            )
        page.taken.update(keys)
        page.entries += entries
        self.outcome = entries

    def _objection(self, page: Page, head: Head, keys: list[tuple[str, str]]) -> MaquetteError | None:
        if self.epoch is not None and self.epoch < head.fence:
            return Fenced(f"Epoch {self.epoch} of {self.stream} is over: {head.fence} has it now.")
        if self.expected is not None and self.expected != head.position:
            return Conflict(
                f"{self.stream} has moved on to {head.position}, from {self.expected}; look again.", last=head.position
            )
        if len(set(keys)) == len(keys) and page.taken.isdisjoint(keys):
            return None
        once = next(key[1] for n, key in enumerate(keys) if key in page.taken or key in keys[:n])
        return Conflict(f"{self.stream} has “{once}” already.", last=head.position, once=once)


@dataclass(eq=False)
class Claim(Work):
    stream: str = ""
    durable: bool = True

    def once_keys(self) -> list[tuple[str, str]]:
        return []

    def decide(self, page: Page) -> None:
        head = page.heads[self.stream]
        head.fence += 1
        page.claimed.add(self.stream)
        self.outcome = head.fence


@dataclass(eq=False)
class Chore(Work):
    """Maintenance: a transaction of its own."""

    do: Callable[[Connection], Any] = lambda _conn: None


Writing = Append | Claim


class Writer:
    """Takes work in order. `project` runs inside each commit; `committed` is told after it, before those who wait."""

    def __init__(
        self,
        engine: Engine,
        project: Project,
        committed: Callable[[list[Entry]], None],
        standing: Standing,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._project = project
        self._committed = committed
        self._standing = standing
        self._clock = clock
        self._queue: SimpleQueue[Writing | Chore | None] = SimpleQueue()
        self._durable = True
        self._last: Page | None = None
        self._closed = False
        self._gate = threading.Lock()
        self._conn = engine.connect()
        self._thread = threading.Thread(target=self._run, name="maquette-writer", daemon=True)
        self._thread.start()

    def put(self, work: Writing | Chore) -> None:
        with self._gate:
            if self._closed:
                raise Unavailable("The log is closed.")
            self._queue.put(work)

    def close(self) -> None:
        """Writes what was taken, then ends."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()
        self._conn.close()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            batch: list[Writing] = []
            weight = 0
            while work is not None and not isinstance(work, Chore):
                batch.append(work)
                weight += len(work.events) if isinstance(work, Append) else 1
                if weight >= MOST:
                    break
                try:
                    work = self._queue.get_nowait()
                except Empty:
                    break
            if batch:
                self._write(batch)
            if isinstance(work, Chore):
                self._tidy(work)
            if work is None:
                return

    def _next(self) -> Writing | Chore | None:
        """Waits for work; while nothing can be written, tries now and then whether it can again."""
        while self._standing.error is not None:
            try:
                return self._queue.get(timeout=AGAIN)
            except Empty:
                with suppress(Exception):  # not yet; whatever it is, this thread must not end
                    self._try_again()
        return self._queue.get()

    def _try_again(self) -> None:
        """Raises why nothing can be written, as long as that is so."""
        if self._conn.closed:
            with dialects.troubles():
                self._renew()
        self._standing.try_again(self._conn)

    def _write(self, batch: Sequence[Writing]) -> None:
        entries: list[Entry] = []
        self._last = None
        try:
            try:
                self._try_again()
                entries = self._lasting(batch, careful=False)
            except Exception as error:
                if not dialects.doubled(error):
                    raise
                entries = self._lasting(batch, careful=True)
        except Exception as error:
            said = dialects.trouble(error)
            if isinstance(said, Bug) and len(batch) > 1:  # one of them is to blame; the others must not suffer for it
                for work in batch:
                    self._write([work])
                return
            self._standing.halt(said)
            if self._last and self._last.rows and isinstance(said, Unwritable) and said.code == GONE:
                said = Unsure("The database server went away while this was being written; look whether it was.")
            _fail(batch, said, error)
        if entries:
            self._tell(entries)
        _settle(batch)

    def _tell(self, entries: list[Entry]) -> None:
        try:
            self._committed(entries)
        except Exception:  # what is committed is committed, and this thread must not end
            _LOGGER.exception("Whoever listens to the log failed")

    def _lasting(self, batch: Sequence[Writing], *, careful: bool) -> list[Entry]:
        """Through the loss of a server, if it is back soon: what it had committed by then is not committed again."""
        try:
            if self._conn.closed:
                self._renew()
            return self._commit(batch, careful=careful)
        except Exception as error:
            if self._conn.closed or not dialects.lost(error):
                raise
            last = self._last
            self._renew()
            if last is not None and self._came_through(last):
                return last.entries
            return self._lasting(batch, careful=careful)

    def _came_through(self, page: Page) -> bool:
        """Whether it was committed, seen when nobody else commits. (A transaction's id says nothing after a crash.)"""
        if not page.rows:
            return False
        row = page.rows[-1]
        chosen = select(ENTRIES.c.stream, ENTRIES.c.at, ENTRIES.c.event).where(ENTRIES.c.cursor == row["cursor"])
        with self._conn.begin():
            dialects.take_turn(self._conn, durable=True)
            found = self._conn.execute(chosen).first()
        return found is not None and tuple(found) == (row["stream"], row["at"], row["event"])

    def _renew(self) -> None:
        """Another connection; it is waited for, and the last error raised when that takes too long."""
        with suppress(Exception):
            self._conn.invalidate()
        self._conn.close()
        self._conn, self._durable = self._engine.connect(), True

    def _commit(self, batch: Sequence[Writing], *, careful: bool) -> list[Entry]:
        """Hopes at first that no `once` key is in the log yet (its index knows); `careful` asks beforehand."""
        durable = any(work.durable for work in batch)
        if durable != self._durable:
            dialects.set_durable(self._conn, durable)
            self._durable = durable
        self._last = None
        with self._conn.begin():
            dialects.take_turn(self._conn, durable)
            page = Page(
                at=self._clock(),
                cursor=_LAST.run(self._conn, {})[0][0] or 0,
                heads={stream: self._head(stream) for stream in {work.stream for work in batch}},
                taken=self._taken(key for work in batch for key in work.once_keys()) if careful else set(),
            )
            for work in batch:
                work.decide(page)
            if page.claimed:
                _FENCES.put(self._conn, [{"stream": name, "epoch": page.heads[name].fence} for name in page.claimed])
            if page.entries:
                _INSERT.run_many(self._conn, page.rows)
                self._project(self._conn, page.entries)
            self._last = page
        return page.entries

    def _head(self, stream: str) -> Head:
        last = _END.run(self._conn, {"stream": stream})
        fence = _FENCES.get(self._conn, stream)
        return Head(last[0][0] or 0, fence["epoch"] if fence else 0)

    def _taken(self, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        return {key for key in keys if _ONCE.run(self._conn, {"stream": key[0], "once": key[1]})}

    def _tidy(self, chore: Chore) -> None:
        try:
            with self._conn.begin():
                chore.outcome = chore.do(self._conn)
        except Exception as error:
            if dialects.lost(error):
                with suppress(Exception):
                    self._renew()
            _fail([chore], dialects.trouble(error), error)
        _settle([chore])


_LAST = Prepared(select(func.max(ENTRIES.c.cursor)))
_INSERT = Prepared(insert(ENTRIES))
_ONCE = Prepared(
    select(ENTRIES.c.cursor).where(ENTRIES.c.stream == bindparam("stream"), ENTRIES.c.once == bindparam("once"))
)
_END = Prepared(select(func.max(ENTRIES.c.position)).where(ENTRIES.c.stream == bindparam("stream")))
_FENCES = Rows(FENCES)


class Shut:
    """In a writer's place where nothing may be written; `why` is what everybody hears."""

    def __init__(self, why: Refused) -> None:
        self._why = why

    def put(self, work: Writing | Chore) -> None:
        raise self._why

    def close(self) -> None:
        pass


def _fail(batch: Sequence[Work], error: Exception, cause: Exception) -> None:
    if error is not cause:
        error.__cause__ = cause
    for work in batch:
        work.error = error


def _settle(batch: Sequence[Work]) -> None:
    waiting: dict[asyncio.AbstractEventLoop, list[Work]] = {}
    for work in batch:
        if work.loop is None:
            work.settled.set()
        else:
            waiting.setdefault(work.loop, []).append(work)
    for loop, works in waiting.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_wake, works)


def _wake(works: Sequence[Work]) -> None:
    for work in works:
        work.settled.set()
