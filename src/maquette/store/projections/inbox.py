"""What needs a person: what asks, what failed, what came of work; and what they did with each.

There is one item a thread, of what happened in it last. What a person did with it holds for that alone, so it needs no
putting away: once something else happens in the thread, there is another item. Of an automation's runs that failed for
the same reason the last stands for all, until one succeeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    Text,
    and_,
    func,
    or_,
    select,
    true,
)

from maquette.domain.automations import Receipt, Result
from maquette.domain.events import (
    ApprovalAsked,
    Entry,
    ItemDone,
    ItemPutBack,
    ItemPutOff,
    ItemRead,
    QuestionAsked,
)
from maquette.domain.explorations import Regained
from maquette.domain.threads import Mode, Outcome, Thread, ThreadState
from maquette.store.moments import micros, moment
from maquette.store.projections import failures, threads, waits
from maquette.store.projections.attempts import AGAIN, ATTEMPTS, regained
from maquette.store.projections.automations import AUTOMATIONS, RECEIPTS
from maquette.store.projections.children import CHILDREN
from maquette.store.projections.failures import FAILURES, Again
from maquette.store.projections.messages import MESSAGES
from maquette.store.projections.threads import THREADS
from maquette.store.projections.turns import TURNS
from maquette.store.projections.waits import WAITS, Wait
from maquette.store.rows import Rows
from maquette.store.schema import BIG, METADATA

ITEMS = Table(
    "inbox",
    METADATA,
    Column("thread", Text, primary_key=True),
    Column("of", Text, nullable=False),  # a call that asks, or a turn that ended
    Column("read", Boolean, nullable=False),
    Column("done", BIG),
    Column("until", BIG),  # put off
)
TABLES = (ITEMS,)
EVENTS = (ItemRead, ItemDone, ItemPutOff, ItemPutBack)
_ROWS = Rows(ITEMS)

_EARLIER, _THEIRS = FAILURES.alias("earlier"), ITEMS.alias("theirs")
_SAME = and_(
    _EARLIER.c.automation == FAILURES.c.automation,
    _EARLIER.c.reason == FAILURES.c.reason,
    _EARLIER.c.at >= FAILURES.c.since,
    _EARLIER.c.at <= FAILURES.c.at,
)
_PUT_OFF = (
    select(func.max(_THEIRS.c.until))
    .select_from(_EARLIER)
    .join(_THEIRS, (_THEIRS.c.thread == _EARLIER.c.thread) & (_THEIRS.c.of == _EARLIER.c.turn))
    .where(_SAME, _THEIRS.c.done.is_(None))
    .correlate(FAILURES)
    .scalar_subquery()
)
"""Until when a failure that is the last for its reason is put off, since one before it was."""

FRESH = timedelta(days=7)
"""For so long what came to its end, and leaves nothing to decide, waits to be looked at."""
SAYS = 1_000
"""Characters of what was said last that an item shows."""

State = Literal["open", "later", "done"]


class Kind(StrEnum):
    """In the order of their importance: what blocks somebody, what failed, what works now, what came of work, what came
    by itself.
    """

    ASKS = "asks"
    FAILED = "failed"
    REGAINED = "regained"
    """What was on the shelf, and passes now what it didn't."""
    RESULT = "result"
    REPORT = "report"
    """Of an automation's run."""


