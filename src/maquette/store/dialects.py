"""Whatever differs between databases, and nothing else. SQLite for now."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, NullPool, QueuePool, Table, create_engine, event
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from maquette.domain.errors import Bug, MaquetteError, Refused, Unavailable

PATIENCE = 5.0
"""Seconds to wait for a lock that another program holds."""


def writing_engine(path: Path) -> Engine:
    """One connection, whose transactions take the write lock at once. It alone checkpoints the write-ahead log."""
    engine = create_engine("sqlite://", creator=_connecting(path, "rw"), poolclass=NullPool)

    def connected(raw: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("PRAGMA wal_autocheckpoint = 2000")
        raw.execute("PRAGMA journal_size_limit = 67108864")
        raw.execute("PRAGMA foreign_keys = ON")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def reading_engine(path: Path) -> Engine:
    """Connections that can't write (nor checkpoint: before 3.51.3 two checkpointers can corrupt the file)."""
    connecting = _connecting(path, "ro")
    engine = create_engine("sqlite://", creator=connecting, poolclass=QueuePool, pool_size=8, max_overflow=24)

    def connected(raw: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        raw.execute("PRAGMA query_only = ON")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", _begin)
    return engine


def _connecting(path: Path, mode: str) -> Callable[[], sqlite3.Connection]:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return lambda: sqlite3.connect(address, PATIENCE, isolation_level=None, check_same_thread=False, uri=True)


def _begin_immediate(conn: Connection) -> None:
    _raw(conn).execute("BEGIN IMMEDIATE")


def _begin(conn: Connection) -> None:
    _raw(conn).execute("BEGIN")


def _raw(conn: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, conn.connection.driver_connection)


def make_file(path: Path) -> None:
    """An empty file that only its owner may read, in a folder of the same kind."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)


def set_durable(conn: Connection, durable: bool) -> None:
    """Between transactions: whether the next commit waits for the disk."""
    _raw(conn).execute("PRAGMA synchronous = FULL" if durable else "PRAGMA synchronous = NORMAL")


_UPSERTS: dict[Table, Insert] = {}


def upsert(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Puts whole rows in, over those which have the same key."""
    if not rows:
        return
    statement = _UPSERTS.get(table)
    if statement is None:
        statement = insert(table)
        keys = {column.name for column in table.primary_key}
        rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
        statement = _UPSERTS[table] = statement.on_conflict_do_update(index_elements=sorted(keys), set_=rest)
    conn.execute(statement, rows)


COMPLAINTS = (DBAPIError, sqlite3.Error)
"""What a database raises, also where SQLAlchemy isn't in between."""


@contextmanager
def troubles() -> Generator[None]:
    """Turns complaints inside into errors that say what to do."""
    try:
        yield
    except COMPLAINTS as error:
        raise trouble(error) from error


def trouble(error: Exception) -> MaquetteError:
    """What a complaint means to a person."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).lower()
    if "locked" in said or "busy" in said:
        return Unavailable("Another program holds the state's database locked; close it, or try again.", retry_after=5)
    if "full" in said or "disk i/o" in said:
        return Refused("The state can't be written: the disk is full or failing. Free some space.", code="disk-full")
    if "readonly" in said or "read-only" in said or "unable to open" in said:
        return Refused("The state can't be written to; see that its folder and file are yours.", code="state-read-only")
    if "malformed" in said or "not a database" in said:
        return Refused("The state's database is damaged; restore it from a backup.", code="corrupt-state")
    return Bug(f"The database refused: {error}")
