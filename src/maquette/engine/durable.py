"""The durable engine: each run is a workflow, which begins again whatever a crash broke off."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from maquette.engine.lanes import Advance
from maquette.engine.port import Around
from maquette.engine.workers import SharedLanes, lanes
from maquette.store import Store
from maquette.store.projections.turns import Turn

if TYPE_CHECKING:
    from maquette.engine.dbos import DBOSEngine


class DurableEngine:
    """One a process. `where` is the workflows' own database: a file beside the log's, or the log's in Postgres.

    What is due is in the log, so alone on a file it opens them with the first run: many a base only shows what is
    there, and they take a quarter of its memory. What an earlier one left of them begins again then.
    """

    def __init__(self, store: Store, advance: Advance, around: Around, where: Path | str, limit: int = 8) -> None:
        self._lanes = lanes(store, advance, self._launch, limit, around)
        self._where = where
        self._workflows: DBOSEngine | None = None
        self._opening = asyncio.Lock()
        self.wake = self._lanes.wake
        self.stop = self._lanes.stop

    async def open(self) -> None:
        if isinstance(self._lanes, SharedLanes):
            self._lanes.died = self._tidy
            await self._opened()
        await self._lanes.pick_up()

    def preload(self) -> None:
        importlib.import_module("maquette.engine.dbos")

    async def _opened(self) -> DBOSEngine:
        async with self._opening:
            if self._workflows is None:
                await asyncio.to_thread(self.preload)
                from maquette.engine.dbos import DBOSEngine

                workflows = DBOSEngine(self._lanes.run)
                executor = self._lanes.me.id if isinstance(self._lanes, SharedLanes) else "local"
                await workflows.open(self._where, executor)
                self._workflows = workflows
            return self._workflows

    async def _launch(self, due: Turn) -> None:
        workflows = await self._opened()
        await workflows.start(self._lanes.name(due), due)

    def _tidy(self) -> None:
        assert isinstance(self._lanes, SharedLanes)
        assert self._workflows is not None
        self._workflows.tidy(self._lanes.numbers)

    async def close(self) -> None:
        await self._lanes.close()
        if self._workflows is not None:
            self._workflows.close()
