"""Results: look at the difference, merge it, put it away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from maquette.actions import threads
from maquette.actions.home import Home
from maquette.curation.babies import opens
from maquette.domain.errors import Refused, Unavailable
from maquette.domain.events import AnswerGiven, ChecksRan, Merged, RescueKept, ResultKept, ThreadSet
from maquette.domain.labels import PERSON
from maquette.domain.previews import Preview
from maquette.domain.projects import Project
from maquette.domain.threads import Mode, Thread, ThreadState
from maquette.store import Conflict, trees
from maquette.store.projections import projects
from maquette.workspace import Mergeable
from maquette.workspace.previews import READ

LARGEST, SAVED = 16 << 20, 64 << 20
"""Bytes of made files that are read at once to be shown; of one to be saved."""


@dataclass(frozen=True)
class Latest:
    """The last that was kept of a thread, what the checks said of it, and whether it was merged."""

    kept: ResultKept
    checks: ChecksRan | None
    merged: Merged | None


@dataclass(frozen=True)
class Result(Latest):
    """The same, with how it differs from its base.

    `lines`: how many lines that hold something it adds; `complexity`: how much of McCabe's, where it touches Python.
    """

    diff: str
    lines: int
    complexity: int | None


async def result(home: Home, thread: str) -> Result:
    """Refused: `no-result`, when nothing was kept."""
    at = await threads.find(home, thread)
    last = await latest(home, at)
    project = await home.store.query(projects.project, at.project)
    sizes = await home.workspace.sizes(at.id, project, last.kept.commit)
    ways = [size.complexity for size in sizes if size.complexity is not None]
    return Result(
        last.kept,
        last.checks,
        last.merged,
        diff=await home.workspace.diff(at.id, project, last.kept.commit),
        lines=sum(size.lines for size in sizes),
        complexity=sum(ways) if ways else None,
    )


async def latest(home: Home, at: Thread) -> Latest:
    """Refused: `no-result`, when nothing was kept."""
    events = [entry.event for entry in await threads.history(home, at.id)]
    kept = next((e for e in reversed(events) if isinstance(e, ResultKept)), None)
    if kept is None:
        raise Refused("Nothing came of this thread that could be compared.", code="no-result")
    checks = next((e for e in reversed(events) if isinstance(e, ChecksRan) and e.commit == kept.commit), None)
    merged = next((e for e in reversed(events) if isinstance(e, Merged) and e.commit == kept.commit), None)
    return Latest(kept, checks, merged)


async def made(home: Home, thread: str, commit: str) -> dict[str, str]:
    """The blob of each file that a result added or changed. Refused: `unknown-result`, for what is none of this
    thread.
    """
    at = await threads.find(home, thread)
    events = [entry.event for entry in await threads.history(home, at.id)]
    if not any(isinstance(event, ResultKept) and event.commit == commit for event in events):
        raise Refused("That is no result of this thread.", code="unknown-result")
    return await home.workspace.made(at.id, await home.store.query(projects.project, at.project), commit)


async def contents(home: Home, thread: str, blobs: Collection[str], limit: int = LARGEST) -> dict[str, bytes]:
    """What blobs of `made` hold, up to `limit` bytes in all; the rest is left out."""
    at = await threads.find(home, thread)
    project = await home.store.query(projects.project, at.project)
    return await home.workspace.contents(project, blobs, limit) if blobs else {}


async def preview(home: Home, thread: str, commit: str, path: str, first: int) -> Preview:
    """What is seen of a file of a result that isn't text; of pages, from `first` on.

    Refused: `unknown-result`, `unknown-file` for one that isn't in it or of which nothing could be seen.
    """
    reader = READ.get(PurePosixPath(path).suffix.lower())
    blob = (await made(home, thread, commit)).get(path)
    if blob is None or reader is None:
        raise Refused("There is nothing to be seen of that in this result.", code="unknown-file")
    at = await threads.find(home, thread)
    project = await home.store.query(projects.project, at.project)
    return await home.workspace.preview(project, blob, reader, first, LARGEST)


async def check(home: Home, thread: str) -> Mergeable:
    """Whether the result could be merged now, and what stands in the way."""
    at, project, last = await _mergeable(home, thread)
    return await home.workspace.check_merge(at.id, project, last.kept.commit)


async def merge(
    home: Home, thread: str, *, message: str | None = None, unchecked: bool = False, acting: bool = False
) -> Merged:
    """Merge the result into the branch that the person has checked out.

    Refused: `no-result`, `still-at-work`, `baby-version`, `merged-already`, `checks-failed` (unless `unchecked`),
    `acts` (brings what makes other programs act; unless `acting`), `conflicts`, `dirty-tree`, `detached-head` …:
    nothing is changed then.
    """
    at, project, last = await _mergeable(home, thread)
    if last.merged:
        raise Refused(f"This result was merged already, as {last.merged.after[:10]}.", code="merged-already")
    if not last.kept.files:
        raise Refused("There is nothing to merge: the result is the same as its base.", code="no-result")
    if not unchecked and (why := _unproved(project, last)):
        raise Refused(f"{why} Ask for changes, or merge it all the same (--unchecked).", code="checks-failed")
    merged = await home.workspace.merge(at.id, project, last.kept.commit, message or at.title, acting=acting)
    await _enter(home, at.id, project, merged)
    return merged


def _unproved(project: Project, last: Latest) -> str:
    if last.checks is None:
        return "The checks didn't run on this result: its turn didn't come to an end." if project.checks else ""
    failed = [check.command for check in last.checks.checks if not check.passed]
    return f"Checks failed on this result: {', '.join(failed)}." if failed else ""


async def discard(home: Home, thread: str) -> RescueKept | None:
    """Remove the work tree; what it holds stays in the project's store, at a rescue ref. Then archive the thread.

    Its children go before it. Refused: `still-at-work`, also where one of them is.
    """
    at = await threads.find_surely(home, thread)
    family = await threads.family(home, at.id)
    for one in (at, *family):
        if one.turn is not None:
            which = "It" if one is at else f"A child of it ({one.title!r}, {one.id})"
            raise Refused(f"{which} is still at work. Stop it first.", code="still-at-work")
    for one in reversed(family):
        await _put_away(home, one)
    return await _put_away(home, at)


async def _put_away(home: Home, at: Thread) -> RescueKept | None:
    kept = await home.workspace.remove(at.id, await home.store.query(projects.project, at.project))
    if kept is not None:
        await home.store.log.append(at.id, kept)
    await threads.change(home, at.id, archived=True)
    return kept


async def reopen(home: Home, thread: str) -> Thread:
    """Take up again what was kept for later or discarded: its tree is put back as it was, if it was removed.

    `latest` is of those put away. Refused: `unknown-thread`, `unknown-rescue` when what the tree held is gone.
    """
    away = await threads.listed(home, archived=True) if thread in threads.LATEST else []
    at = max(away, key=lambda one: one.changed) if away else await threads.find(home, thread)
    remade = None
    if at.mode is Mode.WORKTREE and await home.store.query(trees.made, [at.id]):
        remade = await home.workspace.remake_tree(at.id, await home.store.query(projects.project, at.project))
    if remade is not None:
        with contextlib.suppress(Conflict):  # a base that was killed has entered it
            await home.store.log.append(at.id, remade)
    if (await threads.find(home, at.id)).archived:
        await home.store.log.append(at.id, ThreadSet(archived=False))
    return await threads.find(home, at.id)


@dataclass(frozen=True)
class Away:
    """A thread that was put away. `removed`: its tree was, so that it must be put back."""

    thread: Thread
    removed: bool


async def away(home: Home, thread: str | None = None) -> list[Away]:
    """What was kept for later and what was discarded, the latest first; or of it only one thread, if that is there."""
    listed = [await threads.find(home, thread)] if thread else await threads.listed(home, archived=True)
    made = await home.store.query(trees.made, [one.id for one in listed])
    gone = await asyncio.to_thread(lambda: {one for one in made if not home.workspace.tree(one).is_dir()})
    latest = sorted((one for one in listed if one.archived), key=lambda one: one.changed, reverse=True)
    return [Away(one, one.id in gone) for one in latest]


async def recover(home: Home) -> None:
    """Bring merges that a killed base left half-way to their end, and enter in the log those that are done."""
    for project in await home.store.query(projects.projects):
        # Where that can't be done now (another git is at work, the folder isn't there), the next merge tries again.
        with contextlib.suppress(Refused, Unavailable):
            await _recover(home, project)


async def _recover(home: Home, project: Project) -> None:
    for thread, merged in await home.workspace.recover(project):
        await _enter(home, thread, project, merged)


async def _enter(home: Home, thread: str, project: Project, merged: Merged) -> None:
    """Into the log, once; the workspace tells of it until then."""

    async def entered() -> list[Merged]:
        events = (entry.event for entry in await threads.history(home, thread))
        known = any(isinstance(event, Merged) and event.after == merged.after for event in events)
        return [] if known else [merged.model_copy(update={"label": PERSON})]

    await home.store.log.decide(thread, entered)
    home.workspace.entered(project, merged)


async def makes_baby(home: Home, at: Thread) -> bool:
    """Whether a thread was begun to make its project's baby version, or that is of it."""
    project = await home.store.query(projects.project, at.project)
    taken = project.baby is not None and project.baby.thread == at.id
    return taken or (await threads.begun(home, at.id)).baby


