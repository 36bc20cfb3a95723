"""When slots of automations are due: the log and the schedule say so; this looks at the clock, and keeps nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol

from maquette import schedules
from maquette.domain.automations import Automation, State
from maquette.domain.errors import MaquetteError, Unavailable
from maquette.domain.events import AutomationSet, AutomationSwitched, RunEnded
from maquette.domain.schedules import Slot
from maquette.engine import slots
from maquette.engine.looking import Looking
from maquette.engine.port import ModelOf
from maquette.engine.slots import Due, Ground
from maquette.store import Conflict, Store
from maquette.store.automations import standing
from maquette.store.projections import automations

LONGEST = 30.0
"""Seconds between looks at the clock, and at nothing else: it may be set, and a sleeping machine's time goes by."""
MOST = 2_000
"""Slots that are decided together; more were missed."""

log = logging.getLogger(__name__)


class Clock(Protocol):
    """What time it is, and how many real seconds so many of its own take."""

    def now(self) -> datetime: ...

    def real(self, seconds: float) -> float: ...


class Wall:
    """The clock of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def real(self, seconds: float) -> float:
        return seconds


CLOCK: Clock = Wall()


class Ticker(Looking):
    """Decides what becomes of each slot as it comes due."""

    TELLING = (AutomationSet, AutomationSwitched, RunEnded)

    def __init__(self, store: Store, model_of: ModelOf, clock: Clock | None = None) -> None:
        super().__init__(store.log)
        self._store, self._model_of, self._clock = store, model_of, clock or CLOCK
        self._timer: asyncio.TimerHandle | None = None
        self._next: datetime | None = None
        self._seen = self._clock.now()
        """What the clock said when it was last looked at."""
        self._passed: dict[str, datetime] = {}
        """Slots that are taken although no receipt says when they were due: a zone's rules were changed since."""

    async def close(self) -> None:
        await super().close()
        if self._timer is not None:
            self._timer.cancel()

    async def see_to_all(self) -> None:
        """Decide what is due by now, and set the clock for what comes next."""
        now = self._clock.now()
        ticking = await self._store.query(automations.automations, State.ON, State.PAUSED)
        ahead = [await self._guarded(one, now) for one in ticking if one.plan.when.schedule]
        self._next = min((at for at in ahead if at is not None), default=None)
        self._wind()

    async def _guarded(self, automation: Automation, now: datetime) -> datetime | None:
        """What is wrong with one keeps no other from its slots."""
        try:
            return await self._see_to(automation, now)
        except Exception as error:
            known = isinstance(error, MaquetteError)
            log.warning("the slots of %s could not be seen to: %s", automation.id, error, exc_info=not known)
            again = 60 * self.AGAIN if known and not isinstance(error, Unavailable) else self.AGAIN
            return now + timedelta(seconds=again)

    def _wind(self) -> None:
        """Sleep until something is due, or the clock may have been set."""
        if self._timer is not None:
            self._timer.cancel()
        if self._next is not None and self._open:
            left = (self._next - self._clock.now()).total_seconds()
            self._timer = self._loop.call_later(min(max(self._clock.real(left), 0.0), LONGEST), self._ring)

    def _ring(self) -> None:
        """Also when the clock was set back: then what comes next isn't what it was."""
        now, before = self._clock.now(), self._seen
        self._seen = now
        if self._next is not None and (now >= self._next or now < before):
            self.look()
        else:
            self._wind()

    async def _see_to(self, automation: Automation, now: datetime) -> datetime | None:
        """Decide what is due; when to look again, None: when something is heard."""
        begins = automation.begins(now)
        if begins is None:
            return automation.until
        at = await self._store.query(standing, automation, now)
        after = max(filter(None, (begins, at.decided, self._passed.get(automation.id))))
        schedule = schedules.read(automation.plan.when.schedule, automation.plan.when.zone)
        due, following = await asyncio.to_thread(_due, schedule.iterate(after), now)
        if not due.slots:
            return following
        model = automation.plan.model or await self._model_of(at.project)
        events = slots.decided(automation, due, Ground(at.project, model, at.thread), now, at.busy)
        if not events:  # until the last run has ended
            return following
        try:
            await self._store.log.append(automation.id, *events, expected=at.position)
        except Conflict as conflict:
            if conflict.once is not None:
                self._passed[automation.id] = due.slots[-1].at
            self._again = True
            return None
        self._again = due.more or self._again
        return following


def _due(coming: Iterator[Slot], now: datetime) -> tuple[Due, datetime | None]:
    """Those up to `now`, and when the first after them is due."""
    found: list[Slot] = []
    for slot in islice(coming, MOST + 1):
        if slot.at > now:
            return Due(found), slot.at
        found.append(slot)
    return (Due(found[:MOST], more=True), now) if len(found) > MOST else (Due(found), None)
