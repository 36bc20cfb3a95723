"""Turns: which are due, which wait, how each ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Boolean, Column, Connection, Index, Table, Text, select
from sqlalchemy import Row as Selected

from maquette.domain.events import (
    Entry,
    StopAsked,
    TurnFinished,
    TurnParked,
    TurnQueued,
    TurnResumed,
    TurnStarted,
    TurnWaiting,
)
from maquette.store.moments import micros
from maquette.store.rows import Row, Rows
from maquette.store.schema import BIG, METADATA

TurnState = Literal["queued", "running", "waiting"]

TURNS = Table(
    "turns",
    METADATA,
    Column("thread", Text, primary_key=True),
    Column("turn", Text, primary_key=True),
    Column("cursor", BIG, nullable=False),  # where it was queued: the order of turns
    Column("run", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("stopping", Boolean, nullable=False),
    Column("outcome", Text),
    Column("reason", Text, nullable=False),
    Column("queued", BIG, nullable=False),
    Column("finished", BIG),
)
TABLES = (TURNS,)
_ROWS = Rows(TURNS)
Index("turns_due", TURNS.c.state, TURNS.c.cursor)
Index("turns_turn", TURNS.c.turn)

EVENTS = (TurnQueued, TurnStarted, TurnWaiting, TurnParked, TurnResumed, StopAsked, TurnFinished)


@dataclass(frozen=True)
class Turn:
    """One that isn't finished. `run` is the workflow that does it; `stopping`: the person wants it ended."""

    thread: str
    id: str
    run: str
    state: TurnState
    stopping: bool


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    known: dict[tuple[str, str], Row | None] = {}
    for entry in entries:
        event = entry.event
        assert isinstance(event, EVENTS)
        key = entry.stream, event.turn
        if key not in known:
            known[key] = _ROWS.get(conn, *key)
        row = known[key]
        if row is not None:
            _fold(row, entry)
        elif isinstance(event, TurnQueued):
            known[key] = _queued(entry, event)
    _ROWS.put(conn, [row for row in known.values() if row is not None])


def _queued(entry: Entry, event: TurnQueued) -> Row:
    return {
        "thread": entry.stream,
        "turn": event.turn,
        "cursor": entry.cursor,
        "run": event.run,
        "state": "queued",
        "stopping": False,
        "outcome": None,
        "reason": "",
        "queued": micros(entry.at),
        "finished": None,
    }


def _fold(row: Row, entry: Entry) -> None:
    if row["state"] == "finished":
        return
    match entry.event:
        case TurnStarted(run=run):
            row |= {"state": "running", "run": run}
        case TurnWaiting() | TurnParked():
            row["state"] = "waiting"
        case TurnResumed(run=run):
            row |= {"state": "queued", "run": run}
        case StopAsked():
            row["stopping"] = True
        case TurnFinished(outcome=outcome, reason=reason):
            row |= {"state": "finished", "outcome": outcome.value, "reason": reason, "finished": micros(entry.at)}
        case _:
            pass


def due(conn: Connection, thread: str | None = None) -> list[Turn]:
    """What a worker has to do or was doing, in the order in which it was queued; at most one turn a thread.

    A turn is due only when all before it in its thread are finished.
    """
    return [turn for turn in heads(conn, thread) if turn.state != "waiting"]


def heads(conn: Connection, thread: str | None = None) -> list[Turn]:
    """The first turn of each thread that isn't finished, in the order in which they were queued."""
    chosen = select(TURNS).where(TURNS.c.state != "finished").order_by(TURNS.c.cursor)
    if thread is not None:
        chosen = chosen.where(TURNS.c.thread == thread)
    found: dict[str, Turn] = {}
    for row in conn.execute(chosen):
        found.setdefault(row.thread, _turn(row))
    return list(found.values())


def _turn(row: Selected[Any]) -> Turn:
    return Turn(thread=row.thread, id=row.turn, run=row.run, state=row.state, stopping=row.stopping)
