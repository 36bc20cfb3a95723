"""What a report's tools have at hand: posts that were read elsewhere, and reports about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from maquette.domain.reports import Gathered, Report


@dataclass(frozen=True)
class Draft:
    """A line as it was written, and what it rests on: numbers of lines that were gathered, from 1."""

    text: str
    cites: Sequence[int]


class Reports(Protocol):
    """One thread's. All of it raises `Refused` and `Unavailable`."""

    async def gather(
        self, call: str, *, hours: float | None = None, sources: Sequence[str] = (), again: bool = False
    ) -> Gathered:
        """What was written since the last report, or in so many hours; in these sources, or in all.

        `again`: in the last report's time. The same call again gives the same.
        """
        ...

    async def give(self, call: str, title: str, lines: Sequence[Draft]) -> Report:
        """Keeps a report of what was gathered last. Refused: `uncited` where a line rests on nothing that was gathered.

        No lines: those that are in by rule, in their sources' own words. The same call again gives the same.
        """
        ...
