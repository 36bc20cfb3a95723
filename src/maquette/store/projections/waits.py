"""What turns wait for: questions and approvals that nobody has answered yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Column, Connection, Table, Text, func, select

from maquette.domain.events import (
    ApprovalAsked,
    ApprovalDeclined,
    ApprovalGiven,
    CallFinished,
    Entry,
    QuestionAnswered,
    QuestionAsked,
    TurnFinished,
)
from maquette.store.moments import micros, moment
from maquette.store.projections.children import CHILDREN
from maquette.store.projections.turns import TURNS
from maquette.store.rows import Row, Rows
from maquette.store.schema import BIG, ENTRIES, METADATA

WAITS = Table(
    "waits",
    METADATA,
    Column("thread", Text, primary_key=True),
    Column("call", Text, primary_key=True),
    Column("turn", Text, nullable=False),
    Column("digest", Text),  # of an approval
    Column("cursor", BIG, nullable=False),
    Column("at", BIG, nullable=False),
    Column("asked", Text, nullable=False),  # the event, as JSON
)
TABLES = (WAITS,)
EVENTS = (QuestionAsked, QuestionAnswered, ApprovalAsked, ApprovalGiven, ApprovalDeclined, CallFinished, TurnFinished)
_ROWS = Rows(WAITS)

_ASKED: TypeAdapter[QuestionAsked | ApprovalAsked] = TypeAdapter(QuestionAsked | ApprovalAsked)


@dataclass(frozen=True)
class Wait:
    """Something asked of the person and open. An approval may have expired: see `asked.expires`."""

    thread: str
    at: datetime
    asked: QuestionAsked | ApprovalAsked
    parent: str | None = None
    """The thread of whose work `thread` does a part."""


@dataclass(frozen=True)
class Expiry:
    """When an approval that a turn waits for expires, and the last position of its thread."""

    thread: str
    turn: str
    at: datetime
    position: int


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    waits: dict[str, dict[str, Row]] = {}  # by thread and call, as they stand
    for entry in entries:
        thread = entry.stream
        if thread not in waits:
            waits[thread] = {row["call"]: row for row in _ROWS.under(conn, thread)}
        ended = _ended(waits[thread], entry)
        for call in ended:
            del waits[thread][call]
            _ROWS.drop(conn, thread, call)
        if isinstance(entry.event, QuestionAsked | ApprovalAsked):
            waits[thread][entry.event.call] = row = _row(entry, entry.event)
            _ROWS.put(conn, [row])


def _ended(waits: dict[str, Row], entry: Entry) -> list[str]:
    """Calls that needn't wait any more."""
    match entry.event:
        case QuestionAnswered(call=call) | CallFinished(call=call):
            return [call] if call in waits else []
        case ApprovalGiven(call=call, digest=digest) | ApprovalDeclined(call=call, digest=digest):
            return [call] if call in waits and waits[call]["digest"] == digest else []
        case TurnFinished(turn=turn):
            return [call for call, row in waits.items() if row["turn"] == turn]
        case _:
            return []


def expiries(conn: Connection) -> list[Expiry]:
    """Of the approvals which turns that nobody works on wait for."""
    last = select(func.max(ENTRIES.c.position)).where(ENTRIES.c.stream == WAITS.c.thread).scalar_subquery()
    chosen = (
        select(WAITS.c.thread, WAITS.c.asked, last)
        .join(TURNS, (TURNS.c.thread == WAITS.c.thread) & (TURNS.c.turn == WAITS.c.turn))
        .where(WAITS.c.digest.is_not(None), TURNS.c.state == "waiting")
    )
    found: list[Expiry] = []
    for thread, text, position in conn.execute(chosen):
        asked = ApprovalAsked.model_validate_json(text)
        found.append(Expiry(thread, asked.turn, asked.expires, position))
    return found


def _row(entry: Entry, asked: QuestionAsked | ApprovalAsked) -> Row:
    return {
        "thread": entry.stream,
        "call": asked.call,
        "turn": asked.turn,
        "digest": asked.digest if isinstance(asked, ApprovalAsked) else None,
        "cursor": entry.cursor,
        "at": micros(entry.at),
        "asked": asked.model_dump_json(),
    }


def open_waits(conn: Connection, thread: str | None = None) -> list[Wait]:
    """Oldest first; of one thread, or of all."""
    joined = WAITS.outerjoin(CHILDREN, CHILDREN.c.child == WAITS.c.thread)
    chosen = select(WAITS.c.thread, WAITS.c.at, WAITS.c.asked, CHILDREN.c.parent).select_from(joined)
    chosen = chosen.order_by(WAITS.c.cursor)
    if thread is not None:
        chosen = chosen.where(WAITS.c.thread == thread)
    return [Wait(thread, moment(at), _ASKED.validate_json(asked), of) for thread, at, asked, of in conn.execute(chosen)]
