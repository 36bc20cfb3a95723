"""What the log amounts to, one noun a file: tables kept with each append, in the same transaction.

A projection has `TABLES`, `apply(conn, entries)` (a fold: how the entries are cut into batches makes no difference),
and questions to ask of it. All can be made again from the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection, Table

from maquette.domain.events import Entry
from maquette.store.projections import projects, threads, turns


class Projection(Protocol):
    @property
    def TABLES(self) -> tuple[Table, ...]: ...

    def apply(self, conn: Connection, entries: Sequence[Entry]) -> None: ...


PROJECTIONS: tuple[Projection, ...] = (projects, threads, turns)


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    for projection in PROJECTIONS:
        projection.apply(conn, entries)
