"""Attempts as the streams of their explorations tell of them; how their threads stand is told by those."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Table, Text, select

from maquette.curation import shelving
from maquette.domain.events import (
    AttemptAdded,
    AttemptShelved,
    AttemptStopped,
    Entry,
    EvidenceGathered,
    RiskClosed,
    StageMoved,
)
from maquette.domain.explorations import Attempt, Regained
from maquette.store.rows import Row, Rows
from maquette.store.schema import METADATA

ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("exploration", Text, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("thread", Text, nullable=False),
    Column("source", Text, nullable=False),  # the kind of it; `again` where it tries what is on the shelf
    Column("begins", Text, nullable=False),  # the thread's first turn; "" where nobody is to work on it
    Column("gathered", Text, nullable=False),  # the commit of which all is known; "" while none is
    Column("line", Text, nullable=False),  # what the exploration's own stream says of it, as JSON
)
Index("attempts_thread", ATTEMPTS.c.thread)
TABLES = (ATTEMPTS,)
EVENTS = (AttemptAdded, AttemptStopped, AttemptShelved, EvidenceGathered, RiskClosed, StageMoved)
AGAIN = "again"
_ROWS = Rows(ATTEMPTS)


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    known: dict[tuple[str, int], Row | None] = {}
    for entry in entries:
        event = entry.event
        assert isinstance(event, EVENTS)
        key = entry.stream, event.attempt
        if key not in known:
            known[key] = _ROWS.get(conn, *key)
        known[key] = _fold(known[key], entry)
    _ROWS.put(conn, [row for row in known.values() if row is not None])


def _fold(row: Row | None, entry: Entry) -> Row | None:
    event = entry.event
    if isinstance(event, AttemptAdded):
        attempt = Attempt(
            exploration=entry.stream,
            number=event.attempt,
            thread=event.thread,
            plan=event.plan,
            source=event.source,
            budget=event.budget,
        )
        return _line(event.begins, attempt)
    if row is None:
        return None
    known = Attempt.model_validate_json(row["line"])
    match event:
        case AttemptStopped(why=why):
            changes: dict[str, Any] = {"stopped": why}
        case AttemptShelved(why=why, failed=failed):
            changes = {"shelved": why, "lacked": failed}
        case EvidenceGathered(evidence=evidence):
            changes = {"evidence": evidence}
        case RiskClosed(closed=closed):
            others = tuple(risk for risk in known.closed if risk.risk is not closed.risk)
            changes = {"closed": (*others, closed)}
        case StageMoved(stage=stage):
            changes = {"stage": stage}
        case _:
            changes = {}
    return _line(row["begins"], known.model_copy(update=changes))


def _line(begins: str, attempt: Attempt) -> Row:
    return {
        "exploration": attempt.exploration,
        "attempt": attempt.number,
        "thread": attempt.thread,
        "source": AGAIN if attempt.tries_again else attempt.source.kind,
        "begins": begins,
        "gathered": attempt.evidence.commit if attempt.evidence else "",
        "line": attempt.model_dump_json(),
    }


def regained(conn: Connection, exploration: str | None = None) -> dict[str, Regained]:
    """By thread, what passes now that didn't when it was put on the shelf. Of one exploration, or of all."""
    tries = select(ATTEMPTS.c.exploration).where(ATTEMPTS.c.source == AGAIN)
    chosen = select(ATTEMPTS.c.line).where(ATTEMPTS.c.exploration.in_(tries)).order_by(ATTEMPTS.c.attempt)
    if exploration is not None:
        chosen = chosen.where(ATTEMPTS.c.exploration == exploration)
    return regained_of([Attempt.model_validate_json(line) for line in conn.scalars(chosen)])


def regained_of(some: Sequence[Attempt]) -> dict[str, Regained]:
    """The same of all attempts of some explorations."""
    known = {(one.exploration, str(one.number)): one for one in some}
    pairs = [(known.get((one.exploration, one.source.name)), one) for one in some if one.tries_again]
    found = [(one.thread, shelving.regained(former, one)) for former, one in pairs if former is not None]
    return {thread: back for thread, back in found if back is not None}