@dataclass(frozen=True)
class Item:
    """What one thread needs a person for. `of` names it: whoever does something with it says what they saw."""

    thread: Thread
    kind: Kind
    of: str
    at: datetime
    """Since when; of one that was put off, since it came back."""
    read: bool
    asks: tuple[QuestionAsked | ApprovalAsked, ...] = ()
    reason: str = ""
    """Why it failed."""
    part_of: str | None = None
    """The title of the thread of whose work it does a part."""
    automation: str | None = None
    """The name of that whose run it is about."""
    receipt: Receipt | None = None
    again: Again | None = None
    """Where it stands for others before it, or is over by itself."""
    regained: Regained | None = None
    until: datetime | None = None
    """Until when it was put off."""
    done: datetime | None = None


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    for entry in entries:
        event = entry.event
        assert isinstance(event, EVENTS)
        row = _ROWS.get(conn, event.thread)
        if row is None or row["of"] != event.of:
            row = {"thread": event.thread, "of": event.of, "read": False, "done": None, "until": None}
        match event:
            case ItemRead():
                row["read"] = True
            case ItemDone():
                row |= {"read": True, "done": micros(entry.at)}
            case ItemPutOff(until=until):
                row |= {"read": False, "done": None, "until": micros(until)}
            case ItemPutBack():
                row |= {"done": None, "until": None}
        _ROWS.put(conn, [row])


def items(
    conn: Connection, now: datetime, state: State = "open", limit: int | None = None, thread: str | None = None
) -> list[Item]:
    """The most important first, and of one kind the oldest; put off: the next to come back first; done: the last.

    Of all threads, or of one.
    """
    at = micros(now)
    asks, ends = _asking(conn, at, state, thread), _ended(conn, at, state, thread)
    known = {one.id: one for one in threads.those(conn, *asks, *ends)}
    titles = {one.id: one.title for one in threads.those(conn, *filter(None, (one.parent for one in known.values())))}
    asked: dict[str, list[Wait]] = {}
    for wait in waits.open_waits(conn, thread) if asks else ():
        asked.setdefault(wait.thread, []).append(wait)
    found = [_asks(known[id], asked[id], at, row, titles) for id, row in asks.items() if id in asked]
    back = _back(conn, ends)
    found += filter(None, (_came(conn, known[id], at, row, back.get(id)) for id, row in ends.items()))
    match state:
        case "open":
            order = list(Kind)
            found.sort(key=lambda one: (order.index(one.kind), one.at, one.thread.id))
        case "later":
            found.sort(key=lambda one: (one.until or now, one.thread.id))
        case "done":
            found.sort(key=lambda one: (one.done or now, one.thread.id), reverse=True)
    return found[:limit]


def looked_at(conn: Connection, now: datetime) -> dict[str, bool]:
    """Of what is open, by thread: whether somebody has seen it. Far cheaper than the items; each page asks it."""
    at = micros(now)
    asks, ends = _asking(conn, at, "open", None), _ended(conn, at, "open", None)
    back = _back(conn, ends)
    news = {id: row for id, row in ends.items() if _is_news(row, _receipt(row), back.get(id))}
    return {id: bool(row.read) for id, row in (asks | news).items()}


def item(conn: Connection, now: datetime, thread: str) -> Item | None:
    """That of one thread, whatever was done with it."""
    states: tuple[State, ...] = ("open", "later", "done")
    return next((one for state in states for one in items(conn, now, state, thread=thread)), None)


def said(conn: Connection, one: Item) -> str:
    """The beginning of what the turn that it is about said last; nothing when it said nothing."""
    since = select(TURNS.c.cursor).where(TURNS.c.thread == one.thread.id, TURNS.c.turn == one.of).scalar_subquery()
    chosen = (
        select(func.substr(MESSAGES.c.text, 1, SAYS))
        .where(MESSAGES.c.thread == one.thread.id, MESSAGES.c.who == "model", MESSAGES.c.cursor > since)
        .order_by(MESSAGES.c.cursor.desc())
    )
    return conn.scalar(chosen.limit(1)) or ""


def put_off_with(conn: Connection, one: Item) -> list[tuple[str, str]]:
    """Threads, and what of them, of the failures for which it stands that were put off."""
    chosen = select(_EARLIER.c.thread, _EARLIER.c.turn).select_from(FAILURES).join(_EARLIER, _SAME)
    chosen = chosen.join(_THEIRS, (_THEIRS.c.thread == _EARLIER.c.thread) & (_THEIRS.c.of == _EARLIER.c.turn))
    chosen = chosen.where(FAILURES.c.thread == one.thread.id, FAILURES.c.turn == one.of, _THEIRS.c.until.is_not(None))
    return [(thread, of) for thread, of in conn.execute(chosen) if thread != one.thread.id]


