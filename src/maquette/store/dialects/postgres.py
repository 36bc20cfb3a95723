"""Postgres: a server, and any number of processes that write.

psycopg is loaded when a connection is made, and not before.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing, contextmanager
from functools import cache
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, QueuePool, Table, create_engine, event, make_url, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.pool import ConnectionPoolEntry

from maquette.domain.errors import GONE, MaquetteError, Refused, Unavailable, Unwritable
from maquette.domain.terms import fold
from maquette.store.dialects.words import MONTH, WEIGHED, Term, folded, snippet

CONNECTING = 5
"""Seconds to wait for a server that doesn't answer."""
PATIENCE = 20.0
"""Seconds for which a commit waits for a server that went away."""
IDLE = 3
"""Seconds for which a transaction may be left alone, before the server ends it."""
ORDER = 0x6D617175
"""The lock under which commits come one after another, over all processes: so cursors are in the order of commits."""
_POSITIONS, _LAST_POSITION, _LONGEST_WORD, _MOST_WORDS = 255, 16_383, 200, 1_000_000
"""What a tsvector holds: positions of a word, the last position, characters of a word, bytes in all (about)."""

INSERT = insert


def writing_engine(address: str) -> Engine:
    """For few connections, of which one is kept. A process that stops with a lock in its hand loses it in `IDLE`."""
    engine = _engine(address, poolclass=QueuePool, pool_size=1)

    def connected(raw: Any, _record: ConnectionPoolEntry) -> None:
        raw.execute(f"SET idle_in_transaction_session_timeout = '{IDLE}s'")
        raw.commit()

    event.listen(engine, "connect", connected)
    return engine


def reading_engine(address: str) -> Engine:
    """Connections that can't write, each of whose transactions is of one moment."""
    engine = _engine(address, poolclass=QueuePool, pool_size=4, max_overflow=12, isolation_level="REPEATABLE READ")

    def connected(raw: Any, _record: ConnectionPoolEntry) -> None:
        raw.read_only = True

    event.listen(engine, "connect", connected)
    return engine


def _engine(address: str, **more: Any) -> Engine:
    url = make_url(address.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")
    engine = create_engine(url, connect_args={"connect_timeout": CONNECTING}, pool_pre_ping=True, **more)
    event.listen(engine, "do_connect", _Patient())
    event.listen(engine, "connect", _connected)
    return engine


class _Patient:
    """Waits for a server that was there and went away."""

    def __init__(self) -> None:
        self._was_there = False

    def __call__(self, dialect: Any, _record: Any, args: Any, kwargs: Any) -> Any:
        until = time.monotonic() + (PATIENCE if self._was_there else 0)
        while True:
            try:
                raw = dialect.connect(*args, **kwargs)
            except Exception as error:
                if not isinstance(trouble(error), Unavailable) or time.monotonic() > until:
                    raise
            else:
                self._was_there = True
                return raw
            time.sleep(0.1)


def _connected(raw: Any, _record: ConnectionPoolEntry) -> None:
    raw.adapters.register_dumper(str, _dumper())
    raw.cursor_factory = _cursor()
    raw.prepare_threshold = 3


def _dumper() -> type[Any]:
    """A text of Postgres can't hold NUL. (Events can: they are kept as JSON, which spells it out.)"""
    from psycopg.types.string import StrDumper

    class NoNul(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    return NoNul


@cache
def _cursor() -> type[Any]:
    """After many at once psycopg asks the server to flush, which keeps that from ending a transaction that is then left
    alone. One more statement, and it does.
    """
    from psycopg import Cursor

    class Watched(Cursor[Any]):
        def executemany(self, *args: Any, **more: Any) -> None:
            super().executemany(*args, **more)
            if self.connection.info.transaction_status.name == "INTRANS":
                self.connection.execute("SELECT 1")

    return Watched


def make(address: str) -> None:
    """The database is there already: whoever runs the server made it."""


def beside(address: str, name: str) -> str:
    """A schema of that name in the same database."""
    url = make_url(address).update_query_dict({"options": f"-csearch_path={name}"})
    return url.render_as_string(hide_password=False)


def make_beside(conn: Connection, name: str) -> None:
    conn.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))


