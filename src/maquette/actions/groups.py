"""What is alike among attempts, in groups and on a map, and why: by their changes, their checks, their looks."""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from maquette.actions import explorations, projects
from maquette.actions.home import Home
from maquette.curation import grouping, looks, mapping, shingles
from maquette.curation.grouping import By, Likeness, Likenesses, Traits
from maquette.curation.looks import Look
from maquette.curation.shingles import Words
from maquette.domain.explorations import Attempt
from maquette.store.explorations import Whole
from maquette.workspace.pictures import LOOK

KEPT = 1_000
"""Changes whose words are kept in memory."""
_VARIES = re.compile(r"\d+(\.\d+)? ?m?s\b|0x[0-9a-f]+")
"""What differs in the output of a check each time that it runs."""
_words: OrderedDict[tuple[str, str], Words] = OrderedDict()


@dataclass(frozen=True)
class Group:
    """Attempts that belong together, by their numbers. One alone has no reason."""

    members: tuple[int, ...]
    why: tuple[str, ...]


FEW = 3
"""Pairs among which nothing is usual."""
FOUND = 20
"""Explorations of which is kept in memory what is alike."""
Point = mapping.Point


@dataclass(frozen=True)
class Alike:
    """Of those attempts of an exploration of which something is known."""

    of: tuple[tuple[int, str], ...]
    """Their numbers and commits."""
    groups: tuple[Group, ...]
    likenesses: Likenesses
    places: Mapping[str, Point]
    """On a map, about its origin: near is alike."""

    def same_change(self, one: int, two: int) -> bool:
        """But for names."""
        first, second = str(one), str(two)
        found = self.likenesses.get((first, second)) or self.likenesses.get((second, first))
        return found is not None and (found.but_for_names or 0) >= grouping.SAME

    @cached_property
    def usual(self) -> frozenset[str]:
        """What most pairs have in common, so that it makes none of them alike: the checks that nearly all pass, say."""
        said = Counter(why for one in self.likenesses.values() for why in one.why())
        return frozenset(why for why, often in said.items() if often > max(len(self.likenesses) / 2, FEW))

    def nearest(self, number: int, count: int = 2) -> list[tuple[int, tuple[str, ...]]]:
        """Those that one is most like, and by what; none with which it has nothing in common but what is usual."""
        name = str(number)
        near = [
            (_judged(one), two if first == name else first, one.why())
            for (first, two), one in self.likenesses.items()
            if name in (first, two)
        ]
        near.sort(key=lambda pair: -pair[0])
        return [(int(other), why) for _, other, why in near if set(why) - self.usual][:count]


_found: OrderedDict[str, Alike] = OrderedDict()


async def grouped(home: Home, exploration: str, by: By = "all") -> Sequence[Group]:
    """Larger ones first; by all that is known of them, or by one thing. What isn't known yet is in none."""
    found = await alike(home, await explorations.whole(home, exploration))
    return found.groups if by == "all" else await asyncio.to_thread(_grouped, found.of, found.likenesses, by)


async def alike(home: Home, whole: Whole) -> Alike:
    """What is alike among attempts, by all that is known of them."""
    at = whole.exploration
    known = [one for one in whole.attempts if one.evidence and not one.shelved]
    base = at.brief.base
    of = tuple((one.number, one.evidence.commit) for one in known if one.evidence)
    former = _found.get(at.id)
    if former is not None and former.of == of:
        return former
    new = [commit for _, commit in dict.fromkeys(of) if (base, commit) not in _words]
    if new:
        project = await projects.resolve(home, at.project)
        for commit, changed in (await home.workspace.all_changed(project, base, new)).items():
            _words[base, commit] = await asyncio.to_thread(shingles.of_files, changed)
            while len(_words) > KEPT:
                _words.popitem(last=False)
    _found[at.id] = found = await asyncio.to_thread(_alike, of, base, known, former.places if former else None)
    while len(_found) > FOUND:
        _found.popitem(last=False)
    return found


def _alike(
    of: tuple[tuple[int, str], ...], base: str, known: Sequence[Attempt], before: Mapping[str, Point] | None
) -> Alike:
    traits = [
        Traits(str(one.number), _words.get((base, one.evidence.commit)), _outputs(one), _look(one))
        for one in known
        if one.evidence
    ]
    names, likenesses = [one.name for one in traits], grouping.compared(traits)
    groups = _grouped(of, likenesses, "all")

    def apart(one: str, two: str) -> float:
        return 1 - _judged(likenesses.get((one, two)) or likenesses[two, one])

    places = mapping.mapped(names, apart, before)
    return Alike(of, groups, likenesses, places)


def _judged(one: Likeness) -> float:
    """On the map, what looks otherwise isn't near, however little was changed for it."""
    return one.all if one.look is None else min(one.all, one.look)


def _grouped(of: Sequence[tuple[int, str]], likenesses: Likenesses, by: By) -> tuple[Group, ...]:
    found = grouping.grouped([str(number) for number, _ in of], likenesses, grouping.BY[by])
    return tuple(Group(tuple(map(int, group.members)), group.why) for group in found)


def _look(one: Attempt) -> Look | None:
    """Of its first view."""
    shown = one.evidence.pictures if one.evidence else ()
    if not shown or not shown[0].look:
        return None
    return looks.seen(*LOOK, b64decode(shown[0].look))


def _outputs(one: Attempt) -> dict[str, str]:
    ran = (*one.evidence.checks, *one.evidence.probes) if one.evidence else ()
    return {check.command: f"{check.status} {_VARIES.sub('', check.output)}" for check in ran}


@dataclass(frozen=True)
class Near:
    """One that another is like, and by what."""

    attempt: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class Spot:
    """Where an attempt is on the map, about its origin, and those that it is most like."""

    attempt: int
    x: float
    y: float
    near: tuple[Near, ...]


async def spots(home: Home, exploration: str) -> Sequence[Spot]:
    """The map. What isn't known yet is not on it."""
    found = await alike(home, await explorations.whole(home, exploration))
    return [
        Spot(number, *found.places[str(number)], tuple(Near(*near) for near in found.nearest(number)))
        for number, _ in found.of
    ]