async def _is_baby(home: Home, at: Thread, kept: ResultKept) -> bool:
    """Also what was asked for in words, by what it did."""
    if await makes_baby(home, at):
        return True
    if kept.removed <= kept.added:
        return False
    said = [entry.event for entry in await threads.history(home, at.id) if isinstance(entry.event, AnswerGiven)]
    return any(opens(call) for one in said for call in one.answer.calls)


async def _mergeable(home: Home, thread: str) -> tuple[Thread, Project, Latest]:
    at = await threads.find_surely(home, thread)
    if at.state in (ThreadState.RUNNING, ThreadState.QUEUED):
        raise Refused("It is still at work. Wait for it, or stop it.", code="still-at-work")
    project = await home.store.query(projects.project, at.project)
    if at.parent:
        raise Refused("It does a part of another thread's work, which takes this: merge that one.", code="of-a-child")
    if at.mode is Mode.LOCAL:
        why = f"This thread worked in place: what it did is in {project.path} already."
        raise Refused(why, code="in-place")
    await _recover(home, project)
    last = await latest(home, at)
    if await _is_baby(home, at, last.kept):
        why = "It made a baby version: merged, that would cut the real project."
        raise Refused(f"{why} Take it as what it is: `maquette baby take {at.id[-6:]}`.", code="baby-version")
    return at, project, last
