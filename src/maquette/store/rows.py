"""A table's rows by their key, read and written straight on the driver.

Every append does so several times, and SQLAlchemy's own execution costs ten times what the database does. It still
writes the SQL, once a dialect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, select, update
from sqlalchemy.sql import ClauseElement

from maquette.store import dialects

Row = dict[str, Any]


@dataclass(frozen=True)
class _Ready:
    sql: str
    values: Callable[[Mapping[str, Any]], Any]


class Prepared:
    """One statement, whose parameters are named as its columns are."""

    def __init__(self, statement: ClauseElement | Callable[[str], ClauseElement]) -> None:
        """Of a statement, or of what makes one for a dialect's name."""
        self._statement = statement
        self._ready: dict[str, _Ready] = {}

    @classmethod
    def updating(cls, table: Table, column: str, *by: str) -> Prepared:
        """Sets one column (`to_…`) of the rows that others name (`of_…`)."""
        chosen = update(table).where(*[table.c[name] == bindparam(f"of_{name}") for name in by])
        return cls(chosen.values({column: bindparam(f"to_{column}")}))

    def run(self, conn: Connection, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Its rows; none for a statement that has none."""
        ready = self._get(conn)
        cursor = conn.connection.cursor()
        try:
            cursor.execute(ready.sql, ready.values(values))
            return cursor.fetchall() if cursor.description else ()
        finally:
            cursor.close()

    def run_many(self, conn: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        ready = self._get(conn)
        cursor = conn.connection.cursor()
        try:
            many = [ready.values(row) for row in rows]
            if len(many) == 1:  # some drivers make more of it
                cursor.execute(ready.sql, many[0])
            else:
                cursor.executemany(ready.sql, many)
        finally:
            cursor.close()

    def _get(self, conn: Connection) -> _Ready:
        ready = self._ready.get(conn.dialect.name)
        if ready is None:
            statement = self._statement
            made = statement if isinstance(statement, ClauseElement) else statement(conn.dialect.name)
            compiled = made.compile(dialect=conn.dialect)
            names: list[str] = getattr(compiled, "positiontup", None) or []
            ready = self._ready[conn.dialect.name] = _Ready(str(compiled), _picker(names))
        return ready


def _picker(names: list[str]) -> Callable[[Mapping[str, Any]], Any]:
    """Names in the order in which a driver wants them; no names when it takes a mapping."""
    match names:
        case []:
            return lambda values: values
        case [name]:
            return lambda values: (values[name],)
        case _:
            return itemgetter(*names)


class Rows:
    """Whole rows of `table`, as dicts of plain values."""

    def __init__(self, table: Table) -> None:
        self._names = [column.name for column in table.c]
        self._keys = [column.name for column in table.primary_key]
        self._get = Prepared(select(table).where(*_same(table, self._keys)))
        self._under = Prepared(select(table).where(*_same(table, self._keys[:1])))
        self._put = Prepared(partial(dialects.upserting, table))
        self._drop = Prepared(delete(table).where(*_same(table, self._keys)))

    def get(self, conn: Connection, *key: object) -> Row | None:
        found = self._get.run(conn, dict(zip(self._keys, key, strict=True)))
        return dict(zip(self._names, found[0], strict=True)) if found else None

    def under(self, conn: Connection, first: object) -> list[Row]:
        """All whose key begins with `first`, in no order."""
        found = self._under.run(conn, {self._keys[0]: first})
        return [dict(zip(self._names, row, strict=True)) for row in found]

    def put(self, conn: Connection, rows: Iterable[Row]) -> None:
        """Over those which have the same key."""
        self._put.run_many(conn, rows)

    def drop(self, conn: Connection, *key: object) -> None:
        self._drop.run(conn, dict(zip(self._keys, key, strict=True)))


def _same(table: Table, names: Iterable[str]) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(name) for name in names]
