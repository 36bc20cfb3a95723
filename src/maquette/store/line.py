"""What waits in line: messages of turns that nobody has begun. Asked of the log, for they are few and soon begun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from maquette.domain.events import EVENT, MessageChanged, MessageSent, MessageWithdrawn, TurnQueued
from maquette.store.moments import moment
from maquette.store.projections.turns import TURNS
from maquette.store.schema import ENTRIES


@dataclass(frozen=True)
class InLine:
    """A message as it was changed last. `edition`: 1, and one more with each change."""

    id: str
    turn: str
    text: str
    images: int
    edition: int
    at: datetime


def waiting(conn: Connection, thread: str) -> list[InLine]:
    """In the order in which they will be heard."""
    return [
        InLine(one.id, one.turn, one.text, len(one.images), edition, at) for one, edition, at in unbegun(conn, thread)
    ]


def unbegun(conn: Connection, thread: str) -> list[tuple[MessageSent, int, datetime]]:
    """The same messages as they were said, with the words, and the edition, of their last change; and when."""
    chosen = (
        select(TURNS.c.turn, TURNS.c.run, ENTRIES.c.position, ENTRIES.c.event)
        .join(ENTRIES, (ENTRIES.c.stream == TURNS.c.thread) & (ENTRIES.c.once == "queued:" + TURNS.c.turn))
        .where(TURNS.c.thread == thread, TURNS.c.state == "queued", TURNS.c.stopping.is_(False))
        .order_by(TURNS.c.cursor)
    )
    # One that has been begun, and is due once more, is due as another run.
    queued = {row.turn: row.position for row in conn.execute(chosen) if _run(row.event) == row.run}
    if not queued:
        return []
    said = select(ENTRIES.c.at, ENTRIES.c.event).where(
        ENTRIES.c.stream == thread,
        ENTRIES.c.position >= min(queued.values()) - 1,
        ENTRIES.c.once.startswith("message:", autoescape=True),
    )
    found: dict[str, tuple[MessageSent, int, datetime]] = {}
    for at, text in conn.execute(said.order_by(ENTRIES.c.position)):
        match EVENT.validate_json(text):
            case MessageSent() as event if event.turn in queued:
                found[event.id] = event, 1, moment(at)
            case MessageChanged(id=id) as event if id in found:
                said, _, when = found[id]
                found[id] = said.model_copy(update={"text": event.text}), event.edition, when
            case MessageWithdrawn(id=id):
                found.pop(id, None)
            case _:
                pass
    turns = list(queued)
    return sorted(found.values(), key=lambda one: turns.index(one[0].turn))


def became(conn: Connection, said: Mapping[str, str]) -> dict[str, str | None]:
    """The words of those of `said` (streams by message) that were changed, and None for those taken back."""
    found: dict[str, str | None] = {}
    for message, stream in said.items():
        since = ENTRIES.c.once.startswith(f"message:{message}:", autoescape=True)
        chosen = select(ENTRIES.c.event).where(ENTRIES.c.stream == stream, since).order_by(ENTRIES.c.position.desc())
        if (last := conn.scalar(chosen.limit(1))) is not None:
            event = EVENT.validate_json(last)
            found[message] = event.text if isinstance(event, MessageChanged) else None
    return found


def was_said(conn: Connection, thread: str, message: str) -> bool:
    """Whether there ever was this message in a thread."""
    chosen = select(ENTRIES.c.cursor).where(ENTRIES.c.stream == thread, ENTRIES.c.once == f"message:{message}")
    return conn.execute(chosen).first() is not None


def _run(text: str) -> str:
    event = EVENT.validate_json(text)
    assert isinstance(event, TurnQueued)
    return event.run
