"""What falls due by time alone. The log says when; this looks at the clock, so nothing is kept anywhere else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from maquette.domain.events import TurnResumed
from maquette.domain.ids import new_id
from maquette.store import Conflict, Store
from maquette.store.projections import waits
from maquette.store.projections.waits import Expiry

LONGEST = 600.0
"""Seconds between looks at the clock: it may be set, and a machine that slept doesn't count its sleep."""
AGAIN = 1.0
"""Seconds until the next look when something came in between."""

log = logging.getLogger(__name__)


class Alarms:
    """Resumes turns that wait for an approval which has expired, so that it is asked for anew."""

    def __init__(self, store: Store, wake: Callable[[str], None]) -> None:
        self._store, self._wake = store, wake
        self._timer: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None
        self._open = True

    def look(self) -> None:
        """See to what is due by now, and set the clock for what comes next. Also when a turn begins to wait."""
        if self._open and (self._looking is None or self._looking.done()):
            self._looking = asyncio.get_running_loop().create_task(self._look())

    async def close(self) -> None:
        self._open = False
        if self._timer is not None:
            self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look(self) -> None:
        ahead = LONGEST
        try:
            for expiry in await self._store.query(waits.expiries):
                left = (expiry.at - datetime.now(UTC)).total_seconds()
                if left > 0 or not await self._rung(expiry):
                    ahead = min(ahead, max(left, AGAIN))
        except Exception:
            log.exception("what is due by time could not be seen to")
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(ahead, self.look)

    async def _rung(self, expiry: Expiry) -> bool:
        try:
            resumed = TurnResumed(turn=expiry.turn, run=new_id("run"))
            await self._store.log.append(expiry.thread, resumed, expected=expiry.position)
        except Conflict:
            return False
        self._wake(expiry.thread)
        return True
