"""Automations as they stand, and a receipt for each slot and run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, Index, Table, Text, func, select

from maquette.domain.automations import Automation, Cause, Receipt, State
from maquette.domain.errors import Refused
from maquette.domain.events import (
    AutomationSet,
    AutomationSwitched,
    Entry,
    RunBegan,
    RunEnded,
    SlotSkipped,
    TriggerLooked,
)
from maquette.store.moments import micros
from maquette.store.projections.turns import TURNS
from maquette.store.projections.waits import WAITS
from maquette.store.rows import Row, Rows
from maquette.store.schema import BIG, ENTRIES, METADATA

AUTOMATIONS = Table(
    "automations",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("automation", Text, nullable=False),  # all of it, as JSON
)
RECEIPTS = Table(
    "receipts",
    METADATA,
    Column("automation", Text, primary_key=True),
    Column("key", Text, primary_key=True),  # a run's turn, or the last slot that was skipped
    Column("cursor", BIG, nullable=False),
    Column("upto", BIG),  # when the last of its slots was due
    Column("thread", Text),
    Column("state", Text, nullable=False),  # skipped, begun, ended
    Column("receipt", Text, nullable=False),  # as JSON
)
MARKS = Table(
    "marks",
    METADATA,
    Column("automation", Text, primary_key=True),
    Column("wake", Text, primary_key=True),
    Column("mark", Text, nullable=False),
)
TABLES = (AUTOMATIONS, RECEIPTS, MARKS)
EVENTS = (AutomationSet, AutomationSwitched, RunBegan, RunEnded, SlotSkipped, TriggerLooked)
Index("receipts_upto", RECEIPTS.c.automation, RECEIPTS.c.upto)
Index("receipts_cursor", RECEIPTS.c.cursor)
Index("receipts_state", RECEIPTS.c.state)
Index("receipts_thread", RECEIPTS.c.thread)
_AUTOMATIONS = Rows(AUTOMATIONS)
_RECEIPTS = Rows(RECEIPTS)
_MARKS = Rows(MARKS)

SHORTEST = 4
"""Characters of an id's end that may stand for it."""


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    known: dict[str, Automation | None] = {}
    for entry in entries:
        match entry.event:
            case AutomationSet() | AutomationSwitched() as event:
                if entry.stream not in known:
                    row = _AUTOMATIONS.get(conn, entry.stream)
                    known[entry.stream] = Automation.model_validate_json(row["automation"]) if row else None
                known[entry.stream] = _fold(known[entry.stream], entry, event)
                if isinstance(event, AutomationSwitched) and event.to != "paused":
                    for row in _MARKS.under(conn, entry.stream):  # what happened while it was off isn't heard
                        _MARKS.drop(conn, entry.stream, row["wake"])
            case TriggerLooked(wake=wake, mark=mark):
                _MARKS.put(conn, [{"automation": entry.stream, "wake": wake, "mark": mark}])
            case RunBegan() | SlotSkipped() as event:
                _RECEIPTS.put(conn, [_receipt(conn, known, entry, event)])
            case RunEnded(turn=turn) as event if (row := _RECEIPTS.get(conn, entry.stream, turn)) is not None:
                _RECEIPTS.put(conn, [_ended(row, entry, event)])
            case _:
                pass
    _AUTOMATIONS.put(conn, [_row(one) for one in known.values() if one is not None])


def _fold(now: Automation | None, entry: Entry, event: AutomationSet | AutomationSwitched) -> Automation | None:
    if isinstance(event, AutomationSwitched):
        return None if now is None else _switched(now, event)
    if now is None:
        return Automation(
            id=entry.stream,
            version=event.version,
            plan=event.plan,
            since=entry.at,
            label=event.label,
            changed=entry.at,
        )
    holds = now.keeps(event.plan, event.label)
    changes: dict[str, object] = {
        "version": event.version,
        "plan": event.plan,
        "label": event.label,
        "changed": entry.at,
        "approved": now.approved if holds else None,
        "state": now.state if holds or now.state is State.OFF else State.DRAFT,
    }
    if event.plan.when != now.plan.when:
        changes["since"] = max(now.since, entry.at)
    return now.model_copy(update=changes)


