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
from maquette.engine.port import Around
from maquette.engine.workers import SharedLanes, lanes
from maquette.store import Store
from maquette.store.projections.turns import Turn

VERSION = "1"
"""Of the workflow, not of Maquette: its one step is the same throughout, so an upgrade strands nothing."""

POOL = 4
"""Connections to Postgres."""
IDLE = 3600.0
"""Seconds between looks for schedules of DBOS, of which there are none: idle means idle."""
LISTENING = 0.2
"""Seconds between looks of its listener, which on a file finds nothing to look at; a base that ends waits for one."""

log = logging.getLogger(__name__)
_lanes: list[Lanes] = []
"""The open engine's: DBOS knows workflows by a function of the module, and there is one DBOS a process."""


@DBOS.workflow(name="advance", max_recovery_attempts=1_000_000)
async def _workflow(thread: str, turn: str, run: str) -> None:
    await _lanes[-1].run(thread, turn, run)


class DBOSEngine:
    """One a process. `where` is its own database: the SQLite file beside the log's, or the log's in Postgres."""

    def __init__(self, store: Store, advance: Advance, around: Around, where: Path | str, limit: int = 8) -> None:
        self._lanes = lanes(store, advance, self._launch, limit, around)
        self._where = where
        self.wake = self._lanes.wake
        self.stop = self._lanes.stop

    async def open(self) -> None:
        config = DBOSConfig(
            name="maquette",
            application_version=VERSION,
            log_level="ERROR",
            scheduler_polling_interval_sec=IDLE,
            notification_listener_polling_interval_sec=LISTENING,
        )
        if isinstance(self._lanes, SharedLanes):
            self._lanes.died = self._tidy
            config |= {"executor_id": self._lanes.me.id, "sys_db_pool_size": POOL}
        if isinstance(self._where, Path):
            await asyncio.to_thread(_make, self._where)
            config |= {"executor_id": "local", "system_database_url": f"sqlite:///{self._where}"}
        else:
            config |= {"system_database_url": self._where}
        _lanes.append(self._lanes)
        DBOS(config=config)
        DBOS.launch()
        await self._lanes.pick_up()

    def _tidy(self) -> None:
        """Cancel what workers left behind who are gone: it is done under another name, if it is still due."""
        assert isinstance(self._lanes, SharedLanes)
        left = {found.workflow_id for found in DBOS.list_workflows(status="PENDING", name="advance")}
        held = {str(number) for number in self._lanes.numbers()}
        if gone := [name for name in left if name.rpartition(".")[2] not in held]:
            DBOS.cancel_workflows(gone)

    async def _launch(self, due: Turn) -> None:
        with SetWorkflowID(self._lanes.name(due)):
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
