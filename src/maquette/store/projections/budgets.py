"""What may be spent: caps as a person set them, and what is spent of each."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Table, Text, select

from maquette.domain.budgets import Cap, Per, Spent
from maquette.domain.events import BudgetSet, Entry
from maquette.domain.projects import BASE, Budget
from maquette.store import days
from maquette.store.projections import costs
from maquette.store.rows import Rows
from maquette.store.schema import METADATA

BUDGETS = Table(
    "budgets",
    METADATA,
    Column("of", Text, primary_key=True),  # a thread, a project, or the base
    Column("per", Text, primary_key=True),
    Column("budget", Text, nullable=False),  # JSON
    Column("zone", Text, nullable=False),
)
TABLES = (BUDGETS,)
EVENTS = (BudgetSet,)
_ROWS = Rows(BUDGETS)


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    last = {
        (entry.stream, event.per): {
            "of": entry.stream,
            "per": event.per,
            "budget": event.budget.model_dump_json(exclude_none=True),
            "zone": event.zone,
        }
        for entry in entries
        if isinstance(event := entry.event, BudgetSet)
    }
    _ROWS.put(conn, last.values())


def caps(conn: Connection, *of: str) -> list[Cap]:
    """Those set for any of these; none given: all there are."""
    chosen = select(BUDGETS).order_by(BUDGETS.c.of, BUDGETS.c.per)
    rows = conn.execute(chosen.where(BUDGETS.c.of.in_(of)) if of else chosen)
    found = [Cap(of=row.of, per=row.per, budget=Budget.model_validate_json(row.budget), zone=row.zone) for row in rows]
    return [cap for cap in found if cap.budget != Budget()]


def binding(conn: Connection, thread: str, project: str) -> list[tuple[Cap, Spent]]:
    """The caps that a turn of this thread is under, with what is spent of each; those for a turn have no count here."""
    return [(cap, _spent(conn, cap, thread, project)) for cap in caps(conn, thread, project, BASE)]


def _spent(conn: Connection, cap: Cap, thread: str, project: str) -> Spent:
    match cap.per:
        case "turn":
            return Spent()
        case "thread":
            return costs.spent(conn, thread=thread)
        case "project":
            return costs.spent(conn, project=project)
        case "day":
            zone = days.zone_of(cap.zone)
            since = days.first(days.today(zone), zone)
            if cap.of == BASE:
                return costs.spent(conn, since=since)
            return costs.spent(conn, **{"thread" if cap.of == thread else "project": cap.of}, since=since)


def of_automation(conn: Connection, cap: Cap) -> Spent:
    """What its runs took today, and those to whom they gave a part."""
    zone = days.zone_of(cap.zone)
    return costs.spent(conn, automation=cap.of, since=days.first(days.today(zone), zone))


def spent_of(conn: Connection, cap: Cap) -> Spent | None:
    """Of a cap that counts one thing alone; None where each turn, thread or project has its own count."""
    alone: dict[Per, bool] = {
        "turn": False,
        "thread": cap.of.startswith("thread_"),
        "project": cap.of != BASE,
        "day": True,
    }
    if not alone[cap.per]:
        return None
    return _spent(conn, cap, cap.of if cap.of.startswith("thread_") else "", cap.of)
