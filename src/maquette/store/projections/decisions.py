"""Decisions as they are put now: those of a project are its taste."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Index, Table, Text, select

from maquette.domain.errors import Refused
from maquette.domain.events import DecisionChanged, DecisionMade, Entry
from maquette.domain.explorations import Decision
from maquette.store.rows import Rows
from maquette.store.schema import BIG, METADATA

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("cursor", BIG, nullable=False),  # where it was made
    Column("decision", Text, nullable=False),
)
Index("decisions_project", DECISIONS.c.project)
TABLES = (DECISIONS,)
EVENTS = (DecisionMade, DecisionChanged)
_ROWS = Rows(DECISIONS)


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    for entry in entries:
        assert isinstance(entry.event, EVENTS)
        _fold(conn, entry, entry.event)


def _fold(conn: Connection, entry: Entry, event: DecisionMade | DecisionChanged) -> None:
    row = _ROWS.get(conn, event.id)
    if isinstance(event, DecisionMade):
        of = None if entry.stream == event.project else entry.stream
        decision = Decision(at=entry.at, exploration=of, **event.model_dump(exclude={"type", "label"}))
        cursor = entry.cursor
    elif row is not None:
        former, cursor = Decision.model_validate_json(row["decision"]), row["cursor"]
        given = {"reason": event.reason, "facet": event.facet, "withdrawn": event.withdrawn}
        changes = {name: value for name, value in given.items() if value is not None}
        decision = former.model_copy(update={**changes, "version": former.version + 1})
    else:
        return
    line = {"id": event.id, "project": decision.project, "cursor": cursor, "decision": decision.model_dump_json()}
    _ROWS.put(conn, [line])


def taste(conn: Connection, project: str, *, withdrawn: bool = False) -> list[Decision]:
    """A project's decisions, in the order in which they were made; those that don't hold any more only if asked for."""
    chosen = select(DECISIONS.c.decision).where(DECISIONS.c.project == project).order_by(DECISIONS.c.cursor)
    found = [Decision.model_validate_json(row) for row in conn.scalars(chosen)]
    return [one for one in found if withdrawn or not one.withdrawn]


def decision(conn: Connection, id: str) -> tuple[Decision, str]:
    """With the stream that it was made in. Refused: `unknown-decision`."""
    row = _ROWS.get(conn, id)
    if row is None:
        raise Refused(f"There is no decision “{id}”; `maquette explore taste` lists them.", code="unknown-decision")
    found = Decision.model_validate_json(row["decision"])
    return found, found.exploration or found.project