@contextmanager
def scratch(address: str) -> Generator[Engine]:
    """An empty schema beside the tables, for as long as this takes."""
    name = f"rebuild_{token_hex(4)}"
    engine = _engine(beside(address, name), poolclass=NullPool)
    with engine.begin() as conn:
        conn.execute(text(f"CREATE SCHEMA {name}"))
    try:
        yield engine
    finally:
        with engine.begin() as conn:
            conn.execute(text(f"DROP SCHEMA {name} CASCADE"))
        engine.dispose()


def set_durable(conn: Connection, durable: bool) -> None:
    """Said in each transaction, by `take_turn`."""


def take_turn(conn: Connection, durable: bool) -> None:
    """Wait until no other process commits."""
    said = "" if durable else "SET LOCAL synchronous_commit = off; "
    with closing(conn.connection.cursor()) as cursor:
        cursor.execute(f"{said}SELECT pg_advisory_xact_lock({ORDER})")


def take_turn_beside(conn: Connection) -> None:
    conn.execute(text(f"SELECT pg_advisory_xact_lock({ORDER + 1})"))


def lost(error: Exception) -> bool:
    """Whether the server went away."""
    from psycopg import InterfaceError, OperationalError

    state: str = getattr(error, "sqlstate", None) or ""
    if state == "25P03":  # it was left alone for too long
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return not state or state[:2] == "08" or state[:4] == "57P0"


def complains(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] == "psycopg"


def doubled(error: Exception) -> bool:
    return getattr(error, "sqlstate", None) == "23505"


def trouble(error: Exception) -> MaquetteError | None:
    state: str = getattr(error, "sqlstate", None) or ""
    said = str(error).lower()
    if state in ("3D000", "28P01", "28000") or ("does not exist" in said and not state) or "authentication" in said:
        return Refused(f"MAQUETTE_DATABASE can't be opened: {_line(error)}", code="no-database")
    if lost(error):
        return Unwritable("The database server doesn't answer.", code=GONE)
    match state:
        case "55P03" | "40P01" | "40001" | "57014":
            return Unwritable("Another program holds the state's database locked: close it.", code="locked")
        case "53100" | "58030":
            why = "The state can't be written: the database server's disk is full or failing. Free some space there."
            return Unwritable(why, code="disk-full")
        case "25006" | "42501":
            why = "The state can't be written to; see that MAQUETTE_DATABASE names a user who may write."
            return Refused(why, code="state-read-only")
        case "XX001" | "XX002":
            return Refused("The state's database is damaged; restore it from a backup.", code="corrupt-state")
        case _:
            return None


def _line(error: Exception) -> str:
    return str(error).strip().rpartition("\n")[2].rpartition("FATAL:")[2].strip()


def collated(column: Any) -> Any:
    """In the order of characters, wherever the database stands."""
    return column.collate("C") if column.type.python_type is str else column


def word_index(table: Table) -> list[str]:
    """Full text of `table.text` in a table beside it; `put_words` keeps it."""
    name, words = table.name, f"{table.name}_words"
    return [
        f"CREATE TABLE {words} "
        f"(cursor BIGINT PRIMARY KEY REFERENCES {name} ON DELETE CASCADE, words TSVECTOR NOT NULL)",
        f"CREATE INDEX {words}_found ON {words} USING gin (words)",
    ]


def put_words(conn: Connection, table: Table, texts: Iterable[tuple[int, str]]) -> None:
    rows = [(cursor, _vector(said)) for cursor, said in texts]
    with closing(conn.connection.cursor()) as cursor:
        cursor.executemany(
            f"INSERT INTO {table.name}_words VALUES (%s, %s::tsvector) "
            "ON CONFLICT (cursor) DO UPDATE SET words = excluded.words",
            rows,
        )


