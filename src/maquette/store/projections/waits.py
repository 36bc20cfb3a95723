"""What turns wait for: questions and approvals that nobody has answered yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Column, Connection, Table, Text, select

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
from maquette.store.rows import Row, Rows
from maquette.store.schema import BIG, METADATA

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
    chosen = select(WAITS.c.thread, WAITS.c.at, WAITS.c.asked).order_by(WAITS.c.cursor)
    if thread is not None:
        chosen = chosen.where(WAITS.c.thread == thread)
    return [Wait(thread, moment(at), _ASKED.validate_json(asked)) for thread, at, asked in conn.execute(chosen)]
