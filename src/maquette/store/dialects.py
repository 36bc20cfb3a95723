"""Whatever differs between databases, and nothing else. SQLite for now."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import DDL, Connection, Engine, NullPool, QueuePool, Table, bindparam, create_engine, event, text
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from maquette.domain.errors import Bug, MaquetteError, Refused, Unwritable

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


def make_file(path: Path) -> None:
    """An empty file that only its owner may read, in a folder of the same kind."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)


def set_durable(conn: Connection, durable: bool) -> None:
    """Between transactions: whether the next commit waits for the disk."""
    _raw(conn).execute("PRAGMA synchronous = FULL" if durable else "PRAGMA synchronous = NORMAL")


def upserting(table: Table) -> Insert:
    """Puts a whole row in, over one which has the same key."""
    statement = insert(table)
    keys = {column.name for column in table.primary_key}
    rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=sorted(keys), set_=rest)


DOUBLED = (IntegrityError, sqlite3.IntegrityError)
"""A key was there already."""
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
    """What an error means to a person: ours as it is, a complaint as what to do about it, any other as a mistake."""
    if isinstance(error, MaquetteError):
        return error
    said = str(error.orig if isinstance(error, DBAPIError) else error).lower()
    if "locked" in said or "busy" in said:
        return Unwritable("Another program holds the state's database locked: close it.", code="locked")
    if "full" in said or "disk i/o" in said:
        return Unwritable(FULL, code="disk-full")
    if "readonly" in said or "read-only" in said or "unable to open" in said:
        return Refused("The state can't be written to; see that its folder and file are yours.", code="state-read-only")
    if "malformed" in said or "not a database" in said:
        return Refused("The state's database is damaged; `maquette restore` puts a backup in its place.", code=CORRUPT)
    return Bug(f"The store failed: {error!r}")


def index_words(table: Table) -> None:
    """Full text over `table.text`, kept by triggers; `table.cursor` is its key."""
    name, words = table.name, f"{table.name}_words"
    gone = f"INSERT INTO {words} ({words}, rowid, text) VALUES ('delete', old.cursor, old.text);"
    come = f"INSERT INTO {words} (rowid, text) VALUES (new.cursor, new.text);"
    for statement in (
        f"CREATE VIRTUAL TABLE {words} USING fts5 "
        f"(text, content='{name}', content_rowid='cursor', tokenize='unicode61 remove_diacritics 2')",
        f"CREATE TRIGGER {name}_come AFTER INSERT ON {name} BEGIN {come} END",
        f"CREATE TRIGGER {name}_gone AFTER DELETE ON {name} BEGIN {gone} END",
        f"CREATE TRIGGER {name}_changed AFTER UPDATE ON {name} BEGIN {gone} {come} END",
    ):
        event.listen(table, "after_create", DDL(statement).execute_if(dialect="sqlite"))


def words_are_right(conn: Connection, table: Table) -> bool:
    """Whether the full text says what `table` says."""
    words = f"{table.name}_words"
    try:
        conn.execute(text(f"INSERT INTO {words} ({words}, rank) VALUES ('integrity-check', 1)"))
    except DatabaseError as error:
        if "malformed" in str(error.orig):
            return False
        raise
    return True


def refill_words(conn: Connection, table: Table) -> None:
    """Makes the full text anew from `table`."""
    words = f"{table.name}_words"
    conn.execute(text(f"INSERT INTO {words} ({words}) VALUES ('rebuild')"))


UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that don't part words by spaces: to the index, a whole sentence of them is one word."""
_PHRASE = re.compile(r'"([^"]*)"?|([^\s"]+)')
_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 32
_WEIGHED = 5_000
_MONTH = 30 * 86_400e6


def phrases(query: str) -> str:
    """A person's query as the index takes it: all quoted, so that nothing in it is an operator. Empty: no word in it.

    The last word also stands for those that begin with it, unless it is in quotes or followed by a space.
    """
    found = list(_PHRASE.finditer(query))[:_MOST_WORDS]
    quoted = [" ".join(_WORD.findall(match[0])) for match in found]
    begun = bool(found) and found[-1][2] is not None and found[-1].end() == len(query)
    terms = [f'"{words}"' for words in quoted if words]
    return " ".join(terms) + ("*" if begun and quoted[-1] else "")


def search_words(
    conn: Connection, messages: Table, threads: Table, phrases: str, marks: tuple[str, str], now: int, limit: int
) -> Sequence[Any]:
    """Thread, its title, position, who, at, snippet. Newer and titles weigh more, by up to twice each.

    Of very many matches only the newest are weighed.
    """
    words = f"{messages.name}_words"
    ranked = f"""
        WITH some AS MATERIALIZED (
            SELECT rowid AS cursor, bm25({words}) AS score FROM {words} WHERE {words} MATCH :phrases
            ORDER BY rowid DESC LIMIT {_WEIGHED}
        )
        SELECT m.thread, coalesce(t.title, ''), m.position, m.who, m.at, m.cursor
        FROM some JOIN {messages.name} AS m ON m.cursor = some.cursor LEFT JOIN {threads.name} AS t ON t.id = m.thread
        ORDER BY some.score * (1 + 1 / (1 + (:now - m.at) / {_MONTH})) * (1 + (m.who = 'title')), m.cursor DESC
        LIMIT :limit"""
    best = conn.execute(text(ranked), {"phrases": phrases, "now": now, "limit": limit}).all()
    # One pass over the range: to look each up by its key would begin the whole search again for each.
    cut = text(f"""
        SELECT rowid, snippet({words}, 0, :start, :end, '…', 24) FROM {words}
        WHERE {words} MATCH :phrases AND rowid BETWEEN :first AND :last AND +rowid IN :cursors
        """).bindparams(bindparam("cursors", expanding=True))
    cursors = [row[-1] for row in best]
    of = {"first": min(cursors, default=0), "last": max(cursors, default=0), "cursors": cursors}
    values = of | {"phrases": phrases, "start": marks[0], "end": marks[1]}
    snippets: dict[int, str] = {cursor: snippet for cursor, snippet in conn.execute(cut, values)}
    return [(*row[:-1], snippets[row[-1]]) for row in best]
