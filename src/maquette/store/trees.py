"""Which threads ever had a tree of their own. Asked of the log; whether one has it still, only the disk knows."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from maquette.domain.events import TreeMade
from maquette.store.schema import ENTRIES

_ONCE = TreeMade(base="", branch=None).once


def made(conn: Connection, threads: Collection[str]) -> set[str]:
    """Those of `threads` for which one was made."""
    return {*conn.scalars(select(ENTRIES.c.stream).where(ENTRIES.c.stream.in_(threads), ENTRIES.c.once == _ONCE))}
