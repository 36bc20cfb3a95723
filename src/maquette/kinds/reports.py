"""What a report's tools have at hand: posts that were read elsewhere, and what the person taught about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from maquette.domain.reports import Report


@dataclass(frozen=True)
class Candidate:
    """A group of posts that may become a line. `id` is what a line cites; `said`: what a model that reads for little
    made of it, where one read it; `usual`: whether it is in by rule.
    """

    id: str
    author: str
    channel: str
    at: str
    text: str
    why: str
    more: int
    usual: bool
    said: str = ""


@dataclass(frozen=True)
class Gathered:
    """What a report is made from, best first. `looked`: posts that were gone through; `lines`: as many it may have."""

    since: str
    until: str
    looked: int
    lines: int
    candidates: Sequence[Candidate]


@dataclass(frozen=True)
class Draft:
    """A line as it was written, and the candidates that it rests on."""

    text: str
    cites: Sequence[str]


class Reports(Protocol):
    """One thread's. All of it raises `Refused` and `Unavailable`."""

    async def gather(self, *, hours: float | None = None, sources: Sequence[str] = (), again: bool = False) -> Gathered:
        """Since the last report, or of so many hours; of these sources, or of all. `again`: of the last report's time."""
        ...

    async def give(self, call: str, title: str, lines: Sequence[Draft]) -> Report:
        """Keeps a report of what was gathered last. Refused: `uncited` where a line rests on nothing gathered.

        No lines: those that are in by rule, in their sources' own words. The same call again gives the same report.
        """
        ...