def words_are_right(conn: Connection, table: Table) -> bool:
    words = f"{table.name}_words"
    count = f"SELECT (SELECT count(*) FROM {table.name}) = (SELECT count(*) FROM {words})"
    differ = text(
        f"SELECT count(*) FROM unnest(CAST(:cursors AS bigint[]), CAST(:words AS text[])) AS m (cursor, words) "
        f"LEFT JOIN {words} AS w USING (cursor) WHERE w.words IS DISTINCT FROM CAST(m.words AS tsvector)"
    )
    for page in _texts(conn, table):
        of = {"cursors": [row[0] for row in page], "words": [_vector(row[1]) for row in page]}
        if conn.scalar(differ, of):
            return False
    return bool(conn.scalar(text(count)))


def refill_words(conn: Connection, table: Table) -> None:
    conn.execute(text(f"DELETE FROM {table.name}_words"))
    for page in _texts(conn, table):
        put_words(conn, table, page)


def _texts(conn: Connection, table: Table) -> Generator[Sequence[tuple[int, str]]]:
    key = next(iter(table.primary_key)).name
    chosen = text(f"SELECT {key}, text FROM {table.name} WHERE {key} > :after ORDER BY {key} LIMIT 500")
    after = 0
    while page := conn.execute(chosen, {"after": after}).all():
        yield [(row[0], row[1]) for row in page]
        after = page[-1][0]


def _vector(said: str) -> str:
    places: dict[str, list[str]] = {}
    size = 0
    for number, (word, _, _) in enumerate(folded(said), 1):
        at = places.setdefault(word[:_LONGEST_WORD], [])
        size += 2 if at else len(word.encode()) + 8
        if size > _MOST_WORDS:
            break
        if len(at) < _POSITIONS:
            at.append(str(min(number, _LAST_POSITION)))
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())


def phrases(terms: Sequence[Term]) -> str:
    return " & ".join(
        "(" + " <-> ".join(f"'{fold(word)[:_LONGEST_WORD]}'" for word in term.words) + (":*)" if term.begun else ")")
        for term in terms
    )


def find_words(conn: Connection, table: Table, terms: Sequence[Term], limit: int) -> list[int]:
    words = f"{table.name}_words"
    ranked = f"""
        WITH few AS MATERIALIZED (
            SELECT cursor, ts_rank(words, CAST(:sought AS tsquery), 1) AS score FROM {words}
            WHERE words @@ CAST(:sought AS tsquery) ORDER BY cursor DESC LIMIT {WEIGHED}
        )
        SELECT cursor FROM few ORDER BY score DESC, cursor DESC LIMIT :limit"""
    return list(conn.scalars(text(ranked), {"sought": phrases(terms), "limit": limit}))


def search_words(
    conn: Connection,
    messages: Table,
    threads: Table,
    terms: Sequence[Term],
    marks: tuple[str, str],
    now: int,
    limit: int,
) -> Sequence[Any]:
    """By ts_rank, a longer text weighing less."""
    words = f"{messages.name}_words"
    ranked = f"""
        WITH few AS MATERIALIZED (
            SELECT cursor, ts_rank(words, CAST(:sought AS tsquery), 1) AS score FROM {words}
            WHERE words @@ CAST(:sought AS tsquery) ORDER BY cursor DESC LIMIT {WEIGHED}
        )
        SELECT m.thread, coalesce(t.title, ''), m.position, m.who, m.at, m.text
        FROM few JOIN {messages.name} AS m ON m.cursor = few.cursor LEFT JOIN {threads.name} AS t ON t.id = m.thread
        ORDER BY few.score * (1 + 1 / (1 + (:now - m.at) / {MONTH})) * (1 + CAST(m.who = 'title' AS int)) DESC,
            m.cursor DESC
        LIMIT :limit"""
    best = conn.execute(text(ranked), {"sought": phrases(terms), "now": now, "limit": limit}).all()
    return [(*row[:-1], snippet(row[-1], terms, marks)) for row in best]
