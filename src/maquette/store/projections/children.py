"""Children: which threads do a part of whose work, and whether they have reported."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Boolean, Column, Connection, Index, Table, Text

from maquette.domain.events import ChildAsked, ChildReported, Entry
from maquette.store.rows import Rows
from maquette.store.schema import BIG, METADATA

CHILDREN = Table(
    "children",
    METADATA,
    Column("parent", Text, primary_key=True),
    Column("call", Text, primary_key=True),
    Column("turn", Text, nullable=False),
    Column("child", Text, nullable=False),
    Column("begins", Text, nullable=False),  # the child's turn
    Column("cursor", BIG, nullable=False),
    Column("reported", Boolean, nullable=False),
    Column("asked", Text, nullable=False),  # the event, as JSON
)
TABLES = (CHILDREN,)
EVENTS = (ChildAsked, ChildReported)
Index("children_child", CHILDREN.c.child)
Index("children_reported", CHILDREN.c.reported)
_ROWS = Rows(CHILDREN)


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    for entry in entries:
        match entry.event:
            case ChildAsked() as asked:
                row = {
                    "parent": entry.stream,
                    "call": asked.call,
                    "turn": asked.turn,
                    "child": asked.child,
                    "begins": asked.begins,
                    "cursor": entry.cursor,
                    "reported": False,
                    "asked": asked.model_dump_json(),
                }
                _ROWS.put(conn, [row])
            case ChildReported(call=call) if (row := _ROWS.get(conn, entry.stream, call)) is not None:
                _ROWS.put(conn, [row | {"reported": True}])
            case _:
                pass
