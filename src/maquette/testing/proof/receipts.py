"""What holds of automations whenever a base was killed: each slot is once in the log, and each run has its receipt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from maquette import schedules
from maquette.domain.events import (
    AutomationSet,
    AutomationSwitched,
    Entry,
    RunBegan,
    RunEnded,
    SlotSkipped,
    TurnQueued,
)


def broken(entries: Sequence[Entry], *, at_rest: bool) -> Iterator[str]:
    """What doesn't hold of slots: each once, with one run or told of, and each run with one receipt."""
    for automation in dict.fromkeys(e.stream for e in entries if isinstance(e.event, AutomationSet)):
        own = [entry.event for entry in entries if entry.stream == automation]
        yield from _slots(automation, own)
        queued = {e.event.turn for e in entries if isinstance(e.event, TurnQueued)}
        for event in own:
            if isinstance(event, RunBegan) and at_rest:
                receipts = sum(isinstance(e, RunEnded) and e.turn == event.turn for e in own)
                if receipts != 1:
                    yield f"the run of {event.slot or event.cause} has {receipts} receipts"
                if event.turn not in queued:
                    yield f"the run of {event.slot or event.cause} has no turn"


def _slots(automation: str, own: Sequence[object]) -> Iterator[str]:
    """Of one that was turned on once."""
    on = next((event for event in own if isinstance(event, AutomationSwitched)), None)
    told = [event for event in own if isinstance(event, SlotSkipped) or (isinstance(event, RunBegan) and event.due)]
    if on is None or not told:
        return
    when = next(event for event in own if isinstance(event, AutomationSet)).plan.when
    last = max((event.upto if isinstance(event, SlotSkipped) else event.due) or on.since for event in told)
    meant = schedules.read(when.schedule, when.zone).iterate(on.since)
    slots = [f"{slot.local} {when.zone}" for slot in takewhile(lambda slot: slot.at <= last, meant)]
    found: list[str] = []
    for event in told:
        first = slots.index(event.slot) if event.slot in slots else len(slots)
        found += slots[first : first + (event.count if isinstance(event, SlotSkipped) else 1)]
    if found != slots:
        yield f"{automation}: {len(slots)} slots were due, and {len(found)} are told of, {len(set(found))} of them once"
