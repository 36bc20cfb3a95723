"""Attempts: bring one's own, stop, shelve, close a risk, move to another stage."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from maquette.actions import explorations, projects, reviews, roles, threads
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import (
    AttemptAdded,
    AttemptsFolded,
    AttemptShelved,
    AttemptStopped,
    Entry,
    Event,
    Merged,
    RiskClosed,
    StageMoved,
    ThreadStarted,
    TreeMade,
)
from maquette.domain.explorations import Attempt, Closed, Exploration, Origin, Variation
from maquette.domain.ids import new_id
from maquette.domain.labels import PERSON
from maquette.domain.projects import Project
from maquette.domain.stages import CLOSES, Risk, Stage
from maquette.domain.threads import Mode, title_of
from maquette.store import explorations as stored

Kind = Literal["branch", "folder", "patch", "archive", "thread"]
LARGEST = 16 << 20
"""Bytes of a picture."""


async def find(home: Home, exploration: str, number: int) -> Attempt:
    """Refused: `unknown-attempt`."""
    return among(await explorations.listed(home, exploration), number)


def among(known: Sequence[Attempt], number: int) -> Attempt:
    """The same of what was read already."""
    for attempt in known:
        if attempt.number == number:
            return attempt
    raise Refused(f"There is no attempt {number}; there are {len(known)}.", code="unknown-attempt")


async def of_thread(home: Home, thread: str) -> list[tuple[Attempt, str]]:
    """The attempts that a thread is, one in an exploration, each with its question."""
    return await home.store.query(stored.of_thread, thread)


async def bring(home: Home, exploration: str, kind: Kind, name: str, data: bytes = b"") -> Attempt:
    """One's own as an attempt: a branch or thread by its name, a folder by its path, a patch or archive by its bytes.

    It is looked at as all others are. Refused: `gathered-already`, `unknown-commit`, `no-folder`, `bad-patch`,
    `bad-archive`, `unrelated`, `no-result` for a thread that made nothing.
    """
    at = await explorations.find(home, exploration)
    project = await projects.resolve(home, at.project)
    if kind == "thread":
        found = await threads.find(home, name)
        await reviews.latest(home, found)
        source = Origin(kind="thread", name=found.id)
        await _check_new(home, at, source)
        return await add(home, at, found.id, source)
    source = Origin(kind=kind, name=name)
    await _check_new(home, at, source)
    base, commit = await _commit(home, project, at, kind, name, data)
    thread = new_id("thread")
    made = await home.workspace.branch_off(thread, project, base)
    await home.workspace.restore(thread, commit, "A person brought it.")
    await keep(home, at, project, thread, made, f"{kind} {Path(name).name}")
    return await add(home, at, thread, source)


async def keep(home: Home, at: Exploration, project: Project, thread: str, made: TreeMade, what: str) -> None:
    """What lies in a tree that no agent worked in, as the result of a thread of its own."""
    kept = await home.workspace.keep(thread, new_id("turn"), project, Mode.WORKTREE)
    started = ThreadStarted(
        project=project.id,
        title=title_of(f"{at.brief.question} · {what}"),
        mode=Mode.WORKTREE,
        model=await roles.worker(home, project),
        base=made.base,
        label=PERSON,
    )
    await home.store.log.append(thread, started, made, kept.model_copy(update={"label": PERSON}), expected=0)


async def _check_new(home: Home, at: Exploration, source: Origin) -> None:
    known = await explorations.listed(home, at.id)
    if source.kind in ("thread", "branch") and any(one.source == source for one in known):
        raise Refused(f"{source.kind} {source.name} is an attempt of it already.", code="gathered-already")


async def _commit(home: Home, project: Project, at: Exploration, kind: Kind, name: str, data: bytes) -> tuple[str, str]:
    """Of the project's store, with what it stands on."""
    brought, base = home.workspace.brought, at.brief.base
    if kind == "branch":
        return await brought.branch(project, name, base)
    if kind == "folder":
        return base, await brought.folder(project, base, Path(name))
    make = brought.patch if kind == "patch" else brought.archive
    return base, await make(project, base, data)


async def add(
    home: Home,
    at: Exploration,
    thread: str,
    source: Origin,
    plan: Variation | None = None,
    folded: AttemptsFolded | None = None,
) -> Attempt:
    """A thread as one more attempt; `folded`: what it is made of, its number aside."""
    number = 0

    async def added() -> list[Event]:
        nonlocal number
        number = max((one.number for one in await explorations.listed(home, at.id)), default=0) + 1
        one = AttemptAdded(attempt=number, thread=thread, source=source, plan=plan or Variation(), label=PERSON)
        return [one, folded.model_copy(update={"attempt": number})] if folded else [one]

    await home.store.log.decide(at.id, added)
    return await find(home, at.id, number)


async def stop(home: Home, exploration: str, number: int, why: str = "") -> Attempt:
    """It isn't begun, or is broken off; what it made is kept."""
    at = await explorations.find(home, exploration)
    attempt = await find(home, at.id, number)
    stopped = AttemptStopped(attempt=number, why=why.strip() or "You stopped it.", label=PERSON)
    await home.store.log.append(at.id, stopped)
    if attempt.state is not None and (await threads.find(home, attempt.thread)).turn is not None:
        await threads.stop(home, attempt.thread)
    return await find(home, at.id, number)


async def go_on(home: Home, exploration: str, number: int) -> Attempt:
    """What was stopped is taken up where it was, whoever's twin it is. Refused: `not-stopped`; as of any thread."""
    at = await explorations.find(home, exploration)
    attempt = await find(home, at.id, number)
    if not attempt.stopped:
        raise Refused(f"Attempt {number} isn't stopped.", code="not-stopped")
    await home.store.log.append(at.id, AttemptStopped(attempt=number, why="", label=PERSON))
    if attempt.state is not None:
        await threads.resume(home, attempt.thread)
    return await find(home, at.id, number)