def next_back(conn: Connection, now: datetime) -> datetime | None:
    """When the next that was put off comes back."""
    found = conn.scalar(select(func.min(ITEMS.c.until)).where(ITEMS.c.done.is_(None), ITEMS.c.until > micros(now)))
    return None if found is None else moment(found)


def _asking(conn: Connection, at: int, state: State, thread: str | None) -> dict[str, Row[Any]]:
    """By thread, the last that it asks, and what was done with that. Those that do a part of another's work ask too."""
    last = select(WAITS.c.thread, func.max(WAITS.c.cursor).label("cursor")).group_by(WAITS.c.thread).subquery()
    chosen = (
        select(WAITS.c.thread, WAITS.c.call.label("of"), WAITS.c.at, ITEMS.c.read, ITEMS.c.done, ITEMS.c.until)
        .join(last, (last.c.thread == WAITS.c.thread) & (last.c.cursor == WAITS.c.cursor))
        .join(THREADS, THREADS.c.id == WAITS.c.thread)
        .where(THREADS.c.archived.is_(False))
    )
    return _by_thread(conn, chosen.where(_of(thread)), WAITS.c.thread, WAITS.c.call, at, state)


def _ended(conn: Connection, at: int, state: State, thread: str | None) -> dict[str, Row[Any]]:
    """By thread of the person's own, or of one that tries the shelf again, its last turn, where that leaves something
    to decide or wasn't looked at.
    """
    finished = (TURNS.c.thread == THREADS.c.id) & TURNS.c.finished.is_not(None)
    begun = TURNS.c.outcome != Outcome.WITHDRAWN.value
    last = select(func.max(TURNS.c.cursor)).where(finished, begun).correlate(THREADS).scalar_subquery()
    changed = (THREADS.c.added > 0) | (THREADS.c.removed > 0)
    failed = TURNS.c.outcome.in_((Outcome.FAILED.value, Outcome.BUDGET.value))
    undecided = and_(THREADS.c.mode == Mode.WORKTREE.value, changed)
    unseen = and_(
        TURNS.c.outcome == Outcome.DONE.value,
        TURNS.c.finished > at - FRESH // timedelta(microseconds=1),
        or_(ITEMS.c.thread.is_(None), ITEMS.c.read.is_(False)),
    )
    kept = (
        (failed | undecided | unseen) if state == "open" else ITEMS.c.thread.is_not(None) | FAILURES.c.turn.is_not(None)
    )
    until = func.coalesce(ITEMS.c.until, _PUT_OFF)
    chosen = (
        select(
            TURNS.c.thread,
            TURNS.c.turn.label("of"),
            TURNS.c.finished.label("at"),
            TURNS.c.reason,
            RECEIPTS.c.receipt,
            AUTOMATIONS.c.name.label("automation"),
            ATTEMPTS.c.source,
            ITEMS.c.read,
            func.coalesce(ITEMS.c.done, FAILURES.c.over).label("done"),
            until.label("until"),
        )
        .select_from(THREADS)
        .join(TURNS, (TURNS.c.thread == THREADS.c.id) & (TURNS.c.cursor == last))
        .outerjoin(CHILDREN, CHILDREN.c.child == THREADS.c.id)
        .outerjoin(RECEIPTS, (RECEIPTS.c.thread == THREADS.c.id) & (RECEIPTS.c.key == TURNS.c.turn))
        .outerjoin(AUTOMATIONS, AUTOMATIONS.c.id == RECEIPTS.c.automation)
        .outerjoin(FAILURES, (FAILURES.c.thread == THREADS.c.id) & (FAILURES.c.turn == TURNS.c.turn))
        .outerjoin(ATTEMPTS, (ATTEMPTS.c.thread == THREADS.c.id) & (ATTEMPTS.c.source != "thread"))
        .where(
            or_(ATTEMPTS.c.thread.is_(None), ATTEMPTS.c.source == AGAIN),
            THREADS.c.archived.is_(False),
            THREADS.c.merged.is_(False),
            THREADS.c.state == ThreadState.IDLE.value,
            CHILDREN.c.parent.is_(None),
            FAILURES.c.last.is_not(False),
            kept,
        )
    )
    return _by_thread(conn, chosen.where(_of(thread)), TURNS.c.thread, TURNS.c.turn, at, state, until, FAILURES.c.over)


