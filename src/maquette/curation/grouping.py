"""Alike attempts, in groups that say why: by what they change, how they behave and what they look like."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median
from typing import Literal

from maquette.curation import looks, shingles
from maquette.curation.looks import Look
from maquette.curation.shingles import Words

SAME, CLOSE = 0.95, 0.6
"""From where on two are told to be the same, and to belong together."""
FEW, HALF = 30, 0.5
"""Runs of tokens that an attempt must have of its own, and the part of the other's that these must be, before it can be
told to be that one's twin: how a thing begins is often the same.
"""


@dataclass(frozen=True)
class Traits:
    """What is known of an attempt, to compare it by. `outputs`: what each check or call came to, by its name."""

    name: str
    words: Words | None = None
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    look: Look | None = None


@dataclass(frozen=True)
class Likeness:
    """Of two, by each aspect in which both are known, in 0 … 1. `but_for_names`: their changes, names left out."""

    change: float | None
    but_for_names: float | None
    behaviour: float | None
    checks: int
    look: float | None

    @property
    def all(self) -> float:
        """The mean over what is known; a change counts as it is without names."""
        known = self._known
        return sum(known) / len(known) if known else 0.0

    @property
    def least(self) -> float:
        """In what they are least alike, of what is known: two belong together who are alike in all of it."""
        return min(self._known, default=0.0)

    @property
    def _known(self) -> list[float]:
        return [value for value in (self.but_for_names, self.behaviour, self.look) if value is not None]

    def why(self) -> tuple[str, ...]:
        """In words, what makes them alike."""
        found: list[str] = []
        if self.change is not None and self.but_for_names is not None:
            if self.change >= SAME:
                found.append("same change")
            elif self.but_for_names >= SAME:
                found.append("same change but for names")
            elif self.but_for_names >= CLOSE:
                found.append("much the same change")
        if self.behaviour is not None and self.behaviour == 1:
            found.append(f"behaves the same in all {self.checks}" if self.checks > 1 else "behaves the same")
        elif self.behaviour is not None and self.behaviour >= CLOSE:
            found.append(f"behaves the same in {round(self.behaviour * self.checks)} of {self.checks}")
        if self.look is not None and self.look >= CLOSE:
            found.append("looks the same" if self.look >= SAME else "looks much the same")
        return tuple(found)


Judged = Callable[[Likeness], float]
By = Literal["all", "change", "behaviour", "look"]
BY: Mapping[By, Judged] = {
    "all": lambda one: one.least,
    "change": lambda one: one.but_for_names or 0.0,
    "behaviour": lambda one: one.behaviour or 0.0,
    "look": lambda one: one.look or 0.0,
}
"""What attempts can be grouped by."""


def likeness(one: Traits, two: Traits) -> Likeness:
    change = but_for_names = look = None
    if one.words and two.words:
        change = shingles.alike(one.words.plain, two.words.plain)
        but_for_names = shingles.alike(one.words.nameless, two.words.nameless)
    common = one.outputs.keys() & two.outputs.keys()
    equal = sum(one.outputs[name] == two.outputs[name] for name in common)
    if one.look and two.look:
        look = looks.alike(one.look, two.look)
    return Likeness(change, but_for_names, equal / len(common) if common else None, len(common), look)


@dataclass(frozen=True)
class Group:
    """`members` in the order given; `why` holds of most pairs of them. One alone has no reason."""

    members: tuple[str, ...]
    why: tuple[str, ...]


Likenesses = Mapping[tuple[str, str], Likeness]


def compared(attempts: Sequence[Traits]) -> dict[tuple[str, str], Likeness]:
    """Each with each, the earlier first."""
    return {(one.name, two.name): likeness(one, two) for one, two in combinations(attempts, 2)}


def grouped(names: Sequence[str], likenesses: Likenesses, by: Judged = BY["all"], close: float = CLOSE) -> list[Group]:
    """Groups whose members are alike on average by at least `close`: the closest two are joined, again and again
    (average linkage). Larger ones first, else in the order of their first members.
    """
    groups: dict[int, list[int]] = {n: [n] for n in range(len(names))}
    near = {frozenset((a, b)): by(likenesses[names[a], names[b]]) for a, b in combinations(range(len(names)), 2)}
    while near:
        pair = max(near, key=lambda key: (near[key], [-n for n in sorted(key)]))
        if near[pair] < close:
            break
        one, two = sorted(pair)
        sizes = len(groups[one]), len(groups[two])
        del near[pair]
        for other in groups.keys() - pair:
            here, there = near.pop(frozenset((one, other))), near.pop(frozenset((two, other)))
            near[frozenset((one, other))] = (here * sizes[0] + there * sizes[1]) / sum(sizes)
        groups[one] += groups.pop(two)
    found = [sorted(group) for group in groups.values()]
    found.sort(key=lambda group: (-len(group), group[0]))
    return [Group(tuple(names[n] for n in group), _why([names[n] for n in group], likenesses)) for group in found]


def _why(members: Sequence[str], likenesses: Likenesses) -> tuple[str, ...]:
    """Of the pair in the middle, by each aspect."""
    pairs = [likenesses[pair] for pair in combinations(members, 2)]
    if not pairs:
        return ()

    def middle(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return median(known) if known else None

    return Likeness(
        middle([pair.change for pair in pairs]),
        middle([pair.but_for_names for pair in pairs]),
        middle([pair.behaviour for pair in pairs]),
        round(median(pair.checks for pair in pairs)),
        middle([pair.look for pair in pairs]),
    ).why()


@dataclass(frozen=True)
class Twin:
    """Whose near-twin something is, how much of it is in that, and what they share in words."""

    of: str
    share: float
    why: str


def twin(one: Traits, others: Sequence[Traits]) -> Twin | None:
    """Whether a change, which need not be finished, goes another's way: nearly all that is its own is in the other.

    What most attempts have is nobody's own, so that a start in the same place is no reason.
    """
    if one.words is None or not others:
        return None
    rivals = [other for other in others if other.words is not None]
    counts: dict[tuple[str, ...], int] = {}
    for other in rivals:
        for run in other.words.nameless if other.words else ():
            counts[run] = counts.get(run, 0) + 1
    usual = {run for run, count in counts.items() if count > max(1, len(rivals) // 2)}
    own = frozenset(one.words.nameless - usual)
    if len(own) < FEW:
        return None
    share, nearest = max(
        ((shingles.within(own, other.words.nameless), other) for other in rivals if other.words),
        key=lambda pair: pair[0],
    )
    if share < SAME or nearest.words is None or shingles.within(nearest.words.nameless - usual, own) < HALF:
        return None
    plain = shingles.within(one.words.plain, nearest.words.plain)
    return Twin(nearest.name, share, "same change" if plain >= SAME else "same change but for names")
