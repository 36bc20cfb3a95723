"""A thread's whole past, also what it shares with the thread it was forked from."""

from __future__ import annotations

from maquette.domain.events import Entry, ThreadStarted
from maquette.store.log import Log


def history(log: Log, thread: str) -> list[Entry]:
    """Everything that happened in a thread, the past before its fork first. Blocks."""
    own = log.read(thread)
    while own and isinstance(first := own[0].event, ThreadStarted) and first.forked_from:
        thread, position = first.forked_from
        own = [*log.read(thread, limit=position), *own]
    return own


def page(log: Log, thread: str, after: int, limit: int) -> list[Entry]:
    """At most `limit` entries of the same past with a cursor above `after`, in order, read without the rest. Blocks."""
    parts: list[tuple[str, int | None]] = [(thread, None)]
    while (first := log.read(parts[0][0], limit=1)) and isinstance(event := first[0].event, ThreadStarted):
        if event.forked_from is None:
            break
        parts.insert(0, event.forked_from)
    found: list[Entry] = []
    for stream, upto in parts:
        position = log.place(stream, after)
        room = limit - len(found)
        if upto is not None:
            room = min(room, upto - position)
        if room > 0:
            found += log.read(stream, position, room)
    return found


def tail(log: Log, thread: str, limit: int, before: int | None = None) -> list[Entry]:
    """At most the last `limit` entries of the same past with a cursor below `before`, in order. Blocks."""
    found: list[Entry] = []
    upto = log.last(thread) if before is None else None
    while True:
        if upto is None:
            upto = log.place(thread, (before or 1) - 1)
        first = max(0, upto - (limit - len(found)))
        found = [*log.read(thread, first, upto - first), *found]
        begun = log.read(thread, limit=1)
        if len(found) >= limit or not begun:
            return found
        event = begun[0].event
        if not isinstance(event, ThreadStarted) or event.forked_from is None:
            return found
        thread, position = event.forked_from
        upto = position if before is None else min(position, log.place(thread, before - 1))