def _of(thread: str | None) -> ColumnElement[bool]:
    return true() if thread is None else THREADS.c.id == thread


def _by_thread(
    conn: Connection,
    chosen: Select[*tuple[Any, ...]],
    thread: ColumnElement[str],
    of: ColumnElement[str],
    at: int,
    state: State,
    until: ColumnElement[int] | None = None,
    over: ColumnElement[int] | None = None,
) -> dict[str, Row[Any]]:
    """What was done with something else in the thread counts for nothing. `until` and `over`, where they aren't only
    what a person did with it: until when it is put off, and when it was over by itself.
    """
    joined = chosen.outerjoin(ITEMS, (ITEMS.c.thread == thread) & (ITEMS.c.of == of))
    until = ITEMS.c.until if until is None else until
    done = ITEMS.c.done if over is None else func.coalesce(ITEMS.c.done, over)
    match state:
        case "open":
            wanted = and_(done.is_(None), or_(until.is_(None), until <= at))
        case "later":
            wanted = and_(done.is_(None), until > at)
        case "done":
            wanted = done.is_not(None)
    return {row.thread: row for row in conn.execute(joined.where(wanted))}


def _asks(thread: Thread, asked: Sequence[Wait], at: int, row: Row[Any], titles: dict[str, str]) -> Item:
    part_of = titles.get(thread.parent) if thread.parent else None
    return Item(thread, Kind.ASKS, row.of, asks=tuple(one.asked for one in asked), part_of=part_of, **_done(row, at))


def _back(conn: Connection, ends: Mapping[str, Row[Any]]) -> Mapping[str, Regained]:
    return regained(conn) if any(row.source == AGAIN for row in ends.values()) else {}


def _receipt(row: Row[Any]) -> Receipt | None:
    return None if row.receipt is None else Receipt.model_validate_json(row.receipt)


def _is_news(row: Row[Any], receipt: Receipt | None, back: Regained | None) -> bool:
    """Not a run that told nothing new, or whose receipt isn't written yet; nor an attempt that regained nothing."""
    if row.source == AGAIN:
        return back is not None
    return receipt is None or (receipt.state == "ended" and receipt.result is not Result.NOTHING)


def _came(conn: Connection, thread: Thread, at: int, row: Row[Any], back: Regained | None) -> Item | None:
    receipt = _receipt(row)
    if not _is_news(row, receipt, back):
        return None
    if row.source == AGAIN:
        return Item(thread, Kind.REGAINED, row.of, regained=back, **_done(row, at))
    unmet = receipt is not None and receipt.result is Result.UNMET
    failed = unmet or thread.outcome in (Outcome.FAILED, Outcome.BUDGET) or thread.checked is False
    kind = Kind.FAILED if failed else Kind.REPORT if receipt else Kind.RESULT
    return Item(
        thread,
        kind,
        row.of,
        reason=receipt.reason if receipt else row.reason,
        automation=row.automation,
        receipt=receipt,
        again=failures.again(conn, thread.id, row.of) if receipt and failed else None,
        **_done(row, at),
    )


def _done(row: Row[Any], at: int) -> dict[str, Any]:
    """What a person did with it, if anything."""
    until = None if row.until is None else moment(row.until)
    return {
        "at": until if until and until <= moment(at) else moment(row.at),
        "read": bool(row.read),
        "until": until,
        "done": None if row.done is None else moment(row.done),
    }
