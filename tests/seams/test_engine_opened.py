"""The engine's workflows are opened beside all else: what their database waits for, nobody else does."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from house.homes import PATIENCE
from maquette.engine.dbos import DBOSEngine

pytestmark = pytest.mark.anyio


@pytest.fixture
def taken(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """An engine's database that somebody else writes to until they commit."""
    with closing(sqlite3.connect(tmp_path / "engine.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN IMMEDIATE")
        yield other


async def nothing(thread: str, turn: str, run: str) -> None:
    pass


async def waits(file: Path) -> None:
    """Returns once this process has a database open a second time."""

    def opened() -> Iterator[Path]:
        for descriptor in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                yield descriptor.readlink()

    async with asyncio.timeout(PATIENCE):
        while [*opened()].count(file) < 2:  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.01)


async def test_the_loop_goes_on_while_the_workflows_wait_for_their_database(
    tmp_path: Path, taken: sqlite3.Connection
) -> None:
    engine = DBOSEngine(nothing)
    opening = asyncio.create_task(engine.open(tmp_path / "engine.db", "local"))
    await waits(tmp_path / "engine.db")
    taken.execute("COMMIT")
    await opening
    engine.close()


async def test_workflows_that_are_given_up_while_they_open_are_closed_once_they_are_open(
    tmp_path: Path, taken: sqlite3.Connection
) -> None:
    opening = asyncio.create_task(DBOSEngine(nothing).open(tmp_path / "engine.db", "local"))
    await waits(tmp_path / "engine.db")
    opening.cancel()
    await asyncio.sleep(0)
    taken.execute("COMMIT")
    with pytest.raises(asyncio.CancelledError):
        await opening
    engine = DBOSEngine(nothing)
    await engine.open(tmp_path / "engine.db", "local")
    engine.close()
