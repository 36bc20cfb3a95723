"""SQLite: one file, one process that writes."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, NullPool, QueuePool, Table, bindparam, create_engine, event, text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

from maquette.domain.errors import MaquetteError, Refused, Unwritable
from maquette.store.dialects.words import LONG, MONTH, WEIGHED, Term, snippet

CORRUPT = "corrupt-state"
FULL = "The state can't be written: the disk is full or failing. Free some space."
PATIENCE = 5.0
"""Seconds to wait for a lock that another program holds."""


def writing_engine(path: Path) -> Engine:
    """One connection, whose transactions take the write lock at once. It alone checkpoints the write-ahead log."""
    engine = create_engine("sqlite://", creator=_connecting(path, "rw"), poolclass=NullPool)

    def connected(raw: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("PRAGMA wal_autocheckpoint = 1000")
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


def make(path: Path) -> None:
    """An empty file that only its owner may read, in a folder of the same kind."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)


def set_durable(conn: Connection, durable: bool) -> None:
    """Between transactions: whether the next commit waits for the disk."""
    _raw(conn).execute("PRAGMA synchronous = FULL" if durable else "PRAGMA synchronous = NORMAL")


def beside(path: Path, name: str) -> Path:
    return path.with_name(f"{name}.db")


def make_beside(conn: Connection, name: str) -> None:
    """The file is the place."""


@contextmanager
def scratch(path: Path) -> Generator[Engine]:
    """An empty database in a file of its own, beside this one."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="rebuild-") as folder:
        fresh = Path(folder) / "fresh.db"
        make(fresh)
        engine = writing_engine(fresh)
        try:
            yield engine
        finally:
            engine.dispose()


INSERT = insert


def take_turn(conn: Connection, durable: bool) -> None:
    """BEGIN IMMEDIATE has."""


def take_turn_beside(conn: Connection) -> None:
    """The same."""


def lost(error: Exception) -> bool:
    """There is no server."""
    return False


def complains(error: Exception) -> bool:
    return isinstance(error, sqlite3.Error)


def doubled(error: Exception) -> bool:
    """A key was there already."""
    return isinstance(error, sqlite3.IntegrityError)


def trouble(error: Exception) -> MaquetteError | None:
    """What a complaint means to a person."""
    said = str(error).lower()
    if "locked" in said or "busy" in said:
        return Unwritable("Another program holds the state's database locked: close it.", code="locked")
    if "full" in said or "disk i/o" in said:
        return Unwritable(FULL, code="disk-full")
    if "readonly" in said or "read-only" in said or "unable to open" in said:
        return Refused("The state can't be written to; see that its folder and file are yours.", code="state-read-only")
    if "malformed" in said or "not a database" in said:
        return Refused("The state's database is damaged; `maquette restore` puts a backup in its place.", code=CORRUPT)
    return None


def word_index(table: Table) -> list[str]:
    """Kept by triggers."""
    name, words, key = table.name, f"{table.name}_words", next(iter(table.primary_key)).name
    gone = f"INSERT INTO {words} ({words}, rowid, text) VALUES ('delete', old.{key}, old.text);"
    come = f"INSERT INTO {words} (rowid, text) VALUES (new.{key}, new.text);"
    return [
        f"CREATE VIRTUAL TABLE {words} USING fts5 "
        f"(text, content='{name}', content_rowid='{key}', tokenize='unicode61 remove_diacritics 2')",
        f"CREATE TRIGGER {name}_come AFTER INSERT ON {name} BEGIN {come} END",
        f"CREATE TRIGGER {name}_gone AFTER DELETE ON {name} BEGIN {gone} END",
        f"CREATE TRIGGER {name}_changed AFTER UPDATE ON {name} BEGIN {gone} {come} END",
    ]


def put_words(conn: Connection, table: Table, texts: Iterable[tuple[int, str]]) -> None:
    """The triggers have done it."""


def words_are_right(conn: Connection, table: Table) -> bool:
    words = f"{table.name}_words"
    try:
        conn.execute(text(f"INSERT INTO {words} ({words}, rank) VALUES ('integrity-check', 1)"))
    except DatabaseError as error:
        if "malformed" in str(error.orig):
            return False
        raise
    return True


def refill_words(conn: Connection, table: Table) -> None:
    words = f"{table.name}_words"
    conn.execute(text(f"INSERT INTO {words} ({words}) VALUES ('rebuild')"))


def find_words(conn: Connection, table: Table, terms: Sequence[Term], limit: int) -> list[int]:
    words = f"{table.name}_words"
    ranked = f"""
        WITH some AS MATERIALIZED (
            SELECT rowid AS key, bm25({words}) AS score FROM {words} WHERE {words} MATCH :phrases
            ORDER BY rowid DESC LIMIT {WEIGHED}
        )
        SELECT key FROM some ORDER BY score, key DESC LIMIT :limit"""
    return list(conn.scalars(text(ranked), {"phrases": phrases(terms), "limit": limit}))


def collated(column: Any) -> Any:
    return column


def phrases(terms: Sequence[Term]) -> str:
    """All quoted, so that nothing in it is an operator."""
    return " ".join(f'"{" ".join(term.words)}"{"*" if term.begun else ""}' for term in terms)


def search_words(
    conn: Connection,
    messages: Table,
    threads: Table,
    terms: Sequence[Term],
    marks: tuple[str, str],
    now: int,
    limit: int,
) -> Sequence[Any]:
    """By bm25. The index's own snippets take time by the square of how often a word is in a text: not of long ones."""
    words, sought = f"{messages.name}_words", phrases(terms)
    ranked = f"""
        WITH some AS MATERIALIZED (
            SELECT rowid AS cursor, bm25({words}) AS score FROM {words} WHERE {words} MATCH :phrases
            ORDER BY rowid DESC LIMIT {WEIGHED}
        )
        SELECT m.thread, coalesce(t.title, ''), m.position, m.who, m.at,
            CASE WHEN length(m.text) > {LONG} THEN substr(m.text, 1, {LONG}) END, m.cursor
        FROM some JOIN {messages.name} AS m ON m.cursor = some.cursor LEFT JOIN {threads.name} AS t ON t.id = m.thread
        ORDER BY some.score * (1 + 1 / (1 + (:now - m.at) / {MONTH})) * (1 + (m.who = 'title')), m.cursor DESC
        LIMIT :limit"""
    best = conn.execute(text(ranked), {"phrases": sought, "now": now, "limit": limit}).all()
    # One pass over the range: to look each up by its key would begin the whole search again for each.
    cut = text(f"""
        SELECT rowid, snippet({words}, 0, :start, :end, '…', 24) FROM {words}
        WHERE {words} MATCH :phrases AND rowid BETWEEN :first AND :last AND +rowid IN :cursors
        """).bindparams(bindparam("cursors", expanding=True))
    cursors = [cursor for *_, long, cursor in best if long is None]
    of = {"first": min(cursors, default=0), "last": max(cursors, default=0), "cursors": cursors}
    values = of | {"phrases": sought, "start": marks[0], "end": marks[1]}
    snippets: dict[int, str] = {cursor: snippet for cursor, snippet in conn.execute(cut, values)}
    return [(*row, snippets[cursor] if long is None else snippet(long, terms, marks)) for *row, long, cursor in best]