def _switched(now: Automation, event: AutomationSwitched) -> Automation:
    """A pause keeps what was approved. Where nothing is, it stays as it is: it was changed or turned off meanwhile."""
    approved = {"on": event.version if event.digest else now.approved, "paused": now.approved, "off": None}[event.to]
    if approved is None and event.to != "off":
        return now
    changes = {"state": State(event.to), "since": event.since, "until": event.until, "approved": approved}
    return now.model_copy(update=changes)


def _row(one: Automation) -> Row:
    return {"id": one.id, "name": one.plan.name, "state": one.state.value, "automation": one.model_dump_json()}


def _receipt(conn: Connection, known: dict[str, Automation | None], entry: Entry, event: RunBegan | SlotSkipped) -> Row:
    if isinstance(event, RunBegan):
        upto, key, thread, state = event.due, event.turn, event.thread, "begun"
        receipt = Receipt(
            automation=entry.stream,
            key=key,
            state="begun",
            cause=event.cause,
            slot=event.slot,
            due=event.due,
            version=event.terms.version,
            told=event.told,
            thread=thread,
            turn=event.turn,
            at=entry.at,
        )
    else:
        upto, key, thread, state = event.upto, event.last, None, "skipped"
        receipt = Receipt(
            automation=entry.stream,
            key=key,
            state="skipped",
            slot=event.slot,
            due=event.due,
            upto=event.upto,
            count=event.count,
            version=event.version,
            told=event.why,
            at=entry.at,
        )
    return {
        "automation": entry.stream,
        "key": key,
        "cursor": entry.cursor,
        "upto": micros(upto) if upto else None,
        "thread": thread,
        "state": state,
        "receipt": receipt.model_dump_json(),
    }


def _ended(row: Row, entry: Entry, event: RunEnded) -> Row:
    told = {name: getattr(event, name) for name in RunEnded.model_fields if name in Receipt.model_fields}
    receipt = Receipt.model_validate_json(row["receipt"])
    receipt = receipt.model_copy(update={**told, "state": "ended", "ended": entry.at})
    return row | {"state": "ended", "receipt": receipt.model_dump_json()}


def automations(conn: Connection, *states: State) -> list[Automation]:
    """By name; those in some states, or all."""
    chosen = select(AUTOMATIONS.c.automation).order_by(AUTOMATIONS.c.name, AUTOMATIONS.c.id)
    if states:
        chosen = chosen.where(AUTOMATIONS.c.state.in_([state.value for state in states]))
    return [Automation.model_validate_json(text) for text in conn.scalars(chosen)]


def find(conn: Connection, text: str) -> Automation:
    """By id, by name, or by four or more last characters of an id. Refused: `unknown-automation`."""
    found = _some(conn, (AUTOMATIONS.c.id == text) | (func.lower(AUTOMATIONS.c.name) == text.lower()))
    if not found and len(text) >= SHORTEST and text.isprintable():
        found = _some(conn, AUTOMATIONS.c.id.endswith(text.lower(), autoescape=True))
    if len(found) != 1:
        what = "more than one automation" if found else "no automation"
        why = f"There is {what} “{text}”; `maquette automations` lists those there are."
        raise Refused(why, code="unknown-automation")
    return found[0]


def _some(conn: Connection, condition: ColumnElement[bool]) -> list[Automation]:
    chosen = select(AUTOMATIONS.c.automation).where(condition)
    return [Automation.model_validate_json(text) for text in conn.scalars(chosen)]


_ASKED = select(func.count()).where(WAITS.c.thread == RECEIPTS.c.thread, WAITS.c.turn == RECEIPTS.c.key)
_ALL = select(RECEIPTS.c.receipt, TURNS.c.state, _ASKED.scalar_subquery().label("asked")).outerjoin(
    TURNS, (TURNS.c.thread == RECEIPTS.c.thread) & (TURNS.c.turn == RECEIPTS.c.key)
)


def receipts(
    conn: Connection, automation: str | None = None, limit: int | None = None, thread: str | None = None
) -> list[Receipt]:
    """The latest first; of one automation, or of the runs in one thread."""
    chosen = _ALL.order_by(RECEIPTS.c.cursor.desc()).limit(limit)
    if automation is not None:
        chosen = chosen.where(RECEIPTS.c.automation == automation)
    if thread is not None:
        chosen = chosen.where(RECEIPTS.c.thread == thread)
    return [_read(*row) for row in conn.execute(chosen)]


