"""What begins a run beside the schedule: triggers that look from time to time, what others sent, and the ends of their
runs.

What a look is to know of the one before is kept in the log, together with the run that it began.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from maquette.domain.automations import Automation, Cause, State, Wake
from maquette.domain.errors import MaquetteError
from maquette.domain.events import (
    AutomationSet,
    AutomationSwitched,
    DeliveryCame,
    Entry,
    Event,
    RunEnded,
    TriggerLooked,
)
from maquette.domain.triggers import Heard
from maquette.engine import slots
from maquette.engine.port import Around
from maquette.engine.slots import Ground
from maquette.kinds.triggers import Ended, Follows, Listens, Watches
from maquette.store import Conflict, Store, deliveries
from maquette.store.automations import Standing, standing
from maquette.store.projections import automations

TELLING = (AutomationSet, AutomationSwitched, DeliveryCame, RunEnded)
"""After which there may be something to do at once."""
BACK = 50
"""Runs of another whose ends are looked at."""
MOST, WITHIN = 30, timedelta(hours=1)
"""Runs that triggers begin in so long; what else happened begins one when there is room again. So what wakes itself, by
whatever way round, doesn't go on as fast as it can.
"""
LATER = 60.0
"""Seconds until it is looked whether there is room."""

log = logging.getLogger(__name__)


def named(wake: Wake) -> str:
    """The same for the same trigger with the same options, so that another is a new one."""
    return " ".join((wake.trigger, *(f"{name}={wake.options[name]}" for name in sorted(wake.options))))


@dataclass(frozen=True)
class _Watched:
    automation: Automation
    wake: Wake
    trigger: Watches


class Wakes:
    """Looks for what is to be looked for, as often as it wants. Nothing is asked where no automation waits for it."""

    def __init__(self, store: Store, around: Around) -> None:
        self._store, self._around = store, around
        self._heard_of = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._looked: dict[tuple[str, str], float] = {}

    def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._store.log.listen(self._heard)
        self._heard_of.set()
        self._task = self._loop.create_task(self._go())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _heard(self, entries: list[Entry]) -> None:
        """In the log's own thread."""
        if any(isinstance(entry.event, TELLING) for entry in entries):
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._heard_of.set)

    async def _go(self) -> None:
        ahead: float | None = None
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(ahead):
                    await self._heard_of.wait()
            self._heard_of.clear()
            ahead = await self._look()

    async def _look(self) -> float | None:
        """Seconds until there is something to look at; None: until something is heard."""
        try:
            on = [one for one in await self._store.query(automations.automations, State.ON) if one.plan.when.wakes]
            hour = datetime.now(UTC) - WITHIN
            counts = [await self._store.query(automations.begun_since, one.id, hour) for one in on]
        except MaquetteError as error:
            log.warning("what triggers automations could not be looked for: %s", error)
            return 1.0
        room = [one for one, count in zip(on, counts, strict=True) if count < MOST]
        for automation in room:
            for wake in automation.plan.when.wakes:
                trigger = self._around.triggers.get(wake.trigger)
                if isinstance(trigger, Listens):
                    await self._guarded(self._take(automation, wake), automation)
                elif isinstance(trigger, Follows):
                    await self._guarded(self._follow(automation, wake, trigger), automation)
        waits = [LATER] if len(room) < len(on) else []
        for one in self._watched(room):
            key, now = (one.automation.id, named(one.wake)), time.monotonic()
            left = self._looked.get(key, 0) + one.trigger.every - now if key in self._looked else 0
            if left <= 0:
                self._looked[key], left = now, one.trigger.every
                await self._guarded(self._watch(one), one.automation)
            waits.append(left)
        return min(waits, default=None)

    def _watched(self, on: list[Automation]) -> Iterator[_Watched]:
        for automation in on:
            for wake in automation.plan.when.wakes:
                if isinstance(trigger := self._around.triggers.get(wake.trigger), Watches):
                    yield _Watched(automation, wake, trigger)

    async def _guarded(self, looking: Coroutine[Any, Any, None], automation: Automation) -> None:
        try:
            await looking
        except Conflict:  # something came in between, or another worker heard it; it is looked again
            pass
        except Exception as error:
            known = isinstance(error, MaquetteError)
            log.warning("a trigger of %s could not look: %s", automation.id, error, exc_info=not known)

    async def _watch(self, one: _Watched) -> None:
        automation, wake = one.automation, named(one.wake)
        at = await self._store.query(standing, automation, datetime.now(UTC))
        if at.busy is not None and automation.plan.overlap == "wait":
            return
        before = (await self._store.query(automations.marks, automation.id)).get(wake, "")
        place = self._around.place_of(at.project)
        look = await one.trigger.look(one.wake.options, place, before, datetime.now(UTC))
        events: list[Event] = [] if look.mark == before else [TriggerLooked(wake=wake, mark=look.mark)]
        if look.heard is not None:
            events.append(await self._begin(automation, at, look.heard))
        if events:
            await self._store.log.append(automation.id, *events, expected=at.position)

    async def _follow(self, automation: Automation, wake: Wake, trigger: Follows) -> None:
        """Ends since it was turned on which began nothing yet."""
        of = wake.options.get("automation", "")
        ended = await self._store.query(automations.ended_since, of, automation.since, BACK)
        told = [Ended(of, one.key, one.result.value) for one in ended if one.result is not None]
        found = [heard for one in told if (heard := trigger.follow(wake.options, one)) is not None]
        known = await self._store.query(automations.heard, automation.id, [one.name for one in found])
        for heard in found:
            if heard.name not in known:
                at = await self._store.query(standing, automation, datetime.now(UTC))
                if at.busy is not None and automation.plan.overlap == "wait":
                    return
                event = await self._begin(automation, at, heard)
                await self._store.log.append(automation.id, event, expected=at.position)

    async def _take(self, automation: Automation, wake: Wake) -> None:
        """What was sent and began nothing yet, the first first. The mark spares looking at what is behind it."""
        while True:
            at = await self._store.query(standing, automation, datetime.now(UTC))
            if at.busy is not None and automation.plan.overlap == "wait":
                return
            mark = (await self._store.query(automations.marks, automation.id)).get(named(wake), "")
            came = await self._store.query(deliveries.ahead, automation.id, int(mark or 0))
            if came is None:
                return
            position, sent = came
            event = await self._begin(automation, at, sent.heard, sent.brought)
            looked = TriggerLooked(wake=named(wake), mark=str(position))
            await self._store.log.append(automation.id, event, looked, expected=at.position)

    async def _begin(self, automation: Automation, at: Standing, heard: Heard, sent: str = "") -> Event:
        """A run, or the record that one is at work."""
        if why := slots.why_not(automation, at.busy):
            return slots.in_vain(automation, heard.name, f"{heard.told} {why}")
        model = automation.plan.model or await self._around.model_of(at.project)
        about = (f"{name}: {value}" for name, value in heard.about.items())
        brought = "\n".join((heard.told, *about, *([sent] if sent else [])))
        ground = Ground(at.project, model, at.thread)
        return slots.begun(automation, ground, Cause.TRIGGER, named=heard.name, told=heard.told, brought=brought)
