"""What the log amounts to, one noun a file: tables kept with each append, in the same transaction.

A projection has `TABLES`, the `EVENTS` it is about, `apply(conn, entries)` (a fold: how entries are cut into batches
makes no difference), and questions to ask of it. All can be made again from the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, get_args

from sqlalchemy import Connection, Table

from maquette.domain.events import Entry, Event, EventFact
from maquette.store.projections import (
    attempts,
    automations,
    budgets,
    children,
    costs,
    decisions,
    explorations,
    failures,
    inbox,
    messages,
    projects,
    sources,
    threads,
    turns,
    waits,
)


class Projection(Protocol):
    @property
    def TABLES(self) -> tuple[Table, ...]: ...

    @property
    def EVENTS(self) -> tuple[type[EventFact], ...]:
        """Those it is about; none: all."""
        ...

    def apply(self, conn: Connection, entries: Sequence[Entry]) -> None: ...


PROJECTIONS: tuple[Projection, ...] = (
    projects,
    threads,
    turns,
    waits,
    costs,
    budgets,
    messages,
    children,
    automations,
    failures,
    sources,
    inbox,
    explorations,
    attempts,
    decisions,
)


TABLES = [table for projection in PROJECTIONS for table in projection.TABLES]

KINDS: tuple[type[EventFact], ...] = get_args(get_args(Event)[0])
"""Every kind of event."""

_WANTED: dict[type, list[int]] = {
    kind: [n for n, projection in enumerate(PROJECTIONS) if kind in projection.EVENTS or not projection.EVENTS]
    for kind in KINDS
}


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    shares: list[list[Entry]] = [[] for _ in PROJECTIONS]
    for entry in entries:
        for n in _WANTED[type(entry.event)]:
            shares[n].append(entry)
    for projection, share in zip(PROJECTIONS, shares, strict=True):
        if share:
            projection.apply(conn, share)
