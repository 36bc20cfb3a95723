"""Folding: what one attempt changed, taken into another, three-way; and what it would do, known before it is done.

Git's is the answer that counts, and its trees are what is kept (`workspace/folds.py`). Here it is foreseen, line by
line and with origins, without running anything. What is said to be clean is what git would make of it: where no line
that is there only once stands between two changes, it is a conflict.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maquette.curation.lines import Change, Traced, changes
from maquette.domain.folds import BASE, Take


@dataclass(frozen=True)
class Clash:
    """What both sides changed, each in its own way. `against`: where our lines come from, if not from the base."""

    path: str
    base: str
    ours: str
    theirs: str
    against: tuple[str, ...] = ()


@dataclass(frozen=True)
class Folded:
    """`text` None: there is no such file (any more). With clashes it stays as it was."""

    text: Traced | None
    clashes: tuple[Clash, ...] = ()


def chosen(base: Traced, theirs: Traced, hunks: Sequence[int] | None) -> Traced:
    """What they would have, had they changed only these hunks (`changes`, by number). Raises `IndexError`."""
    if hunks is None:
        return theirs
    all_changes = changes(base.lines, theirs.lines)
    parts: list[Traced] = []
    at = 0
    for change in [all_changes[number] for number in sorted(set(hunks))]:
        parts += [base.part(at, change.start), theirs.part(change.other_start, change.other_end)]
        at = change.end
    return _put_together([*parts, base.part(at, len(base.lines))])


def folded(path: str, base: Traced | None, ours: Traced | None, theirs: Traced | None) -> Folded:
    """Of one file. None: a side has none."""
    texts = [None if side is None else side.text for side in (base, ours, theirs)]
    if texts[0] == texts[2] or texts[1] == texts[2]:
        return Folded(ours)
    if texts[0] == texts[1]:
        return Folded(theirs)
    if base is None or ours is None or theirs is None:
        was, here, there = [text or "" for text in texts]
        return Folded(ours, (Clash(path, was, here, there, _others(ours)),))
    return _merged(path, base, ours, theirs)


def _merged(path: str, base: Traced, ours: Traced, theirs: Traced) -> Folded:
    mine, other = changes(base.lines, ours.lines), changes(base.lines, theirs.lines)
    parts: list[Traced] = []
    clashes: list[Clash] = []
    at = here = 0
    for my_group, their_group in _groups(mine, other, _anchors(base, ours, theirs)):
        start = min(change.start for change in (*my_group, *their_group))
        end = max(change.end for change in (*my_group, *their_group))
        parts.append(ours.part(here, here + start - at))
        own, their = ours.part(*_where(start, end, mine)), theirs.part(*_where(start, end, other))
        if my_group and their_group and own.lines != their.lines:
            clashes.append(Clash(path, base.part(start, end).text, own.text, their.text, _others(own)))
        parts.append(own if my_group else their)
        here, at = _where(start, end, mine)[1], end
    parts.append(ours.part(here, len(ours.lines)))
    return Folded(ours, tuple(clashes)) if clashes else Folded(_put_together(parts))


def _anchors(base: Traced, ours: Traced, theirs: Traced) -> list[int]:
    """The base's lines that are in each of the three once, and in no change, however it is seen."""
    counts = [Counter(side.lines) for side in (base, ours, theirs)]
    unsure = {
        line
        for side in (ours, theirs)
        for late in (True, False)
        for change in changes(base.lines, side.lines, late=late)
        for line in range(change.start, change.end)
    }
    return [n for n, line in enumerate(base.lines) if n not in unsure and all(lines[line] == 1 for lines in counts)]


def _groups(
    mine: Sequence[Change], other: Sequence[Change], anchors: Sequence[int]
) -> list[tuple[list[Change], list[Change]]]:
    """Changes of both sides in order, those together that no anchor stands between."""
    both = [(change, 0) for change in mine] + [(change, 1) for change in other]
    found: list[tuple[list[Change], list[Change]]] = []
    reach = -1
    for change, side in sorted(both, key=lambda one: (one[0].start, one[0].end)):
        if not found or bisect_left(anchors, reach) < bisect_left(anchors, change.start):
            found.append(([], []))
        found[-1][side].append(change)
        reach = max(reach, change.end)
    return found


def _where(start: int, end: int, every: Sequence[Change]) -> tuple[int, int]:
    """Where the base's `start` … `end` is on a side; it cuts through no change. What is put in at an edge is in."""
    before = sum(change.grown for change in every if change.start < start)
    inside = sum(change.grown for change in every if start <= change.start and change.end <= end)
    return start + before, end + before + inside


def _others(text: Traced | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(origin for origin in (text.origins if text else ()) if origin != BASE))


def _put_together(parts: Sequence[Traced]) -> Traced:
    return Traced(
        tuple(line for part in parts for line in part.lines), tuple(origin for part in parts for origin in part.origins)
    )


Files = Mapping[str, Traced]


@dataclass(frozen=True)
class Step:
    """One take of a plan, what it changes, and what keeps it from being taken; then it changes nothing."""

    take: Take
    files: tuple[str, ...]
    clashes: tuple[Clash, ...]


@dataclass(frozen=True)
class Foreseen:
    """What would come of a plan, and of each of its steps, in order."""

    files: Mapping[str, Traced]
    steps: tuple[Step, ...]

    @property
    def clean(self) -> bool:
        return not any(step.clashes for step in self.steps)


def foreseen(base: Files, ours: Files, attempts: Mapping[str, Files], plan: Sequence[Take]) -> Foreseen:
    """Folds many, all of which began at `base`. A take that clashes, with us or with one before it, is left out, so
    that what comes after is foreseen as well. Raises `KeyError` for an attempt or a file that isn't there.
    """
    now = dict(ours)
    steps: list[Step] = []
    for take in plan:
        theirs = attempts[take.of]
        changed = [path for path in sorted({*base, *theirs}) if _text(base, path) != _text(theirs, path)]
        if take.path is not None and take.path not in changed:
            raise KeyError(take.path)
        paths = changed if take.path is None else [take.path]
        results = {path: _one(path, base.get(path), now.get(path), theirs.get(path), take.hunks) for path in paths}
        clashes = tuple(clash for result in results.values() for clash in result.clashes)
        moved = [path for path, result in results.items() if result.text != now.get(path)]
        steps.append(Step(take, () if clashes else tuple(moved), clashes))
        if not clashes:
            now = {**now, **{path: result.text for path, result in results.items() if result.text}}
            now = {path: text for path, text in now.items() if path not in results or results[path].text}
    return Foreseen(now, tuple(steps))


def _one(
    path: str, base: Traced | None, ours: Traced | None, theirs: Traced | None, hunks: Sequence[int] | None
) -> Folded:
    if hunks is not None and base is not None and theirs is not None:
        theirs = chosen(base, theirs, hunks)
    return folded(path, base, ours, theirs)


def _text(files: Files, path: str) -> str | None:
    return files[path].text if path in files else None
