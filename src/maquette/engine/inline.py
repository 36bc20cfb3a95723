"""An engine without a database of its own: what is due is in the log, and that is all."""

from __future__ import annotations

import asyncio
import logging

from maquette.engine.lanes import Advance
from maquette.engine.port import Around
from maquette.engine.workers import lanes
from maquette.store import Store
from maquette.store.projections.turns import Turn

log = logging.getLogger(__name__)


class InlineEngine:
    """For tests, and where it is enough."""

    def __init__(self, store: Store, advance: Advance, around: Around, limit: int = 8) -> None:
        self._lanes = lanes(store, advance, self._launch, limit, around)
        self._tasks: set[asyncio.Task[None]] = set()
        self.wake = self._lanes.wake
        self.stop = self._lanes.stop

    async def open(self) -> None:
        await self._lanes.pick_up()

    def preload(self) -> None:
        pass

    async def _launch(self, due: Turn) -> None:
        task = asyncio.get_running_loop().create_task(self._lanes.run(due.thread, due.id, due.run))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a run broke", exc_info=error)

    async def close(self) -> None:
        await self._lanes.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
