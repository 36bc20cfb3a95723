"""Folds: what is best of several attempts, taken into one; three-way, all or nothing, each line known by its source."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from maquette.actions import attempts, explorations, projects
from maquette.actions.home import Home
from maquette.curation import folding
from maquette.curation.lines import Traced
from maquette.domain.errors import Refused
from maquette.domain.events import AttemptsFolded, TreeMade
from maquette.domain.explorations import JOINED, Attempt, Origin, Variation
from maquette.domain.folds import BASE, Span, Take
from maquette.domain.ids import new_id
from maquette.domain.projects import Project


async def fold(home: Home, exploration: str, into: int, takes: Sequence[Take]) -> Attempt:
    """A new attempt: `into` with what is taken of others, one take after another.

    Checked and seen as any attempt. Refused: `conflicts`, `no-result`, `no-part`, `not-changed`; then nothing is there
    of it.
    """
    at = await explorations.find(home, exploration)
    project = await projects.resolve(home, at.project)
    first, held = await _made(home, at.id, str(into))
    others = {take.of: await _made(home, at.id, take.of) for take in takes}
    if str(into) in others or not others:
        raise Refused("Name others to take from.", code="no-part")
    steps = [(str(into), held)]
    for take in takes:
        held = await _taken(home, project, held, take, *others[take.of])
        steps.append((take.of, held))
    traced = await _traced(home, project, at.id, at.brief.base, steps)
    lines = {path: one.spans for path, one in traced.items()}
    name = f"{into} with {', '.join(others)}"
    thread = new_id("thread")
    made = await home.workspace.branch_off(thread, project, at.brief.base)
    await home.workspace.restore(thread, held, "A fold.")
    await attempts.keep(home, at, project, thread, made, name)
    said = [one.plan.approach or one.source.name for one in (first, *(other for other, _ in others.values()))]
    plan = Variation(approach=JOINED.join(dict.fromkeys(said)))
    folded = AttemptsFolded(attempt=0, into=into, takes=tuple(takes), lines=lines)
    return await attempts.add(home, at, thread, Origin(kind="fold", name=name), plan, folded)


async def origins(home: Home, exploration: str, number: int) -> dict[str, Traced]:
    """Where each line of an attempt is from, of each text that isn't as at the base. Refused: `no-result`."""
    at = await explorations.find(home, exploration)
    project = await projects.resolve(home, at.project)
    _, commit = await _made(home, at.id, str(number))
    return await _traced(home, project, at.id, at.brief.base, [(str(number), commit)])


async def _made(home: Home, exploration: str, number: str) -> tuple[Attempt, str]:
    """With the commit that came of it."""
    attempt = await attempts.find(home, exploration, int(number) if number.isdecimal() else 0)
    if attempt.result is None:
        raise Refused(f"Nothing came of attempt {number}.", code="no-result")
    return attempt, attempt.result


async def _taken(home: Home, project: Project, ours: str, take: Take, other: Attempt, theirs: str) -> str:
    """The commit that holds ours and what is taken."""
    base = await base_of(home, other)
    instead: dict[str, bytes] = {}
    if take.path is not None and take.hunks is not None:
        changed = await home.workspace.changed(project, base, theirs)
        before, after = (text_of(side) for side in changed.get(take.path, (None, None)))
        if before is None or after is None:
            raise Refused(f"Attempt {take.of} has no hunks of {take.path}: take the file.", code="no-part")
        try:
            only = folding.chosen(Traced.of(before, BASE), Traced.of(after, take.of), take.hunks)
        except IndexError as error:
            raise Refused(f"Attempt {take.of} has fewer hunks of {take.path}.", code="no-part") from error
        instead[take.path] = only.text.encode()
    paths = None if take.path is None else [] if instead else [take.path]
    why = f"Folded: {take.why or take.of}"
    folded = await home.workspace.fold(project, base, ours, theirs, paths=paths, instead=instead, why=why)
    if folded.conflicts:
        where = ", ".join(conflict.path for conflict in folded.conflicts)
        raise Refused(
            f"Nothing was folded: attempt {take.of} changed {where} at the same lines, otherwise. Take less of it: "
            "NUMBER:FILE, or single hunks of a file.",
            code="conflicts",
        )
    return folded.commit


async def base_of(home: Home, attempt: Attempt) -> str:
    """The commit that its tree began with."""
    entries = await asyncio.to_thread(home.store.log.read, attempt.thread)
    return next(entry.event.base for entry in entries if isinstance(entry.event, TreeMade))


async def _traced(
    home: Home, project: Project, exploration: str, base: str, steps: Iterable[tuple[str, str]]
) -> dict[str, Traced]:
    """Where each line comes from, of each text that isn't as it was at the base."""
    folds = {
        str(event.attempt): event
        for event in await attempts.history(home, exploration)
        if isinstance(event, AttemptsFolded)
    }
    found: dict[str, Traced | None] = {}
    for number, commit in steps:
        changed = await home.workspace.changed(project, base, commit)
        for path, sides in changed.items():
            before, after = (text_of(side) for side in sides)
            former = found.get(path, Traced.of(before, BASE) if before is not None else None)
            known = folds[number].lines.get(path) if number in folds and path not in found else None
            if after is None:
                found[path] = None
            elif known is not None and (kept := _kept(after, known)) is not None:
                found[path] = kept
            else:
                found[path] = former.edited(after, number) if former is not None else Traced.of(after, number)
    return {path: traced for path, traced in found.items() if traced is not None}


def _kept(text: str, spans: Sequence[Span]) -> Traced | None:
    """None, where it was worked on since."""
    try:
        return Traced.kept(text, spans)
    except ValueError:
        return None


def text_of(side: bytes | None) -> str | None:
    """None for what isn't there, or is no text."""
    try:
        return side.decode() if side is not None and b"\0" not in side else None
    except UnicodeDecodeError:
        return None
