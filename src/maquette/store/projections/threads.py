"""Threads as lines of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Table,
    Text,
    case,
    func,
    select,
    tuple_,
)
from sqlalchemy import Row as Selected

from maquette.domain.errors import Refused
from maquette.domain.events import (
    AnswerGiven,
    ChecksRan,
    ChildReported,
    Entry,
    EventFact,
    Merged,
    ResultKept,
    ThreadSet,
    ThreadStarted,
    TurnFinished,
    TurnParked,
    TurnQueued,
    TurnResumed,
    TurnStarted,
    TurnWaiting,
)
from maquette.domain.stages import Stage
from maquette.domain.threads import Mode, Outcome, Thread, ThreadState
from maquette.store.moments import micros, moment
from maquette.store.money import dollars, pico
from maquette.store.projections.attempts import ATTEMPTS
from maquette.store.projections.automations import RECEIPTS
from maquette.store.projections.children import CHILDREN
from maquette.store.rows import Row, Rows
from maquette.store.schema import BIG, METADATA

THREADS = Table(
    "threads",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("turn", Text),
    Column("open", Text, nullable=False),  # JSON: [turn, state] of each turn not finished, in order
    Column("outcome", Text),
    Column("result", Text),  # commit of the last one
    Column("checked", Boolean),
    Column("merged", Boolean, nullable=False),
    Column("added", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("pinned", Boolean, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("tokens", BIG, nullable=False),
    Column("price", BIG, nullable=False),  # picodollars, of the requests whose price is known
    Column("unpriced", Integer, nullable=False),  # requests whose price isn't
    Column("started", BIG, nullable=False),
    Column("changed", BIG, nullable=False),
)
TABLES = (THREADS,)
EVENTS: tuple[type[EventFact], ...] = ()
_ROWS = Rows(THREADS)

SHORTEST = 4
"""Characters of an id's end that may stand for it."""


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    known: dict[str, Row | None] = {}
    for entry in entries:
        if entry.stream not in known:
            known[entry.stream] = _ROWS.get(conn, entry.stream)
        row = known[entry.stream]
        if row is not None:
            _fold(row, entry)
        elif isinstance(entry.event, ThreadStarted):
            known[entry.stream] = _started(entry, entry.event)
    _ROWS.put(conn, [row for row in known.values() if row is not None])


def _started(entry: Entry, event: ThreadStarted) -> Row:
    return {
        "id": entry.stream,
        "project": event.project,
        "title": event.title,
        "mode": event.mode.value,
        "model": event.model,
        "state": ThreadState.IDLE.value,
        "turn": None,
        "open": "[]",
        "outcome": None,
        "result": None,
        "checked": None,
        "merged": False,
        "added": 0,
        "removed": 0,
        "pinned": False,
        "archived": False,
        "tokens": 0,
        "price": 0,
        "unpriced": 0,
        "started": micros(entry.at),
        "changed": micros(entry.at),
    }


def _fold(row: Row, entry: Entry) -> None:
    event = entry.event
    if not isinstance(event, ThreadSet):
        row["changed"] = micros(entry.at)
    fold = _FOLDS.get(type(event))
    if fold is not None:
        fold(row, event)


def _set(row: Row, event: ThreadSet) -> None:
    given = {name: getattr(event, name) for name in ("title", "pinned", "archived", "model")}
    row |= {name: value for name, value in given.items() if value is not None}


def _cost(row: Row, event: AnswerGiven) -> None:
    row["tokens"] += event.usage.input + event.usage.output
    if event.usage.price is not None:
        row["price"] += pico(event.usage.price)
    elif not event.rules:
        row["unpriced"] += 1


def _reported(row: Row, event: ChildReported) -> None:
    row["tokens"] += event.tokens
    row["price"] += pico(event.price)
    row["unpriced"] += event.unpriced


def _result(row: Row, event: ResultKept) -> None:
    if event.commit != row["result"]:
        row |= {"result": event.commit, "checked": None, "merged": False}
    row |= {"added": event.added, "removed": event.removed}


def _checks(row: Row, event: ChecksRan) -> None:
    row["checked"] = all(check.passed for check in event.checks) if event.checks else None


def _merged(row: Row, event: Merged) -> None:
    row["merged"] = event.commit == row["result"]


def _turn(row: Row, event: TurnQueued | TurnStarted | TurnWaiting | TurnParked | TurnResumed | TurnFinished) -> None:
    """The thread is where the first of its unfinished turns is."""
    turns: dict[str, str] = dict(orjson.loads(row["open"]))
    match event:
        case TurnFinished(turn=turn, outcome=outcome):
            turns.pop(turn, None)
            if outcome is not Outcome.WITHDRAWN:
                row["outcome"] = outcome.value
        case TurnQueued(turn=turn):
            turns[turn] = ThreadState.QUEUED.value
        case _ if event.turn not in turns:
            pass  # it has ended: this came too late
        case TurnResumed(turn=turn):
            turns[turn] = ThreadState.QUEUED.value
        case TurnStarted(turn=turn) | TurnParked(turn=turn):  # then its children are at work
            turns[turn] = ThreadState.RUNNING.value
        case TurnWaiting(turn=turn):
            turns[turn] = ThreadState.WAITING.value
    row["open"] = orjson.dumps(list(turns.items())).decode()
    row["turn"], row["state"] = next(iter(turns.items()), (None, ThreadState.IDLE.value))