async def shelve(home: Home, exploration: str, number: int, why: str) -> Attempt:
    """Put it away with the reason and the checks that it failed. An empty `why` takes it up again.

    Refused: `no-reason`, where there is nothing to take up.
    """
    at = await explorations.find(home, exploration)
    attempt = await find(home, at.id, number)
    if not why.strip() and not attempt.shelved:
        raise Refused("It isn't on the shelf. To put it there, say why.", code="no-reason")
    failed = attempt.evidence.failed if attempt.evidence else ()
    await home.store.log.append(at.id, AttemptShelved(attempt=number, why=why.strip(), failed=failed, label=PERSON))
    return await find(home, at.id, number)


async def close_risk(home: Home, exploration: str, number: int, risk: Risk, evidence: str) -> Attempt:
    """Refused: `no-evidence`; `checks-failed` for the risk of checks while some fail, or none ran."""
    at = await explorations.find(home, exploration)
    attempt = await find(home, at.id, number)
    if not evidence.strip():
        raise Refused("Say on what evidence it is closed.", code="no-evidence")
    if risk is Risk.CHECKS and (attempt.evidence is None or not attempt.evidence.checks or attempt.evidence.failed):
        failed = ", ".join(attempt.evidence.failed) if attempt.evidence else ""
        why = f"Checks fail on it: {failed}." if failed else "No checks ran on it, so nobody knows whether they hold."
        raise Refused(why, code="checks-failed")
    closed = Closed(risk=risk, by=PERSON.origin, evidence=evidence.strip())
    await home.store.log.append(at.id, RiskClosed(attempt=number, closed=closed, label=PERSON))
    return await find(home, at.id, number)


async def move(home: Home, exploration: str, number: int, stage: Stage, reason: str) -> Attempt:
    """To another stage, forward or back. Refused: `no-reason`; `open-risks`, for those that it must not have there."""
    at = await explorations.find(home, exploration)
    attempt = await find(home, at.id, number)
    if not reason.strip():
        raise Refused("Say why: moving on is a decision.", code="no-reason")
    if still := [risk.value for risk in attempt.open if risk in CLOSES[stage]]:
        why = f"Before it is {stage.value}, close its risks, each on evidence: {', '.join(still)} are open."
        raise Refused(why, code="open-risks")
    moved = StageMoved(attempt=number, stage=stage, reason=reason.strip(), by=PERSON.origin, label=PERSON)
    await home.store.log.append(at.id, moved)
    return await find(home, at.id, number)


async def merge(home: Home, exploration: str, number: int, *, unchecked: bool = False, acting: bool = False) -> Merged:
    """By the ordinary merge. Refused: `checks-failed` where its evidence says so (unless `unchecked`), and as there."""
    attempt = await find(home, exploration, number)
    if not unchecked and attempt.evidence and attempt.evidence.failed:
        why = f"Checks failed on this attempt: {', '.join(attempt.evidence.failed)}."
        raise Refused(f"{why} Merge it all the same with --unchecked.", code="checks-failed")
    brought = attempt.source.kind not in ("agent", "thread")
    return await reviews.merge(home, attempt.thread, unchecked=unchecked or brought, acting=acting)


async def picture(home: Home, exploration: str, number: int, which: int, *, small: bool = False) -> bytes:
    """The PNG of one of its views, by its place among them; a smaller one, if there is one. Refused: `no-picture`."""
    attempt = await find(home, exploration, number)
    shown = attempt.evidence.pictures if attempt.evidence else ()
    blobs = [(small and one.small) or one.blob for one in shown]
    return await _png(home, exploration, blobs, which)


async def frame(home: Home, exploration: str, number: int, which: int) -> bytes:
    """The PNG of a frame of its film. Refused: `no-picture`."""
    attempt = await find(home, exploration, number)
    shown = attempt.evidence.film if attempt.evidence else ()
    return await _png(home, exploration, [one.blob for one in shown], which)


async def _png(home: Home, exploration: str, blobs: Sequence[str], which: int) -> bytes:
    if not 0 <= which < len(blobs) or not blobs[which]:
        raise Refused("There is no such picture of it.", code="no-picture")
    at = await explorations.find(home, exploration)
    project = await projects.resolve(home, at.project)
    held = await home.workspace.contents(project, [blobs[which]], LARGEST)
    if blobs[which] not in held:
        raise Refused("Its picture is gone from the project's store.", code="no-picture")
    return held[blobs[which]]


async def history(home: Home, exploration: str) -> list[Event]:
    """Everything that happened in it, in order."""
    at = await explorations.find(home, exploration)
    return [entry.event for entry in await asyncio.to_thread(home.store.log.read, at.id)]


async def moves(home: Home, exploration: str, number: int) -> list[Entry]:
    """Each time that it came to another stage, in order."""
    entries = await asyncio.to_thread(home.store.log.read, exploration)
    return [one for one in entries if isinstance(one.event, StageMoved) and one.event.attempt == number]


async def difference(home: Home, exploration: str, left: int, right: int) -> str:
    """What would have to be changed of the left one for it to be the right one. Refused: `no-result`."""
    at = await explorations.whole(home, exploration)
    one, two = (among(at.attempts, number).result for number in (left, right))
    if one is None or two is None:
        raise Refused("Nothing came of one of them.", code="no-result")
    return await home.workspace.between(await projects.resolve(home, at.exploration.project), one, two)
