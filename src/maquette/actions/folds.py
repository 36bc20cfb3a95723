"""Folds: what is best of several attempts, taken into one; three-way, all or nothing, and known by its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maquette.actions import attempts, explorations, projects
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.explorations import JOINED, Attempt, Plan, Source
from maquette.domain.ids import new_id


async def fold(home: Home, exploration: str, into: int, parts: Mapping[int, Sequence[str]]) -> Attempt:
    """A new attempt: `into` with what the others changed, of each only the files (or folders) named, else all of it.

    Checked and seen as any attempt. Refused: `conflicts`, `no-result`, `no-part`; then nothing is there of it.
    """
    at = await explorations.find(home, exploration)
    project = await projects.resolve(home, at.project)
    first, held = await _made(home, at.id, into)
    others = {number: await _made(home, at.id, number) for number in parts}
    if into in others or not others:
        raise Refused("Name others to take from.", code="no-part")
    name = f"{into} with {', '.join(map(str, others))}"
    thread = new_id("thread")
    made = await home.workspace.branch_off(thread, project, at.brief.base)
    try:
        await home.workspace.restore(thread, held, "A fold begins with it.")
        took = {number: await _take(home, thread, *other, parts[number]) for number, other in others.items()}
        await attempts.keep(home, at, project, thread, made, name)
    except BaseException:
        await home.workspace.remove(thread, project)
        raise
    said = [one.plan.approach or one.source.name for one in (first, *(other for other, _ in others.values()))]
    plan = Plan(approach=JOINED.join(dict.fromkeys(said)))
    return await attempts.add(home, at, thread, Source(kind="fold", name=name), plan, took)


async def _made(home: Home, exploration: str, number: int) -> tuple[Attempt, str]:
    """With the commit that came of it."""
    attempt = await attempts.find(home, exploration, number)
    if attempt.result is None:
        raise Refused(f"Nothing came of attempt {number}.", code="no-result")
    return attempt, attempt.result


async def _take(home: Home, thread: str, other: Attempt, commit: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """The files that were taken."""
    changed = other.evidence.files if other.evidence else ()
    chosen = tuple(file for file in changed if not wanted or _is_in(file, wanted))
    if missing := [name for name in wanted if not any(_is_in(file, [name]) for file in changed)]:
        raise Refused(f"Attempt {other.number} changed no {', '.join(missing)}.", code="no-part")
    leave = [file for file in changed if file not in chosen]
    taken = await home.workspace.take(thread, other.thread, commit, leave)
    if taken.conflicts:
        where = ", ".join(path for path, _ in taken.conflicts)
        why = f"Attempt {other.number} and what was there before both changed {where}, otherwise: take less of it."
        raise Refused(why, code="conflicts")
    return chosen


def _is_in(file: str, names: Sequence[str]) -> bool:
    return any(file == name or file.startswith(f"{name.rstrip('/')}/") for name in names)
