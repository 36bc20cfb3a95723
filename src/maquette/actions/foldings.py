"""Plans of folds: what to take from which into one, proposed, put otherwise, and foreseen; nothing is done yet."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from maquette.actions import explorations, groups, projects, suggestions, votes
from maquette.actions.folds import base_of, text_of
from maquette.actions.home import Home
from maquette.curation import folding, proposing
from maquette.curation.folding import Files, Step
from maquette.curation.lines import Traced, changes
from maquette.domain.errors import Refused
from maquette.domain.explorations import Attempt
from maquette.domain.folds import BASE, Take
from maquette.store.explorations import Whole

LOOKED = 12
"""Attempts whose parts are shown where nobody asks for others: the best of each change."""


@dataclass(frozen=True)
class Hunk:
    """Lines that went, and those that came instead."""

    gone: str
    come: str


@dataclass(frozen=True)
class Part:
    """A file that an attempt changes, by its hunks in order. None: it isn't there before, or after."""

    of: int
    path: str
    hunks: tuple[Hunk, ...] | None


@dataclass(frozen=True)
class Plan:
    """Of what is taken `into` an attempt; `parts`: what there is to be taken of others. `left_out`: attempts that began
    elsewhere, of which only all can be taken.
    """

    into: int
    steps: tuple[Step, ...]
    parts: tuple[Part, ...]
    left_out: tuple[int, ...] = ()

    @property
    def clean(self) -> bool:
        return not any(step.clashes for step in self.steps)


def together(said: Iterable[str]) -> list[Take]:
    """What is taken, hunks of one file in one take. Raises `Refused` (`no-part`)."""
    try:
        takes = [Take.said(one) for one in said]
    except ValueError as error:
        raise Refused(f"{error}.", code="no-part") from error
    found: dict[tuple[str, str | None], Take] = {}
    for one in takes:
        former = found.get((one.of, one.path))
        if former is not None and (former.hunks is None or one.hunks is None):
            one = one.model_copy(update={"hunks": None})
        elif former is not None:
            one = one.model_copy(update={"hunks": tuple(sorted({*(former.hunks or ()), *(one.hunks or ())}))})
        found[one.of, one.path] = one
    return [*found.values()]


async def planned(
    home: Home, exploration: str, into: int | None = None, takes: Sequence[Take] | None = None, also: Iterable[int] = ()
) -> Plan:
    """Of what is named, else as the rule proposes: into the best, what is clean of the others'. `also`: of which the
    parts are shown, too. Refused: `no-result`, `unknown-attempt`, `not-changed`.
    """
    whole = await explorations.whole(home, exploration)
    at = whole.exploration
    known = {one.number: one for one in whole.attempts if one.result}
    order = [number for number in await _order(home, whole) if number in known]
    into = into or next(iter(order), None)
    if into is None or into not in known:
        why = f"Nothing came of attempt {into}." if into else "Nothing has come of any attempt yet."
        raise Refused(why, code="no-result")
    named = [*(int(take.of) for take in takes or ()), *also]
    if strange := [number for number in named if number not in known]:
        raise Refused(f"Nothing came of attempt {strange[0]}.", code="no-result")
    shown = [number for number in dict.fromkeys([*order, *named]) if number != into][: LOOKED + len(named)]
    apart = [number for number in (into, *shown) if await _is_apart(home, known[number], at.brief.base)]
    project = await projects.resolve(home, at.project)
    results = {number: known[number].result or "" for number in (into, *shown) if number not in apart}
    changed = await home.workspace.all_changed(project, at.brief.base, results.values())
    base = _base(changed.values())
    files = {str(number): _files(base, changed[result], str(number)) for number, result in results.items()}
    ours = files.pop(str(into), base)
    return await asyncio.to_thread(_planned, into, base, ours, files, takes, tuple(apart))


def _planned(
    into: int,
    base: Files,
    ours: Files,
    others: Mapping[str, Files],
    takes: Sequence[Take] | None,
    apart: tuple[int, ...],
) -> Plan:
    if takes is None:
        takes = proposing.proposed(base, ours, others) if into not in apart else ()
    try:
        seen = folding.foreseen(base, ours, others, [take for take in takes if take.of in others])
    except (KeyError, IndexError) as error:
        raise Refused(f"There is no {error.args[0]} to be taken of that attempt.", code="not-changed") from error
    parts = tuple(part for number, theirs in others.items() for part in _parts(int(number), base, theirs))
    return Plan(into, seen.steps, parts, apart)


def _parts(of: int, base: Files, theirs: Files) -> Iterable[Part]:
    for path in sorted({*base, *theirs}):
        before, after = base.get(path), theirs.get(path)
        if (before and before.text) == (after and after.text):
            continue
        if before is None or after is None:
            yield Part(of, path, None)
            continue
        found = changes(before.lines, after.lines)
        gone = [before.part(one.start, one.end).text for one in found]
        come = [after.part(one.other_start, one.other_end).text for one in found]
        yield Part(of, path, tuple(map(Hunk, gone, come)))


async def _order(home: Home, whole: Whole) -> list[int]:
    """Who is asked first: by votes, else by evidence; of equal changes the first, nothing that fails its checks."""
    if whole.votes:
        ranked = [rank.attempt for rank in (await votes.stands(whole)).ranks]
    else:
        ranked = [one.attempt for one in suggestions.of_attempts(whole.attempts)]
    failing = {one.number for one in whole.attempts if one.evidence and one.evidence.failed}
    if whole.exploration.picked in ranked:
        ranked = [whole.exploration.picked, *ranked]
    alike = await groups.alike(home, whole)
    found: list[int] = []
    for number in dict.fromkeys(ranked):
        if number not in failing and not any(alike.same_change(number, other) for other in found):
            found.append(number)
    return found


async def _is_apart(home: Home, attempt: Attempt, base: str) -> bool:
    """Whether it began elsewhere than the others."""
    return attempt.source.kind in ("branch", "thread") and await base_of(home, attempt) != base


def _base(changed: Iterable[Mapping[str, tuple[bytes | None, bytes | None]]]) -> dict[str, Traced]:
    """What was there before, of all that anybody changed."""
    found: dict[str, Traced] = {}
    for files in changed:
        for path, (before, _) in files.items():
            if (text := text_of(before)) is not None:
                found[path] = Traced.of(text, BASE)
    return found


def _files(base: Files, changed: Mapping[str, tuple[bytes | None, bytes | None]], name: str) -> dict[str, Traced]:
    """What an attempt has of them. What is no text stays as it was: it can't be foreseen, but folded by git."""
    found = dict(base)
    for path, (before, after) in changed.items():
        former, text = base.get(path), text_of(after)
        if text is not None:
            found[path] = former.edited(text, name) if former is not None else Traced.of(text, name)
        elif after is None and before is not None:
            found.pop(path, None)
    return found
