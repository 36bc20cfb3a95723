"""Folds: what is taken out of one attempt into another."""

from __future__ import annotations

from maquette.domain.labels import Fact


class Take(Fact):
    """What to take `of` an attempt: some hunks of a file (by number, from 0), the whole file, or all it changed."""

    of: str
    path: str | None = None
    hunks: tuple[int, ...] | None = None
    why: str = ""


class Span(Fact):
    """So many lines in a row that came out of one place: an attempt's name, or `base`."""

    origin: str
    lines: int


BASE = "base"
