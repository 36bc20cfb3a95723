"""Folds: what is taken out of one attempt into another."""

from __future__ import annotations

from maquette.domain.labels import Fact


class Take(Fact):
    """What to take `of` an attempt: some hunks of a file (by number, from 0), the whole file, or all it changed."""

    of: str
    path: str | None = None
    hunks: tuple[int, ...] | None = None
    why: str = ""

    @classmethod
    def said(cls, text: str) -> Take:
        """`7`, `7:index.html` or `7:index.html:0,2`. Raises `ValueError`."""
        of, _, rest = text.partition(":")
        path, _, hunks = rest.rpartition(":")
        if not path or not all(one.isdecimal() for one in hunks.split(",")):
            path, hunks = rest, ""
        if not of.isdecimal():
            raise ValueError(f"{text!r} isn't like 7, 7:index.html or 7:index.html:0,2")
        return cls(of=of, path=path or None, hunks=tuple(map(int, hunks.split(","))) if hunks else None)

    def __str__(self) -> str:
        hunks = "" if self.hunks is None else ":" + ",".join(map(str, self.hunks))
        return self.of + (f":{self.path}{hunks}" if self.path is not None else "")


class Span(Fact):
    """So many lines in a row that came out of one place: an attempt's name, or `base`."""

    origin: str
    lines: int


BASE = "base"
