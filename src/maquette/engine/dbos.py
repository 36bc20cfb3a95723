"""Workflows of DBOS, each of which begins again when a crash broke it off. The only import of dbos.

Nothing is replayed: a workflow only advances a thread by its log.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from dbos import DBOS, DBOSConfig, SetWorkflowID

from maquette.store.projections.turns import Turn

VERSION = "1"
"""Of the workflow, not of Maquette: its one step is the same throughout, so an upgrade strands nothing."""

POOL = 4
"""Connections to Postgres."""
THREADS = 32
"""In which the process waits for what blocks; without a bound, a burst of turns would leave a thread for each."""
IDLE = 3600.0
"""Seconds between looks for schedules of DBOS, of which there are none: idle means idle."""
LISTENING = 0.2
"""Seconds between looks of its listener, which on a file finds nothing to look at; a base that ends waits for one."""

Run = Callable[[str, str, str], Awaitable[None]]
_run: list[Run] = []
"""The open engine's: DBOS knows workflows by a function of the module, and there is one DBOS a process."""


@DBOS.workflow(name="advance", max_recovery_attempts=1_000_000)
async def _workflow(thread: str, turn: str, run: str) -> None:
    await _run[-1](thread, turn, run)


class DBOSEngine:
    """What begins runs as workflows; one a process."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def open(self, where: Path | str, executor: str) -> None:
        """On a database of its own: the SQLite file beside the log's, or the log's in Postgres. What an `executor` of
        this name left behind begins again.
        """
        config = DBOSConfig(
            name="maquette",
            application_version=VERSION,
            log_level="ERROR",
            executor_id=executor,
            max_executor_threads=THREADS,
            scheduler_polling_interval_sec=IDLE,
            notification_listener_polling_interval_sec=LISTENING,
        )
        if isinstance(where, Path):
            config["system_database_url"] = f"sqlite:///{where}"
        else:
            config |= {"system_database_url": where, "sys_db_pool_size": POOL}
        _run.append(self._run)
        opening = asyncio.ensure_future(asyncio.to_thread(_open, config, where, asyncio.get_running_loop()))
        try:
            await asyncio.shield(opening)
        except BaseException:
            await asyncio.wait({opening})  # what is half open can't be closed
            self.close()
            raise

    async def start(self, name: str, due: Turn) -> None:
        with SetWorkflowID(name):
            await DBOS.start_workflow_async(_workflow, due.thread, due.id, due.run)

    def tidy(self, numbers: Callable[[], Sequence[int]]) -> None:
        """Cancel what workers left behind who are gone: it is done under another name, if it is still due. `numbers` of
        all holds are asked for after that, so what begins meanwhile is none of it.
        """
        left = {found.workflow_id for found in DBOS.list_workflows(status="PENDING", name="advance")}
        held = {str(number) for number in numbers()}
        if gone := [name for name in left if name.rpartition(".")[2] not in held]:
            DBOS.cancel_workflows(gone)

    def close(self) -> None:
        DBOS.destroy()
        # It put its own thread pool behind the loop's to_thread, and has just shut that down.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        _run.remove(self._run)


def _open(config: DBOSConfig, where: Path | str, loop: asyncio.AbstractEventLoop) -> None:
    """It may wait for its database, which is why this has a thread; workflows run on `loop` all the same."""
    if isinstance(where, Path):
        _make(where)
    made = DBOS(config=config)
    made._background_event_loop._main_loop = loop  # pyright: ignore[reportPrivateUsage] - else launch's own thread's
    DBOS.launch()


def _make(path: Path) -> None:
    """A file only its owner reads. WAL is a property of the file, so DBOS's own connections have it too."""
    path.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode = WAL")
