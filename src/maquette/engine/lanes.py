"""Lanes: one turn at a time in a thread, so many at once in a base."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass, field
from typing import cast

from maquette.engine.alarms import Alarms
from maquette.engine.automations import Runs
from maquette.engine.children import Children
from maquette.engine.port import Around
from maquette.engine.ticker import Ticker
from maquette.engine.wakes import Wakes
from maquette.store import Store
from maquette.store.projections import turns
from maquette.store.projections.turns import Turn

Advance = Callable[[str, str, str], Awaitable[None]]
"""Thread, turn, run."""
FIRST, LONGEST = 0.25, 30.0
"""Seconds before a run that broke is begun again: doubled each time, and the most."""

log = logging.getLogger(__name__)


@dataclass
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: asyncio.Task[object] | None = None
    turn: str = ""
    stopped: bool = False
    users: int = 0


class Lanes:
    """Runs advances, in order within each thread, and finds the next one after each.

    `launch` is how an engine begins a due run; it comes back here by `run`.
    """

    def __init__(
        self,
        store: Store,
        advance: Advance,
        launch: Callable[[Turn], Awaitable[None]],
        limit: int,
        around: Around,
    ) -> None:
        self._store, self._advance, self._launch = store, advance, launch
        self._slots = asyncio.Semaphore(limit)
        self._lanes: dict[str, _Lane] = {}
        self._looking: set[asyncio.Task[None]] = set()
        self._runs: set[asyncio.Task[object]] = set()
        self._launched: set[str] = set()
        self._open = True
        self._alarms = Alarms(store, self.wake)
        self._children = Children(store, self.wake, self.stop)
        self._automated = Runs(store, self.wake)
        self._ticker = Ticker(store, around.model_of)
        self._wakes = Wakes(store, around)

    async def pick_up(self) -> None:
        """Begin all that is due."""
        for due in await self._store.query(turns.due):
            self.wake(due.thread)
        self.watch()

    def watch(self) -> None:
        """See to what the log, and time, make due."""
        self._alarms.look()
        self._children.open()
        self._automated.open()
        self._ticker.open()
        self._wakes.open()

    def wake(self, thread: str) -> None:
        """Begin what is due in a thread, if its run hasn't been begun."""
        if self._open:
            # A context of its own: what an engine keeps in that of the run which ends here is not the next one's.
            task = asyncio.get_running_loop().create_task(self._begin(thread), context=Context())
            self._looking.add(task)
            task.add_done_callback(self._looked)

    def name(self, due: Turn) -> str:
        """By which an engine knows this run of it; another one each time that it may be run."""
        return due.run

    def _looked(self, task: asyncio.Task[None]) -> None:
        self._looking.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a due turn could not be begun", exc_info=error)

    async def _begin(self, thread: str) -> None:
        """Launch it; when that breaks (an engine may have a file of its own), try again, ever more rarely."""
        wait = FIRST
        while not await self._begun(thread):
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST)

    async def _begun(self, thread: str) -> bool:
        due = next(iter(await self._store.query(turns.due, thread)), None)
        if due is not None and due.run not in self._launched and self._open:
            self._launched.add(due.run)
            try:
                await self._launch(due)
            except BaseException as error:
                self._launched.discard(due.run)
                if not isinstance(error, Exception):
                    raise
                log.warning("%s could not be begun, and is tried again: %s", due.id, error)
                return False
        return True

    async def run(self, thread: str, turn: str, run: str) -> None:
        """Advance a turn when its thread's lane and a slot are free; then see what is next.

        When it breaks (no space on the disk, say), it is still due: it is tried again, ever more rarely.
        """
        task = cast("asyncio.Task[object]", asyncio.current_task())
        self._runs.add(task)
        self._launched.add(run)
        lane = self._lanes.setdefault(thread, _Lane())
        lane.users += 1
        wait = FIRST
        try:
            while not await self._advanced(lane, thread, turn, run):
                if not self._open:
                    raise asyncio.CancelledError  # although it broke: it is left to be picked up
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST)
        finally:
            self._runs.discard(task)
            self._launched.discard(run)
            lane.users -= 1
            if not lane.users:
                self._lanes.pop(thread, None)
            self.wake(thread)
            self._alarms.look()

    async def _advanced(self, lane: _Lane, thread: str, turn: str, run: str) -> bool:
        async with lane.lock, self._slots:
            lane.task, lane.turn, lane.stopped = asyncio.current_task(), turn, False
            try:
                await self._advance(thread, turn, run)
            except asyncio.CancelledError:
                if not (lane.stopped and self._open):
                    raise
                return False  # too early to see why: begun again, it does
            except Exception:
                log.exception("a run of %s broke", turn)
                return False
            finally:
                lane.task = None
        return True

    async def stop(self, thread: str, turn: str) -> bool:
        """Cancel this turn, if it is what its thread is at."""
        return self._cancel(thread, turn)

    def _cancel(self, thread: str, turn: str) -> bool:
        lane = self._lanes.get(thread)
        if lane is None or lane.task is None or lane.turn != turn:
            return False
        lane.stopped = True
        lane.task.cancel()
        return True

    async def close(self) -> None:
        """Cancel everything and wait for it."""
        self._open = False
        for one in (self._ticker, self._wakes, self._automated, self._alarms, self._children):
            await one.close()
        tasks = [*self._runs, *self._looking]
        for task in tasks:
            task.cancel()
        await asyncio.sleep(0)
        self._store.log.standing.give_up()  # what was being stopped may wait for room: it is at the next start
        await asyncio.gather(*tasks, return_exceptions=True)
