"""The durable engine: each run is a workflow of DBOS, which begins again whatever a crash broke off.

Nothing is replayed: a workflow only advances a thread by its log. The only import of dbos.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from dbos import DBOS, DBOSConfig, SetWorkflowID

from maquette.engine.lanes import Advance, Lanes
from maquette.store import Store
from maquette.store.projections.turns import Turn

VERSION = "1"
"""Of the workflow, not of Maquette: its one step is the same throughout, so an upgrade strands nothing."""

IDLE = 3600.0
"""Seconds between looks for schedules of DBOS, of which there are none: idle means idle."""

log = logging.getLogger(__name__)
_lanes: list[Lanes] = []
"""The open engine's: DBOS knows workflows by a function of the module, and there is one DBOS a process."""


@DBOS.workflow(name="advance", max_recovery_attempts=1_000_000)
async def _workflow(thread: str, turn: str, run: str) -> None:
    await _lanes[-1].run(thread, turn, run)


class DBOSEngine:
    """One a process. `path` is the SQLite file of its own database, beside the log's."""

    def __init__(self, store: Store, advance: Advance, path: Path, limit: int = 8) -> None:
        self._lanes = Lanes(store, advance, self._launch, limit)
        self._path = path
        self.wake = self._lanes.wake
        self.stop = self._lanes.stop

    async def open(self) -> None:
        await asyncio.to_thread(_make, self._path)
        _lanes.append(self._lanes)
        config = DBOSConfig(
            name="maquette",
            system_database_url=f"sqlite:///{self._path}",
            application_version=VERSION,
            executor_id="local",
            log_level="ERROR",
            scheduler_polling_interval_sec=IDLE,
        )
        DBOS(config=config)
        DBOS.launch()
        await self._lanes.pick_up()

    async def _launch(self, due: Turn) -> None:
        with SetWorkflowID(due.run):
            await DBOS.start_workflow_async(_workflow, due.thread, due.id, due.run)

    async def close(self) -> None:
        await self._lanes.close()
        DBOS.destroy()
        # It put its own thread pool behind the loop's to_thread, and has just shut that down.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        _lanes.remove(self._lanes)


def _make(path: Path) -> None:
    """A file only its owner reads. WAL is a property of the file, so DBOS's own connections have it too."""
    path.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode = WAL")
