"""Texts as lines, each with where it came from; and how two of them differ.

A line is what ends with a newline, and what may follow the last one: nothing else parts lines, as in git.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from maquette.domain.folds import Span

FARTHEST = 400
"""Lines by which two texts may differ in all; what differs more is one change, from its first line to its last."""


@dataclass(frozen=True)
class Change:
    """Lines `start` … `end` of one text are lines `other_start` … `other_end` of another; ends are not counted in."""

    start: int
    end: int
    other_start: int
    other_end: int

    @property
    def grown(self) -> int:
        """By how many lines the other is longer."""
        return self.other_end - self.other_start - (self.end - self.start)


@dataclass(frozen=True)
class Traced:
    """A text whose lines know their origins."""

    lines: tuple[str, ...]
    origins: tuple[str, ...]

    @classmethod
    def of(cls, text: str, origin: str) -> Traced:
        lines = split(text)
        return cls(lines, (origin,) * len(lines))

    @classmethod
    def kept(cls, text: str, spans: Sequence[Span]) -> Traced:
        """As it was stored. Raises `ValueError` where they don't belong together."""
        lines = split(text)
        origins = tuple(span.origin for span in spans for _ in range(span.lines))
        if len(lines) != len(origins):
            raise ValueError(f"{len(lines)} lines have {len(origins)} origins")
        return cls(lines, origins)

    @property
    def text(self) -> str:
        return "".join(self.lines)

    @property
    def spans(self) -> tuple[Span, ...]:
        return tuple(Span(origin=origin, lines=len(list(run))) for origin, run in groupby(self.origins))

    def part(self, start: int, end: int) -> Traced:
        return Traced(self.lines[start:end], self.origins[start:end])

    def edited(self, text: str, by: str) -> Traced:
        """What it became in somebody's hands: lines that stayed keep their origin, the others are theirs."""
        return self.among(Traced.of(text, by))

    def among(self, other: Traced) -> Traced:
        """`other`, where lines that are here already have the origin that they have here."""
        origins: list[str] = []
        at = 0
        for change in changes(self.lines, other.lines):
            origins += self.origins[at : change.start]
            origins += other.origins[change.other_start : change.other_end]
            at = change.end
        return Traced(other.lines, (*origins, *self.origins[at:]))


def split(text: str) -> tuple[str, ...]:
    found = [f"{line}\n" for line in text.split("\n")]
    last = found.pop()[:-1]
    return tuple([*found, last] if last else found)


def changes(one: Sequence[str], two: Sequence[str], *, late: bool = True) -> list[Change]:
    """How `two` differs from `one`, in as few lines as can be (Myers 1986). Where lines are repeated, it may be seen
    in several ways: `late` puts a change as far down as it goes, or else as far up.
    """
    if late:
        return _changes(one, two)
    whole, other = len(one), len(two)
    turned = _changes(one[::-1], two[::-1])
    return [
        Change(whole - c.end, whole - c.start, other - c.other_end, other - c.other_start) for c in reversed(turned)
    ]


def _changes(one: Sequence[str], two: Sequence[str]) -> list[Change]:
    start, most = 0, min(len(one), len(two))
    while start < most and one[start] == two[start]:
        start += 1
    end = 0
    while end < most - start and one[-1 - end] == two[-1 - end]:
        end += 1
    middle, other = one[start : len(one) - end], two[start : len(two) - end]
    found: list[Change] = []
    at, beside = 0, 0
    for i, j in [*_common(middle, other), (len(middle), len(other))]:
        if i > at or j > beside:
            found.append(Change(start + at, start + i, start + beside, start + j))
        at, beside = i + 1, j + 1
    return found


def _common(one: Sequence[str], two: Sequence[str]) -> list[tuple[int, int]]:
    """The positions of the longest run of lines that both have in this order."""
    reached = {1: 0}
    steps: list[dict[int, int]] = []
    for far in range(min(len(one) + len(two), FARTHEST) + 1):
        before = dict(reached)
        for k in range(-far, far + 1, 2):
            down = k == -far or (k != far and reached[k - 1] < reached[k + 1])
            x = reached[k + 1] if down else reached[k - 1] + 1
            while x < len(one) and x - k < len(two) and one[x] == two[x - k]:
                x += 1
            reached[k] = x
            if x >= len(one) and x - k >= len(two):
                return _walked([*steps, before], len(one), len(two))
        steps.append(before)
    return []


def _walked(steps: Sequence[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """The way back through what was reached at each step."""
    found: list[tuple[int, int]] = []
    for far in range(len(steps) - 1, -1, -1):
        reached, k = steps[far], x - y
        down = k == -far or (k != far and reached[k - 1] < reached[k + 1])
        before = reached[k + 1] if down else reached[k - 1]
        begun = before if down else before + 1
        if far == 0:
            begun = 0
        while x > begun:
            x, y = x - 1, y - 1
            found.append((x, y))
        x, y = before, before - (k + 1 if down else k - 1)
    return found[::-1]
