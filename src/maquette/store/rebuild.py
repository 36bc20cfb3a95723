"""Makes the projections again from the log, to see whether they are right, and to put them right."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from maquette.store import dialects, projections
from maquette.store.log import pages
from maquette.store.projections.messages import MESSAGES
from maquette.store.schema import METADATA
from maquette.store.store import Store

MOST = 20
"""Differences named of one table."""

Line = tuple[tuple[Any, ...], tuple[Any, ...]]
"""A row: its key, and all of it."""


def rebuild(store: Store, *, replace: bool = False) -> list[str]:
    """How the projections differ from what the log says, one sentence each; none when they are right.

    `replace` then fills them anew, while appends wait. Blocks, for some seconds per 100,000 entries.
    """
    differences = _compare(store)
    if not store.log.maintain(lambda conn: dialects.words_are_right(conn, MESSAGES)):
        differences.append("messages: the words to search don't match the texts.")
    if replace:
        store.log.maintain(_refill)
    return differences


def _compare(store: Store) -> list[str]:
    """Beside the log, in a database of its own; appends go on meanwhile, the comparison is of one moment."""
    with (
        dialects.troubles(),
        dialects.scratch(store.log.where) as engine,
        store.log.reading() as old,
        engine.begin() as new,
    ):
        METADATA.create_all(new, tables=projections.TABLES)
        _replay(old, new)
        return [line for table in projections.TABLES for line in _differences(table, old, new)]


def _refill(conn: Connection) -> None:
    dialects.take_turn(conn, durable=True)
    for table in projections.TABLES:
        conn.execute(delete(table))
    _replay(conn, conn)
    dialects.refill_words(conn, MESSAGES)


def _replay(source: Connection, target: Connection) -> None:
    for page in pages(source):
        projections.apply(target, page)


def _differences(table: Table, old: Connection, new: Connection) -> list[str]:
    found = _unequal(table, _lines(table, old), _lines(table, new))
    named = list(islice(found, MOST))
    more = sum(1 for _ in found)
    return named + ([f"{table.name}: and {more} more."] if more else [])


def _unequal(table: Table, old: Iterator[Line], new: Iterator[Line]) -> Iterator[str]:
    """Both in the order of their keys."""
    is_, should = next(old, None), next(new, None)
    while is_ is not None or should is not None:
        if should is None or (is_ is not None and is_[0] < should[0]):
            yield f"{table.name} {_name(is_)}: is there, and should not be."
            is_ = next(old, None)
        elif is_ is None or should[0] < is_[0]:
            yield f"{table.name} {_name(should)}: is missing."
            should = next(new, None)
        else:
            if is_ != should:
                columns = zip(table.c.keys(), is_[1], should[1], strict=True)
                wrong = ", ".join(f"{name} is {a!r}, should be {b!r}" for name, a, b in columns if a != b)
                yield f"{table.name} {_name(is_)}: {wrong}."
            is_, should = next(old, None), next(new, None)


def _name(line: Line | None) -> str:
    return "" if line is None else " ".join(str(part) for part in line[0])


def _lines(table: Table, conn: Connection) -> Iterator[Line]:
    keys = [column.name for column in table.primary_key]
    order = [dialects.collated(conn, column) for column in table.primary_key]
    for row in conn.execute(select(table).order_by(*order)).mappings():
        yield tuple(row[key] for key in keys), tuple(row.values())
