"""Finding lines in a file as models remember them: exactly if possible, else with growing leniency."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import accumulate, islice

_LOOK_ALIKES = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"')
    | dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " ")
)


def plain(text: str) -> str:
    """Typographic quotes, dashes and spaces as ASCII; each character stays one, so offsets stay."""
    return text.translate(_LOOK_ALIKES)


@dataclass(frozen=True)
class Leniency:
    """One way to look at a line; `says` tells what was overlooked."""

    says: str
    view: Callable[[str], str]


EXACT = Leniency("", lambda line: line)
TRAILING = Leniency("trailing whitespace", str.rstrip)
AROUND = Leniency("indentation", str.strip)
ALIKE = Leniency("indentation and typographic quotes, dashes or spaces", lambda line: plain(line).strip())
LENIENCIES = (EXACT, TRAILING, AROUND, ALIKE)

COUNTED = 20
"""More places than this are not counted."""


@dataclass(frozen=True)
class Found:
    """Lines from `line` (counted from 0) match; `others` places (up to COUNTED) match as well, further on."""

    line: int
    leniency: Leniency
    others: int = 0


class _View:
    """The lines seen with one leniency, joined, so that the search is one of text and linear."""

    def __init__(self, lines: Sequence[str], leniency: Leniency) -> None:
        seen = [leniency.view(line) for line in lines]
        self.text = "\n" + "\n".join(seen) + "\n"
        self.starts = list(accumulate((len(line) + 1 for line in seen), initial=0))
        """Of the newline before each line, and of the one after the last."""

    def places(self, needle: str, first: int, last: int) -> Iterator[int]:
        at = self.text.find(needle, self.starts[first])
        while at >= 0:
            line = bisect_left(self.starts, at)
            if line > last:
                return
            yield line
            at = self.text.find(needle, at + 1)


class Lines:
    """A file's lines, to be looked through."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._views: dict[str, _View] = {}

    def find(self, wanted: Sequence[str], start: int = 0, *, at_end: bool = False) -> Found | None:
        """The first place from `start` on, by the least leniency that finds one. `wanted` is not empty."""
        last = len(self.lines) - len(wanted)
        first = max(start, last) if at_end else start
        if first > last:
            return None
        for leniency in LENIENCIES:
            places = self.places(wanted, leniency, first, last)
            line = next(places, None)
            if line is not None:
                return Found(line, leniency, sum(1 for _ in islice(places, COUNTED)))
        return None

    def places(
        self, wanted: Sequence[str], leniency: Leniency, first: int = 0, last: int | None = None
    ) -> Iterator[int]:
        """Each line where `wanted` begins, in order; a place may overlap the next."""
        if leniency.says not in self._views:
            self._views[leniency.says] = _View(self.lines, leniency)
        needle = "\n" + "\n".join(leniency.view(line) for line in wanted) + "\n"
        return self._views[leniency.says].places(needle, first, len(self.lines) if last is None else last)

    def nearest(self, wanted: Sequence[str]) -> int | None:
        """The line where something most like `wanted` begins, for telling what is there instead."""
        worth = {ALIKE.view(line): offset for offset, line in reversed(list(enumerate(wanted[:200]))) if line.strip()}
        scores: dict[int, int] = {}
        for number, line in enumerate(self._stripped):
            offset = worth.get(line)
            if offset is not None:
                at = max(number - offset, 0)
                scores[at] = scores.get(at, 0) + 1
        if scores:
            return max(scores, key=lambda at: (scores[at], -at))
        if not worth:
            return None
        close = get_close_matches(
            next(iter(reversed(worth)))[:200], [s[:200] for s in self._stripped[:2_000] if s], n=1
        )
        return next((n for n, s in enumerate(self._stripped) if s[:200] == close[0]), None) if close else None

    @cached_property
    def _stripped(self) -> list[str]:
        return [ALIKE.view(line) for line in self.lines]


def numbered(lines: Sequence[str], first: int, count: int, width: int = 200) -> str:
    """Lines as they are in the file, each behind its number (counted from 1) and a tab."""
    shown = lines[first : first + count]
    return "\n".join(f"{first + n}\t{line[:width]}" for n, line in enumerate(shown, 1))
