"""Whatever differs between databases, and nothing else: one module each, and here what asks for the right one.

A place is the path of SQLite's file, or the address of a Postgres database (`postgresql://…`).
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import DDL, Connection, Engine, Table, event, make_url
from sqlalchemy.exc import DBAPIError

from maquette.domain.errors import Bug, MaquetteError
from maquette.store.dialects import postgres, sqlite
from maquette.store.dialects.sqlite import CORRUPT
from maquette.store.dialects.words import Term, terms

__all__ = ["CORRUPT", "terms"]

Place = Path | str


class Dialect(Protocol):
    """What each of the modules has. The functions below say what they are for."""

    INSERT: Any

    def make(self, place: Any, /) -> None: ...
    def writing_engine(self, place: Any, /) -> Engine: ...
    def reading_engine(self, place: Any, /) -> Engine: ...
    def beside(self, place: Any, name: str, /) -> Any: ...
    def make_beside(self, conn: Connection, name: str, /) -> None: ...
    def scratch(self, place: Any, /) -> AbstractContextManager[Engine]: ...
    def set_durable(self, conn: Connection, durable: bool, /) -> None: ...
    def take_turn(self, conn: Connection, durable: bool) -> None: ...
    def take_turn_beside(self, conn: Connection, /) -> None: ...
    def lost(self, error: Exception, /) -> bool: ...
    def complains(self, error: Exception, /) -> bool: ...
    def doubled(self, error: Exception, /) -> bool: ...
    def trouble(self, error: Exception, /) -> MaquetteError | None: ...
    def collated(self, column: Any, /) -> Any: ...
    def word_index(self, table: Table, /) -> list[str]: ...
    def put_words(self, conn: Connection, table: Table, texts: Iterable[tuple[int, str]], /) -> None: ...
    def words_are_right(self, conn: Connection, table: Table, /) -> bool: ...
    def refill_words(self, conn: Connection, table: Table, /) -> None: ...
    def find_words(self, conn: Connection, table: Table, terms: Sequence[Term], limit: int, /) -> list[int]: ...
    def search_words(
        self,
        conn: Connection,
        messages: Table,
        threads: Table,
        terms: Sequence[Term],
        marks: tuple[str, str],
        now: int,
        limit: int,
        /,
    ) -> Sequence[Any]: ...


_ALL: dict[str, Dialect] = {"sqlite": sqlite, "postgresql": postgres}


def name(place: Place) -> str:
    """To be shown: without a password."""
    return make_url(place).render_as_string() if isinstance(place, str) else str(place)


def _at(place: Place) -> Dialect:
    return postgres if isinstance(place, str) else sqlite


def _of(conn: Connection) -> Dialect:
    return _ALL[conn.dialect.name]


def make_file(place: Place) -> None:
    """Whatever must be there before a connection can be made."""
    _at(place).make(place)


def writing_engine(place: Place) -> Engine:
    """For one connection that writes, in transactions that nobody else's come between."""
    return _at(place).writing_engine(place)


def reading_engine(place: Place) -> Engine:
    """For connections that can't write, each of whose transactions sees one moment."""
    return _at(place).reading_engine(place)


def beside(place: Place, name: str) -> Place:
    """Where tables may lie that have nothing to do with those at `place`: in a file beside it, in a schema."""
    return _at(place).beside(place, name)


def make_beside(conn: Connection, name: str) -> None:
    """First on a connection to such a place."""
    _of(conn).make_beside(conn, name)


def scratch(place: Place) -> AbstractContextManager[Engine]:
    """An empty database beside this one, gone at the end."""
    return _at(place).scratch(place)


def set_durable(conn: Connection, durable: bool) -> None:
    """Between transactions: whether the next commit waits for the disk."""
    _of(conn).set_durable(conn, durable)


def take_turn(conn: Connection, durable: bool) -> None:
    """First in a transaction that appends: none of another process comes between."""
    _of(conn).take_turn(conn, durable=durable)


def take_turn_beside(conn: Connection) -> None:
    """The same, of what lies beside the log: who writes there waits for no appends."""
    _of(conn).take_turn_beside(conn)


def inserting(table: Table, dialect: str) -> Any:
    """Which can say what to do on a conflict."""
    return _ALL[dialect].INSERT(table)


def upserting(table: Table, dialect: str) -> Any:
    """Puts a whole row in, over one which has the same key."""
    statement = inserting(table, dialect)
    keys = {column.name for column in table.primary_key}
    rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=sorted(keys), set_=rest)


def _cause(error: Exception) -> tuple[Dialect, Exception] | None:
    """A database's own complaint, also where SQLAlchemy isn't in between."""
    said = error.orig if isinstance(error, DBAPIError) else error
    of = next((dialect for dialect in _ALL.values() if isinstance(said, Exception) and dialect.complains(said)), None)
    return (of, said) if of is not None and isinstance(said, Exception) else None


def doubled(error: Exception) -> bool:
    """A key was there already."""
    found = _cause(error)
    return found is not None and found[0].doubled(found[1])


def lost(error: Exception) -> bool:
    """The server went away: what was under way may have been committed, or not."""
    found = _cause(error)
    return found is not None and found[0].lost(found[1])


@contextmanager
def troubles() -> Generator[None]:
    """Turns complaints inside into errors that say what to do."""
    try:
        yield
    except Exception as error:
        if _cause(error) is None:
            raise
        raise trouble(error) from error


def trouble(error: Exception) -> MaquetteError:
    """What an error means to a person: ours as it is, a complaint as what to do about it, any other as a mistake."""
    if isinstance(error, MaquetteError):
        return error
    found = _cause(error)
    said = found[0].trouble(found[1]) if found else None
    return said or Bug(f"The store failed: {error!r}")


def collated(conn: Connection, column: Any) -> Any:
    """To order by, as Python orders."""
    return _of(conn).collated(column)


def index_words(table: Table) -> None:
    """Full text over `table.text`, by the table's key."""
    for name, dialect in _ALL.items():
        for statement in dialect.word_index(table):
            event.listen(table, "after_create", DDL(statement).execute_if(dialect=name))


def put_words(conn: Connection, table: Table, texts: Iterable[tuple[int, str]]) -> None:
    """After texts came or changed: key and text of each."""
    _of(conn).put_words(conn, table, texts)


def words_are_right(conn: Connection, table: Table) -> bool:
    """Whether the full text says what `table` says."""
    return _of(conn).words_are_right(conn, table)


def refill_words(conn: Connection, table: Table) -> None:
    """Makes the full text anew from `table`."""
    _of(conn).refill_words(conn, table)


def find_words(conn: Connection, table: Table, terms: Sequence[Term], limit: int) -> list[int]:
    """Keys of those whose text has all `terms`, best first."""
    return _of(conn).find_words(conn, table, terms, limit)


def search_words(
    conn: Connection,
    messages: Table,
    threads: Table,
    terms: Sequence[Term],
    marks: tuple[str, str],
    now: int,
    limit: int,
) -> Sequence[Any]:
    """Thread, its title, position, who, at, snippet. Newer and titles weigh more, by up to twice each."""
    return _of(conn).search_words(conn, messages, threads, terms, marks, now, limit)