def last_receipts(conn: Connection, some: Sequence[str]) -> dict[str, Receipt]:
    """The latest of each of these automations that has one."""
    last = select(func.max(RECEIPTS.c.cursor)).where(RECEIPTS.c.automation.in_(some)).group_by(RECEIPTS.c.automation)
    found = [_read(*row) for row in conn.execute(_ALL.where(RECEIPTS.c.cursor.in_(last)))]
    return {one.automation: one for one in found}


def _read(text: str, turn: str | None, asked: int) -> Receipt:
    receipt = Receipt.model_validate_json(text)
    waits = receipt.state == "begun" and turn == "waiting" and asked > 0
    return receipt.model_copy(update={"state": "waits"}) if waits else receipt


def open_runs(conn: Connection, automation: str | None = None) -> list[tuple[Receipt, str | None]]:
    """Runs that have not ended, with where their turns are; None: the turn isn't there yet."""
    chosen = _ALL.where(RECEIPTS.c.state == "begun").order_by(RECEIPTS.c.cursor)
    if automation is not None:
        chosen = chosen.where(RECEIPTS.c.automation == automation)
    return [(_read(text, state, asked), state) for text, state, asked in conn.execute(chosen)]


def began(conn: Connection, run: Receipt) -> RunBegan:
    """How a run is to begin."""
    chosen = select(ENTRIES.c.event).join(RECEIPTS, RECEIPTS.c.cursor == ENTRIES.c.cursor)
    text = conn.scalars(chosen.where(RECEIPTS.c.automation == run.automation, RECEIPTS.c.key == run.key)).one()
    return RunBegan.model_validate_json(text)


def is_alone(conn: Connection, run: Receipt) -> bool:
    """Whether the run is all that there is in its thread."""
    return conn.scalar(select(func.count()).select_from(TURNS).where(TURNS.c.thread == run.thread)) == 1


def marks(conn: Connection, automation: str) -> dict[str, str]:
    """What its triggers are to know at their next look, by wake."""
    chosen = select(MARKS.c.wake, MARKS.c.mark).where(MARKS.c.automation == automation)
    return {wake: mark for wake, mark in conn.execute(chosen)}


def ended_since(conn: Connection, automation: str, since: datetime, limit: int) -> list[Receipt]:
    """Runs of it that came to their end since then, trials aside; the first comes first."""
    found = [one for one in receipts(conn, automation, limit) if one.cause is not Cause.DRY]
    return [one for one in reversed(found) if one.ended is not None and one.ended > since]


def begun_since(conn: Connection, automation: str, since: datetime) -> int:
    """How many runs began since then that no slot was due for."""
    chosen = select(func.count()).select_from(RECEIPTS).join(ENTRIES, ENTRIES.c.cursor == RECEIPTS.c.cursor)
    unasked = (RECEIPTS.c.automation == automation) & (RECEIPTS.c.state != "skipped") & RECEIPTS.c.upto.is_(None)
    return conn.scalar(chosen.where(unasked, ENTRIES.c.at >= micros(since))) or 0


def heard(conn: Connection, automation: str, slots: Sequence[str]) -> set[str]:
    """Which of these began something already."""
    onces = [f"slot:{slot}" for slot in slots]
    chosen = select(ENTRIES.c.once).where(ENTRIES.c.stream == automation, ENTRIES.c.once.in_(onces))
    return {str(once).removeprefix("slot:") for once in conn.scalars(chosen)}


def decided(conn: Connection, automation: str, now: datetime) -> int | None:
    """When the last slot was due, in microseconds, about which it was decided what becomes of it.

    Of those after `now` nothing follows: the clock was set back, and what is named once can't be begun again.
    """
    chosen = select(func.max(RECEIPTS.c.upto))
    return conn.scalar(chosen.where(RECEIPTS.c.automation == automation, RECEIPTS.c.upto <= micros(now)))


def last_run(conn: Connection, automation: str) -> Receipt | None:
    """That which began last, but for trials."""
    for receipt in receipts(conn, automation, limit=50):
        if receipt.thread is not None and receipt.cause is not Cause.DRY:
            return receipt
    return None
