"""What models' answers cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sqlalchemy import Column, Connection, Integer, Table, Text, func, select

from maquette.domain.events import AnswerGiven, Entry
from maquette.store.money import dollars, pico
from maquette.store.projections.threads import THREADS
from maquette.store.rows import Row, Rows
from maquette.store.schema import BIG, METADATA

COSTS = Table(
    "costs",
    METADATA,
    Column("thread", Text, primary_key=True),
    Column("turn", Text, primary_key=True),
    Column("day", Text, primary_key=True),  # 2026-05-31, UTC
    Column("model", Text, primary_key=True),
    Column("requests", Integer, nullable=False),
    Column("unpriced", Integer, nullable=False),
    Column("input", BIG, nullable=False),
    Column("cached", BIG, nullable=False),
    Column("written", BIG, nullable=False),
    Column("output", BIG, nullable=False),
    Column("price", BIG, nullable=False),  # picodollars
)
TABLES = (COSTS,)
EVENTS = (AnswerGiven,)
_ROWS = Rows(COSTS)
_SUMS = ("requests", "unpriced", "input", "cached", "written", "output", "price")

By = Literal["turn", "thread", "project", "day", "model"]


@dataclass(frozen=True)
class Cost:
    """Tokens and US dollars of what `key` names. `price` leaves out the `unpriced` among the `requests`.

    `cached` and `written` are parts of `input`: read from, and put into, the provider's cache.
    """

    key: str
    requests: int = 0
    unpriced: int = 0
    input: int = 0
    cached: int = 0
    written: int = 0
    output: int = 0
    price: Decimal = Decimal(0)


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    known: dict[tuple[str, str, str, str], Row] = {}
    for entry in entries:
        event = entry.event
        assert isinstance(event, EVENTS)
        key = entry.stream, event.turn, entry.at.date().isoformat(), event.model
        if key not in known:
            known[key] = _ROWS.get(conn, *key) or _nothing(*key)
        _add(known[key], event)
    _ROWS.put(conn, known.values())


def _nothing(thread: str, turn: str, day: str, model: str) -> Row:
    return {"thread": thread, "turn": turn, "day": day, "model": model} | dict.fromkeys(_SUMS, 0)


def _add(row: Row, event: AnswerGiven) -> None:
    usage = event.usage
    row["requests"] += 1
    row["input"] += usage.input
    row["cached"] += usage.cached
    row["written"] += usage.written
    row["output"] += usage.output
    if usage.price is not None:
        row["price"] += pico(usage.price)
    elif not event.rules:
        row["unpriced"] += 1


def costs(
    conn: Connection,
    by: By,
    *,
    project: str | None = None,
    thread: str | None = None,
    turn: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> list[Cost]:
    """Sums for each `by`, in its order. `since` and `until` are days in UTC (2026-05-31), both included."""
    key = THREADS.c.project if by == "project" else COSTS.c[by]
    sums = [func.sum(COSTS.c[name]) for name in _SUMS]
    chosen = select(key, *sums).select_from(COSTS.outerjoin(THREADS, THREADS.c.id == COSTS.c.thread))
    wanted = ((THREADS.c.project, project), (COSTS.c.thread, thread), (COSTS.c.turn, turn))
    chosen = chosen.where(*[column == value for column, value in wanted if value is not None])
    if since is not None:
        chosen = chosen.where(COSTS.c.day >= since)
    if until is not None:
        chosen = chosen.where(COSTS.c.day <= until)
    return [_cost(*row) for row in conn.execute(chosen.group_by(key).order_by(key))]


def _cost(key: str | None, *sums: int) -> Cost:
    requests, unpriced, read, cached, written, said, price = map(int, sums)
    return Cost(key or "", requests, unpriced, read, cached, written, said, dollars(price))
