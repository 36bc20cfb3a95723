"""What is alike among attempts, in groups and on a map, and why: by their changes, their checks, their looks."""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maquette.actions import explorations, projects
from maquette.actions.home import Home
from maquette.curation import grouping, looks, mapping, shingles
from maquette.curation.grouping import Likeness, Likenesses, Traits
from maquette.curation.lines import changes, split
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

    def nearest(self, number: int, count: int = 2) -> list[tuple[int, tuple[str, ...]]]:
        """Those that one is most like, and by what; none with which it has nothing in common."""
        name = str(number)
        near = [
            (_judged(one), two if first == name else first, one.why())
            for (first, two), one in self.likenesses.items()
            if name in (first, two)
        ]
        near.sort(key=lambda pair: -pair[0])
        return [(int(other), why) for _, other, why in near[:count] if why]


_found: OrderedDict[str, Alike] = OrderedDict()


async def grouped(home: Home, exploration: str) -> Sequence[Group]:
    """Larger ones first. What isn't known yet is in none."""
    return (await alike(home, await explorations.whole(home, exploration))).groups


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
            _words[base, commit] = await asyncio.to_thread(_of, changed)
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
    found = grouping.grouped(names, likenesses, _judged)
    groups = tuple(Group(tuple(map(int, group.members)), group.why) for group in found)

    def apart(one: str, two: str) -> float:
        return 1 - _judged(likenesses.get((one, two)) or likenesses[two, one])

    places = mapping.mapped(names, apart, before)
    return Alike(of, groups, likenesses, places)


def _judged(one: Likeness) -> float:
    """What looks otherwise isn't alike, however little was changed for it."""
    return one.all if one.look is None else min(one.all, one.look)


def _of(changed: Mapping[str, tuple[bytes | None, bytes | None]]) -> Words:
    return shingles.words({path: _sides(*sides) for path, sides in changed.items()})


def _sides(before: bytes | None, after: bytes | None) -> tuple[str, str]:
    """The lines that went, and those that came."""
    one, two = (split((side or b"").decode(errors="replace")) for side in (before, after))
    found = changes(one, two)
    gone = "".join(line for change in found for line in one[change.start : change.end])
    return gone, "".join(line for change in found for line in two[change.other_start : change.other_end])


def _look(one: Attempt) -> Look | None:
    """Of its first view."""
    shown = one.evidence.pictures if one.evidence else ()
    if not shown or not shown[0].look:
        return None
    return looks.seen(*LOOK, b64decode(shown[0].look))


def _outputs(one: Attempt) -> dict[str, str]:
    checks = one.evidence.checks if one.evidence else ()
    return {check.command: f"{check.status} {_VARIES.sub('', check.output)}" for check in checks}
