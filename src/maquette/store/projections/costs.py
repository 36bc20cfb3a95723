"""What models' answers cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from decimal import Decimal
from typing import Literal

from sqlalchemy import Column, Connection, Index, Integer, Select, Table, Text, func, select

from maquette.domain.budgets import Spent
from maquette.domain.events import AnswerGiven, Entry, PostsRead, ReplyRead
from maquette.store import days
from maquette.store.money import dollars, pico
from maquette.store.projections.automations import RECEIPTS
from maquette.store.projections.children import CHILDREN
from maquette.store.projections.threads import THREADS
from maquette.store.rows import Row, Rows
from maquette.store.schema import BIG, METADATA

COSTS = Table(
    "costs",
    METADATA,
    Column("thread", Text, primary_key=True),
    Column("turn", Text, primary_key=True),
    Column("quarter", BIG, primary_key=True),  # of an hour, since 1970
    Column("model", Text, primary_key=True),
    Column("requests", Integer, nullable=False),
    Column("unpriced", Integer, nullable=False),
    Column("estimated", Integer, nullable=False),
    Column("input", BIG, nullable=False),
    Column("cached", BIG, nullable=False),
    Column("written", BIG, nullable=False),
    Column("output", BIG, nullable=False),
    Column("price", BIG, nullable=False),  # picodollars
    Column("worked", BIG, nullable=False),  # milliseconds
)
Index("costs_quarter", COSTS.c.quarter)
TABLES = (COSTS,)
EVENTS = (AnswerGiven, PostsRead, ReplyRead)
_ROWS = Rows(COSTS)
_SUMS = ("requests", "unpriced", "estimated", "input", "cached", "written", "output", "price", "worked")

By = Literal["turn", "thread", "project", "day", "model"]


@dataclass(frozen=True)
class Cost:
    """Tokens and US dollars of what `key` names. `price` leaves out the `unpriced` among the `requests`; what the
    `estimated` took is our own count.

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
    seconds: float = 0
    """Of work, without any waiting."""
    estimated: int = 0


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    known: dict[tuple[str, str, int, str], Row] = {}
    for entry in entries:
        event = entry.event
        assert isinstance(event, EVENTS)
        key = entry.stream, event.turn, days.quarter(entry.at), event.model
        if key not in known:
            known[key] = _ROWS.get(conn, *key) or _nothing(*key)
        _add(known[key], event)
    _ROWS.put(conn, known.values())


def _nothing(thread: str, turn: str, quarter: int, model: str) -> Row:
    return {"thread": thread, "turn": turn, "quarter": quarter, "model": model} | dict.fromkeys(_SUMS, 0)


def _add(row: Row, event: AnswerGiven | PostsRead | ReplyRead) -> None:
    usage = event.usage
    row["requests"] += 1
    row["estimated"] += usage.estimated
    row["input"] += usage.input
    row["cached"] += usage.cached
    row["written"] += usage.written
    row["output"] += usage.output
    row["worked"] += round(event.worked * 1000)
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
    zone: tzinfo | None = None,
) -> list[Cost]:
    """Sums for each `by`, in its order. `since` and `until` are days (2026-05-31) in the zone (None: this machine's),
    both included.
    """
    key = THREADS.c.project if by == "project" else COSTS.c["quarter" if by == "day" else by]
    sums = [func.sum(COSTS.c[name]) for name in _SUMS]
    chosen = select(key, *sums).select_from(COSTS.outerjoin(THREADS, THREADS.c.id == COSTS.c.thread))
    wanted = ((THREADS.c.project, project), (COSTS.c.thread, thread), (COSTS.c.turn, turn))
    chosen = chosen.where(*[column == value for column, value in wanted if value is not None])
    if since is not None:
        chosen = chosen.where(COSTS.c.quarter >= days.first(date.fromisoformat(since), zone))
    if until is not None:
        after = date.fromisoformat(until) + timedelta(days=1)
        chosen = chosen.where(COSTS.c.quarter < days.first(after, zone))
    found: dict[str, list[int]] = {}
    for of, *values in conn.execute(chosen.group_by(key).order_by(key)):
        name = days.day_of(of, zone).isoformat() if by == "day" else of or ""
        former = found.get(name, [0] * len(_SUMS))
        found[name] = [before + int(value) for before, value in zip(former, values, strict=True)]
    return [_cost(name, *values) for name, values in found.items()]


def _cost(key: str, *sums: int) -> Cost:
    requests, unpriced, estimated, read, cached, written, said, price, worked = sums
    return Cost(key, requests, unpriced, read, cached, written, said, dollars(price), worked / 1000, estimated)


def spent(
    conn: Connection,
    *,
    thread: str | None = None,
    project: str | None = None,
    automation: str | None = None,
    since: int | None = None,
) -> Spent:
    """What a thread, a project, an automation or everything took, from quarter `since` on."""
    names = ("requests", "unpriced", "input", "output", "price", "worked")
    chosen = select(*[func.coalesce(func.sum(COSTS.c[name]), 0) for name in names])
    if thread is not None:
        chosen = chosen.where(COSTS.c.thread == thread)
    if project is not None:
        chosen = chosen.where(COSTS.c.thread.in_(select(THREADS.c.id).where(THREADS.c.project == project)))
    if automation is not None:
        chosen = chosen.where(COSTS.c.thread.in_(_at_work_for(automation)))
    if since is not None:
        chosen = chosen.where(COSTS.c.quarter >= since)
    steps, unpriced, read, said, price, worked = map(int, conn.execute(chosen).one())
    return Spent(steps=steps, unpriced=unpriced, tokens=read + said, money=dollars(price), seconds=worked / 1000)


def _at_work_for(automation: str) -> Select[tuple[str]]:
    """The threads of its runs, and all below them."""
    runs = select(RECEIPTS.c.thread.label("id")).where(RECEIPTS.c.automation == automation).cte(recursive=True)
    below = select(CHILDREN.c.child).join(runs, CHILDREN.c.parent == runs.c.id)
    return select(runs.union(below).c.id)
