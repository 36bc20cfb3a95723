"""The feed: what happened since a cursor, then what happens, in one order, with no gap and nothing twice."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from maquette.domain.events import (
    AnswerFailed,
    AnswerGiven,
    AnswerInterrupted,
    CallFinished,
    Entry,
    TurnFinished,
    TurnParked,
    TurnWaiting,
)
from maquette.store.log import Log
from maquette.store.neighbours import Which

BEHIND, WEIGHED, HEAVY = 1_000, 100, 1 << 20
"""Items a reader may lag before it is sent back to the log; after which they are weighed; characters of those."""
_PAGE = 500
_KEPT = 65_536
"""Characters of a passing output kept for who comes late."""

Kind = Literal["text", "thinking", "output", "standing"]
_ENDS_TEXT = (AnswerGiven, AnswerInterrupted, AnswerFailed)


@dataclass(frozen=True)
class Passing:
    """Something seen while it is being made, and not kept: the finished item in the log replaces it.

    `text` adds to what came before with the same turn, kind and call. When `whole`, it is all of it so far (of an
    output at least the end), in place of what came before: who comes late or was too slow gets that first.
    `standing` is of the store and of every stream (`stream` is ""): why nothing can be written now; "" once it can.
    """

    stream: str
    kind: Kind
    turn: str
    call: str | None
    text: str
    whole: bool = False


_Which = tuple[str, str, str | None]


@dataclass
class _Sofar:
    first: Passing
    pieces: list[str] = field(default_factory=list[str])
    size: int = 0

    def add(self, text: str) -> None:
        self.pieces.append(text)
        self.size += len(text)
        if self.first.kind == "output" and self.size > 2 * _KEPT:
            self.pieces = ["".join(self.pieces)[-_KEPT:]]
            self.size = _KEPT

    def whole(self) -> Passing:
        return replace(self.first, text="".join(self.pieces), whole=True)


@dataclass(eq=False)
class _Reader:
    stream: str | None
    loop: asyncio.AbstractEventLoop
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    items: deque[Entry | Passing] = field(default_factory=deque[Entry | Passing])
    weight: int = 0
    behind: bool = True
    """Nothing is put into `items`: what comes is to be had from the log."""
    told: bool = False
    why: str = ""
    """How the store stands, as far as this one was told."""

    def put(self, item: Entry | Passing) -> None:
        if self.behind or (self.stream is not None and item.stream not in (self.stream, "")):
            return
        if len(self.items) >= WEIGHED:
            self.weight += len(item.text if isinstance(item, Passing) else item.model_dump_json())
        if len(self.items) >= BEHIND or self.weight > HEAVY:
            self.empty()
            self.behind = True
        else:
            self.items.append(item)

    def empty(self) -> None:
        self.items.clear()
        self.weight = 0

    def taken(self) -> list[Entry | Passing]:
        """What it has not been given yet."""
        items = list(self.items)
        self.empty()
        for item in items:
            if isinstance(item, Passing) and item.kind == "standing":
                self.why = item.text
        return items

    def wake(self) -> None:
        """From any thread; at most one wake-up is under way."""
        if (self.items or self.behind) and not self.told:
            self.told = True
            with suppress(RuntimeError):  # its loop is closed: nobody reads any more
                self.loop.call_soon_threadsafe(self.ready.set)


class Feed:
    """One lock orders what is committed, what passes by, and who starts to listen."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._readers: set[_Reader] = set()
        self._sofar: dict[str, dict[_Which, _Sofar]] = {}
        self._seen = 0
        self._closed = False
        self._why = ""
        log.listen(self._committed)
        log.standing.listen(self._stands)
        if log.neighbours is not None:
            log.neighbours.overheard = self._overheard
        with self._lock:
            self._seen = max(self._seen, log.cursor())
            self._why = log.standing.why

    async def follow(self, *, after: int = 0, stream: str | None = None) -> AsyncGenerator[Entry | Passing]:
        """Entries with a cursor above `after` (of one stream, or of all), then live ones and what passes by.

        Ends when the feed is closed. A reader that is too slow is served from the log again: no entry is missed, but
        what passed by in between comes as one `whole`.
        """
        reader = _Reader(stream, asyncio.get_running_loop())
        with self._lock:
            self._readers.add(reader)
        try:
            while not self._closed:
                seen, passing = self._join(reader)
                while after < seen:
                    page = await asyncio.to_thread(self._page, after, seen, stream)
                    after = page[-1].cursor if len(page) == _PAGE else seen
                    for entry in page:
                        yield entry
                for item in passing:
                    yield item
                while not (reader.behind or self._closed):
                    for item in await self._next(reader):
                        if isinstance(item, Entry):
                            after = item.cursor
                        yield item
        finally:
            with self._lock:
                self._readers.discard(reader)

    def pass_by(self, stream: str, passing: Passing) -> None:
        """To whoever follows now. From any thread; never blocks on a reader."""
        self._pass_by(stream, passing)
        self._log.pass_by((stream, passing.kind, passing.turn, passing.call), passing.text)

    def _overheard(self, which: Which, text: str) -> None:
        stream, kind, turn, call = which
        self._pass_by(stream, Passing(stream, cast(Kind, kind), turn, call, text))

    def _pass_by(self, stream: str, passing: Passing) -> None:
        with self._lock:
            which = passing.turn, passing.kind, passing.call
            kept = self._sofar.setdefault(stream, {})
            if which not in kept:
                kept[which] = _Sofar(passing)
            kept[which].add(passing.text)
            self._give(passing)

    def close(self) -> None:
        """Whoever follows comes to an end."""
        with self._lock:
            self._closed = True
            for reader in self._readers:
                reader.behind = True
                reader.wake()

    def _committed(self, entries: list[Entry]) -> None:
        with self._lock:
            entries = [entry for entry in entries if entry.cursor > self._seen]
            if not entries:  # committed just before we began to listen, and seen in the log since
                return
            self._seen = entries[-1].cursor
            for entry in entries:
                self._replace(entry)
            for reader in self._readers:
                for entry in entries:
                    reader.put(entry)
                reader.wake()

    def _stands(self, why: str) -> None:
        with self._lock:
            self._why = why
            self._give(_standing(why))

    def _give(self, item: Passing) -> None:
        for reader in self._readers:
            reader.put(item)
            reader.wake()

    def _replace(self, entry: Entry) -> None:
        """Forgets what passed by and is now in the log."""
        kept = self._sofar.get(entry.stream)
        if kept is None:
            return
        event = entry.event
        if isinstance(event, _ENDS_TEXT):
            gone = [which for which in kept if which[0] == event.turn and which[1] != "output"]
        elif isinstance(event, CallFinished):
            gone = [which for which in kept if which[2] == event.call]
        elif isinstance(event, TurnFinished | TurnWaiting | TurnParked):
            gone = [which for which in kept if which[0] == event.turn]
        else:
            return
        for which in gone:
            del kept[which]
        if not kept:
            del self._sofar[entry.stream]

    def _join(self, reader: _Reader) -> tuple[int, list[Passing]]:
        """From here on `reader` gets what comes; up to the cursor returned it has to read for itself."""
        with self._lock:
            reader.empty()
            reader.behind = False
            streams = list(self._sofar) if reader.stream is None else [reader.stream]
            passing = [sofar.whole() for stream in streams for sofar in self._sofar.get(stream, {}).values()]
            if reader.why != self._why:
                reader.why = self._why
                passing.append(_standing(self._why))
            return self._seen, passing

    async def _next(self, reader: _Reader) -> list[Entry | Passing]:
        """What has come, at least one; nothing when the reader fell behind."""
        while True:
            with self._lock:
                items = reader.taken()
                reader.told = False
                if items or reader.behind:
                    return items
                reader.ready.clear()
            await reader.ready.wait()

    def _page(self, after: int, until: int, stream: str | None) -> list[Entry]:
        if stream is None:
            page = self._log.read_all(after, _PAGE)
        else:
            page = self._log.read(stream, self._log.place(stream, after), _PAGE)
        return [entry for entry in page if entry.cursor <= until]


def _standing(why: str) -> Passing:
    return Passing("", "standing", "", None, why, whole=True)