_FOLDS: dict[type[EventFact], Callable[[Row, Any], None]] = {
    ThreadSet: _set,
    AnswerGiven: _cost,
    ChildReported: _reported,
    TurnQueued: _turn,
    TurnStarted: _turn,
    TurnWaiting: _turn,
    TurnParked: _turn,
    TurnResumed: _turn,
    TurnFinished: _turn,
    ResultKept: _result,
    ChecksRan: _checks,
    Merged: _merged,
}

_BUSY = case((THREADS.c.state.in_((ThreadState.RUNNING.value, ThreadState.WAITING.value)), 1), else_=0)
_PLACE = tuple_(THREADS.c.pinned, _BUSY, THREADS.c.changed, THREADS.c.id)
_OF = select(func.min(RECEIPTS.c.automation)).where(RECEIPTS.c.thread == THREADS.c.id)
_FAR = case(
    (ATTEMPTS.c.line.contains('"stage":"shipping"'), 2), (ATTEMPTS.c.line.contains('"stage":"candidate"'), 1), else_=0
)
_STAGE = select(func.max(_FAR)).where(ATTEMPTS.c.thread == THREADS.c.id).correlate(THREADS)
_ALL = select(
    THREADS,
    CHILDREN.c.parent,
    _OF.scalar_subquery().label("automation"),
    _STAGE.scalar_subquery().label("stage"),
).outerjoin(CHILDREN, CHILDREN.c.child == THREADS.c.id)


def threads(
    conn: Connection,
    project: str | None = None,
    archived: bool = False,
    limit: int | None = None,
    before: str | None = None,
) -> list[Thread]:
    """The person's own, none made as an attempt: pinned first, then those that run or wait, then by the last change.

    `archived`: those instead of the others. `before`: the last id of the page above. Refused: `unknown-thread`.
    """
    chosen = _ALL.outerjoin(ATTEMPTS, (ATTEMPTS.c.thread == THREADS.c.id) & (ATTEMPTS.c.source != "thread"))
    chosen = chosen.where(THREADS.c.archived.is_(archived), CHILDREN.c.parent.is_(None), ATTEMPTS.c.thread.is_(None))
    if project is not None:
        chosen = chosen.where(THREADS.c.project == project)
    if before is not None:
        above = conn.execute(select(*_PLACE.clauses).where(THREADS.c.id == before)).first()
        if above is None:
            raise _unknown(before)
        chosen = chosen.where(tuple_(*above) > _PLACE)
    chosen = chosen.order_by(*(column.desc() for column in _PLACE.clauses)).limit(limit)
    return [_thread(row) for row in conn.execute(chosen)]


def family(conn: Connection, *parents: str) -> list[Thread]:
    """All below these threads: children before their own children, of one generation the eldest first."""
    chosen = _ALL.where(CHILDREN.c.parent.in_(parents)).order_by(CHILDREN.c.cursor)
    found = [_thread(row) for row in conn.execute(chosen)] if parents else []
    return [*found, *family(conn, *(one.id for one in found))] if found else []


def those(conn: Connection, *ids: str) -> list[Thread]:
    """Those of these that there are."""
    return _some(conn, THREADS.c.id.in_(ids)) if ids else []


def find(conn: Connection, text: str) -> Thread:
    """By id, or by four or more last characters of it. Refused: `unknown-thread`, `ambiguous-thread`."""
    found = _some(conn, THREADS.c.id == text)
    if not found and len(text) >= SHORTEST and text.isprintable():
        found = _some(conn, THREADS.c.id.endswith(text.lower(), autoescape=True))
    if len(found) > 1:
        which = ", ".join(f"{one.id} ({one.title})" for one in found[:3])
        raise Refused(f"More than one thread ends in “{text}”: {which}. Say more of it.", code="ambiguous-thread")
    if not found:
        raise _unknown(text)
    return found[0]


def _some(conn: Connection, condition: ColumnElement[bool]) -> list[Thread]:
    return [_thread(row) for row in conn.execute(_ALL.where(condition).order_by(THREADS.c.id))]


def _unknown(text: str) -> Refused:
    return Refused(f"There is no thread “{text}”; `maquette threads` lists those there are.", code="unknown-thread")


def _thread(row: Selected[Any]) -> Thread:
    return Thread(
        id=row.id,
        project=row.project,
        title=row.title,
        mode=Mode(row.mode),
        automation=row.automation,
        model=row.model,
        parent=row.parent,
        state=ThreadState(row.state),
        turn=row.turn,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        checked=row.checked,
        merged=row.merged,
        added=row.added,
        removed=row.removed,
        pinned=row.pinned,
        archived=row.archived,
        stage=[*Stage][row.stage or 0],
        tokens=row.tokens,
        price=None if row.unpriced else dollars(row.price),
        started=moment(row.started),
        changed=moment(row.changed),
    )
