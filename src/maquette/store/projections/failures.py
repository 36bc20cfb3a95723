"""Runs of automations that failed, and how often each did for the same reason since one last succeeded.

The last of those stands for all of them, and none once a later run succeeds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, Column, Connection, Index, Integer, Table, Text, bindparam, select

from maquette.domain import gardening
from maquette.domain.automations import Cause, Receipt, Result
from maquette.domain.events import Entry, RunEnded
from maquette.store.moments import micros, moment
from maquette.store.projections.automations import RECEIPTS
from maquette.store.rows import Prepared, Row, Rows
from maquette.store.schema import BIG, METADATA

FAILURES = Table(
    "failures",
    METADATA,
    Column("thread", Text, primary_key=True),
    Column("turn", Text, primary_key=True),
    Column("automation", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", BIG, nullable=False),
    Column("since", BIG, nullable=False),  # when the first of them failed
    Column("times", Integer, nullable=False),  # with this one
    Column("last", Boolean, nullable=False),  # of them
    Column("over", BIG),  # when a later run succeeded, and in which thread
    Column("by", Text),
)
TABLES = (FAILURES,)
EVENTS = (RunEnded,)
Index("failures_last", FAILURES.c.automation, FAILURES.c.last)
_ROWS = Rows(FAILURES)
_LAST = Prepared(
    select(FAILURES.c.thread, FAILURES.c.turn).where(
        FAILURES.c.automation == bindparam("automation"), FAILURES.c.last, FAILURES.c.over.is_(None)
    )
)
_RECEIPT = Prepared(
    select(RECEIPTS.c.receipt).where(
        RECEIPTS.c.automation == bindparam("automation"), RECEIPTS.c.key == bindparam("key")
    )
)

FAILED = (Result.FAILED, Result.UNMET, Result.BUDGET)
_VARIES = re.compile(r"\d+")
_MOST = 400
"""Characters of a reason that are compared."""
EARLIER = 20
"""Of those before the last, that are named."""


@dataclass(frozen=True)
class Before:
    """One of the runs that failed before for the same reason."""

    thread: str
    of: str
    at: datetime


@dataclass(frozen=True)
class Again:
    """How often an automation failed for one reason, the last time included, and since when. `earlier`: the last first.

    `over`: when a later run succeeded, in thread `by`.
    """

    times: int
    since: datetime
    earlier: tuple[Before, ...] = ()
    over: datetime | None = None
    by: str | None = None


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    for entry in entries:
        event = entry.event
        assert isinstance(event, EVENTS)
        counts = _counts(conn, entry.stream, event.turn)
        if counts and event.result in FAILED:
            _ROWS.put(conn, _one_more(_last(conn, entry.stream), entry, event))
        elif counts and _succeeded(event):
            over = {"over": micros(entry.at), "by": event.thread}
            _ROWS.put(conn, [row | over for row in _last(conn, entry.stream)])


def _counts(conn: Connection, automation: str, turn: str) -> bool:
    """Trials don't, nor do the gardener's ideas: each of those is about something else."""
    found = _RECEIPT.run(conn, {"automation": automation, "key": turn})
    receipt = Receipt.model_validate_json(found[0][0]) if found else None
    return receipt is not None and receipt.cause is not Cause.DRY and not receipt.slot.startswith(gardening.SLOT)


def _succeeded(event: RunEnded) -> bool:
    """One that asked no model, since there was nothing to do, shows nothing."""
    return event.result in (Result.DONE, Result.UNCHECKED) or (event.result is Result.NOTHING and event.requests > 0)


def _last(conn: Connection, automation: str) -> list[Row]:
    """Of each reason, that which stands for all."""
    found = [_ROWS.get(conn, *key) for key in _LAST.run(conn, {"automation": automation})]
    return [row for row in found if row is not None]


def _one_more(last: Sequence[Row], entry: Entry, event: RunEnded) -> list[Row]:
    at, reason = micros(entry.at), _reason(event)
    before = [row for row in last if row["reason"] == reason]
    new: Row = {"thread": event.thread, "turn": event.turn, "automation": entry.stream, "reason": reason, "at": at}
    new |= {"since": at, "times": 1, "last": True, "over": None, "by": None}
    new |= {"since": row["since"], "times": row["times"] + 1} if (row := next(iter(before), None)) else {}
    return [*(row | {"last": False} for row in before), new]


def _reason(event: RunEnded) -> str:
    """The same for what differs in numbers only: moments, seconds, ports."""
    return _VARIES.sub("0", f"{event.result.value}: {event.reason or event.proved}")[:_MOST]


def again(conn: Connection, thread: str, turn: str) -> Again | None:
    """Of a run; None where it didn't fail, or only once and that isn't over."""
    row = _ROWS.get(conn, thread, turn)
    if row is None or (row["times"] == 1 and row["over"] is None):
        return None
    same = (FAILURES.c.automation == row["automation"]) & (FAILURES.c.reason == row["reason"])
    before = (FAILURES.c.at >= row["since"]) & (FAILURES.c.at <= row["at"]) & (FAILURES.c.turn != turn)
    chosen = select(FAILURES.c.thread, FAILURES.c.turn, FAILURES.c.at).where(same, before)
    earlier = conn.execute(chosen.order_by(FAILURES.c.at.desc(), FAILURES.c.turn.desc()).limit(EARLIER))
    return Again(
        times=row["times"],
        since=moment(row["since"]),
        earlier=tuple(Before(thread, of, moment(at)) for thread, of, at in earlier),
        over=None if row["over"] is None else moment(row["over"]),
        by=row["by"],
    )
