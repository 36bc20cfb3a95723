"""What is to be done about children, as the log says: which to begin, whose parents to tell, which to stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, func, or_, select

from maquette.domain.events import AnswerGiven, ChildAsked, ChildReported, ResultKept, TurnFinished
from maquette.domain.labels import HOUSE
from maquette.store.log import Log
from maquette.store.money import dollars
from maquette.store.projections.children import CHILDREN
from maquette.store.projections.threads import THREADS
from maquette.store.projections.turns import TURNS, TurnState
from maquette.store.schema import ENTRIES


@dataclass(frozen=True)
class Child:
    """One that hasn't reported, and where its turn is; None: it isn't there yet."""

    asked: ChildAsked
    state: TurnState | Literal["finished"] | None
    stopping: bool


@dataclass(frozen=True)
class Family:
    """The children of a turn that haven't reported. `waits`: no worker is at the turn, so it can be told of them.

    `over`: it has ended, or shall. `position`: of the last entry of its thread.
    """

    parent: str
    turn: str
    waits: bool
    over: bool
    position: int
    children: Sequence[Child]


def open_families(conn: Connection) -> list[Family]:
    """Those in which something may have to be done."""
    theirs, own = TURNS.alias(), TURNS
    last = select(func.max(ENTRIES.c.position)).where(ENTRIES.c.stream == CHILDREN.c.parent).scalar_subquery()
    chosen = (
        select(CHILDREN, own.c.state, own.c.stopping, theirs.c.state, theirs.c.stopping, last)
        .join(own, (own.c.thread == CHILDREN.c.parent) & (own.c.turn == CHILDREN.c.turn))
        .outerjoin(theirs, (theirs.c.thread == CHILDREN.c.child) & (theirs.c.turn == CHILDREN.c.begins))
        .where(CHILDREN.c.reported.is_(False), or_(own.c.state != "finished", theirs.c.state != "finished"))
        .order_by(CHILDREN.c.cursor)
    )
    found: dict[tuple[str, str], Family] = {}
    for parent, _, turn, *_, asked, state, stopping, of_child, stops, position in conn.execute(chosen):
        child = Child(ChildAsked.model_validate_json(asked), of_child, bool(stops))
        known = found.get((parent, turn))
        children = [*(known.children if known else ()), child]
        over = stopping or state == "finished"
        found[parent, turn] = Family(parent, turn, state == "waiting", over, position, children)
    return list(found.values())


def report(log: Log, asked: ChildAsked) -> ChildReported:
    """Of a child whose turn has ended. Blocks."""
    label, text, kept, ended = HOUSE, "", None, None
    for entry in log.read(asked.child):
        label = label.join(entry.event.label)
        match entry.event:
            case AnswerGiven(turn=asked.begins) as given:
                text = given.answer.text or text
            case ResultKept(turn=asked.begins) as result:
                kept = result
            case TurnFinished(turn=asked.begins) as finished:
                ended = finished
            case _:
                pass
    assert ended is not None
    row = THREADS.c
    chosen = select(row.tokens, row.price, row.unpriced, row.checked).where(row.id == asked.child)
    tokens, price, unpriced, checked = log.ask(lambda conn: conn.execute(chosen).one())
    told = ChildReported(
        label=label,
        turn=asked.turn,
        call=asked.call,
        child=asked.child,
        outcome=ended.outcome,
        reason=ended.reason,
        text=text,
        tokens=tokens,
        price=dollars(price),
        unpriced=bool(unpriced),
    )
    if kept is None:
        return told
    of_result = {name: getattr(kept, name) for name in ("commit", "files", "added", "removed")}
    return told.model_copy(update={**of_result, "checked": checked})
