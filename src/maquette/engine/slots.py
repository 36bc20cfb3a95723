"""What becomes of slots that are due: one run, or a record of why there is none. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from maquette.domain.automations import Automation, Cause, Terms
from maquette.domain.events import Event, RunBegan, SlotSkipped, ThreadStarted
from maquette.domain.ids import new_id
from maquette.domain.projects import Project, ProjectKind
from maquette.domain.schedules import Slot
from maquette.domain.threads import Mode

GRACE = timedelta(minutes=5)
"""After which a slot counts as missed, and not as a little late."""

AWAY = "Maquette wasn't running, or this machine slept, when it was due."
AT_WORK = "The run before it was still at work."
ITS_THREAD_WAITS = "Its thread waits for you."

Busy = Literal["working", "waiting"]
"""What the last run does: it works, or waits for a person."""


@dataclass(frozen=True)
class Due:
    """Slots of an automation that are due and undecided, in order; `more`: and others after them."""

    slots: Sequence[Slot]
    more: bool = False


@dataclass(frozen=True)
class Ground:
    """What a run of an automation stands on. `thread`: the one that goes on, where there is one already."""

    project: Project
    model: str
    thread: str | None = None


def decided(automation: Automation, due: Due, ground: Ground, now: datetime, busy: Busy | None) -> list[Event]:
    """None: the slots wait until the last run has ended."""
    plan, slots = automation.plan, due.slots
    if not slots:
        return []
    if due.more:
        return [skipped(automation, slots, AWAY)]
    *missed, last = slots
    if busy is not None and plan.overlap == "wait":
        return []
    if why := why_not(automation, busy):
        return [skipped(automation, slots, why)]
    late = now - last.at
    if late > GRACE and plan.catch_up == "record":
        return [skipped(automation, slots, AWAY)]
    told = f"Begun {spoken(late)} late, to make up for what was missed. {AWAY}" if late > GRACE else ""
    before: list[Event] = [skipped(automation, missed, AWAY)] if missed else []
    return [*before, begun(automation, ground, Cause.SLOT, slot=last, told=told)]


def why_not(automation: Automation, busy: Busy | None) -> str:
    """Why no other run may begin; "" where it may."""
    if busy == "waiting" and automation.plan.goes_on:
        return ITS_THREAD_WAITS
    return AT_WORK if busy == "working" else ""


def skipped(automation: Automation, slots: Sequence[Slot], why: str) -> SlotSkipped:
    first, last = slots[0], slots[-1]
    return SlotSkipped(
        slot=name(automation, first),
        due=first.at,
        last=name(automation, last),
        upto=last.at,
        count=len(slots),
        version=automation.version,
        why=why,
    )


def in_vain(automation: Automation, named: str, why: str) -> SlotSkipped:
    """What triggered a run that wasn't begun."""
    return SlotSkipped(slot=named, last=named, version=automation.version, why=why)


def begun(
    automation: Automation,
    ground: Ground,
    cause: Cause,
    *,
    slot: Slot | None = None,
    named: str = "",
    told: str = "",
    brought: str = "",
    base: str | None = None,
) -> RunBegan:
    """`named` names what triggered it; `base` is the snapshot on which a trial works where there is no repo."""
    plan, dry = automation.plan, cause is Cause.DRY
    mode = Mode.WORKTREE if dry else plan.mode or usual(ground.project)
    goes_on = plan.goes_on and not dry
    thread = (ground.thread if goes_on else None) or new_id("thread")
    title = plan.name if goes_on else f"{plan.name}{_when(slot)}{' (trial)' if dry else ''}"
    started = ThreadStarted(project=plan.project, title=title, mode=mode, model=ground.model, base=base)
    return RunBegan(
        cause=cause,
        slot=name(automation, slot) if slot else named,
        due=slot.at if slot else None,
        told=told,
        thread=thread,
        turn=new_id("turn"),
        started=None if thread == ground.thread else started,
        text=plan.brief,
        brought=brought,
        terms=Terms(
            automation=automation.id,
            version=automation.version,
            manifest=plan.manifest,
            postcondition=plan.postcondition,
            zone=plan.when.zone,
            look="" if dry else plan.look,
            dry=dry,
        ),
    )


def usual(project: Project) -> Mode:
    return Mode.WORKTREE if project.kind is ProjectKind.REPO else Mode.LOCAL


def name(automation: Automation, slot: Slot) -> str:
    """By local time, so that one wall clock's time is one slot, however often it is looked at."""
    return f"{slot.local} {automation.plan.when.zone}"


def _when(slot: Slot | None) -> str:
    return f", {slot.local.replace('T', ' ')}" if slot else ""


def spoken(late: timedelta) -> str:
    """Roughly."""
    minutes = round(late.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{round(minutes / 60)} hours" if minutes < 48 * 60 else f"{round(minutes / 60 / 24)} days"
