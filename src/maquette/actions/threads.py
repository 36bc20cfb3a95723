"""Threads: start, send, stop, resume, fork, change."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from maquette.actions import given, models, projects, roles
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import (
    Entry,
    Event,
    MessageSent,
    StopAsked,
    ThreadSet,
    ThreadStarted,
    TurnFinished,
    TurnQueued,
    TurnResumed,
)
from maquette.domain.ids import new_id
from maquette.domain.messages import Given, Image
from maquette.domain.projects import Budget, Project, ProjectKind
from maquette.domain.threads import Mode, Thread, ThreadState, title_of
from maquette.store.history import history as past
from maquette.store.history import page as past_page
from maquette.store.history import tail as past_tail
from maquette.store.projections import threads as projection

LATEST = ("latest", "-")


@dataclass(frozen=True)
class Sent:
    """Where a message went: the turn it began or steers, and the log's cursor just before it."""

    thread: str
    turn: str
    steers: bool
    cursor: int


async def start(
    home: Home,
    text: str,
    *,
    project: str | None,
    mode: Mode | None = None,
    model: str | None = None,
    budget: Budget | None = None,
    images: Sequence[Image] = (),
    files: Sequence[Given] = (),
    baby: bool = False,
) -> Sent:
    """A new thread with its first message. Without `project` it works on a desk of its own. `baby`: as there.

    Refused: `empty-message`, `bad-image`, `unknown-project`, `unknown-model`, and whatever keeps a work tree from
    being made.
    """
    if not text.strip() and not images and not files:
        raise Refused("Say what is to be done.", code="empty-message")
    images = await _fitting(home, images)
    of = await projects.resolve(home, project)
    if mode is Mode.READ:
        raise Refused("Only a child looks at another thread's tree; take worktree or local.", code="no-such-mode")
    mode = mode or (Mode.WORKTREE if of.kind is ProjectKind.REPO else Mode.LOCAL)
    await (home.workspace.check_base(of) if mode is Mode.WORKTREE else home.workspace.check_in_place(of))
    name = models.resolve(home, model or await roles.worker(home, of))
    thread = new_id("thread")
    text = await given.named(home, thread, of, title := text, files)
    started = ThreadStarted(
        project=of.id, title=title_of(title or text), mode=mode, model=name, budget=budget or Budget(), baby=baby
    )
    return await _say(home, thread, text, images, before=[started])


async def send(
    home: Home,
    thread: str,
    text: str,
    *,
    images: Sequence[Image] = (),
    files: Sequence[Given] = (),
    steer: bool = False,
) -> Sent:
    """One more message: it steers the turn that is at work when `steer`, else it waits in line for a turn of its own.

    Refused: `unknown-thread`, `empty-message`, `bad-image`.
    """
    if not text.strip() and not images and not files:
        raise Refused("Say something.", code="empty-message")
    images = await _fitting(home, images)
    at = await find(home, thread)
    if files:
        text = await given.named(home, at.id, await projects.resolve(home, at.project), text, files)
    sent = await _steer(home, at.id, text, images) if steer else None
    return sent or await _say(home, at.id, text, images)


async def _fitting(home: Home, images: Sequence[Image]) -> tuple[Image, ...]:
    for number, image in enumerate(images, start=1):
        if not image.sound:
            what = f"Picture {number} is no {image.media_type[:80]!r} that models take"
            raise Refused(f"{what}: send a PNG, JPEG, GIF or WebP, and say which.", code="bad-image")
    return await home.workspace.fitting(images)


async def _say(home: Home, thread: str, text: str, images: Sequence[Image], before: Sequence[Event] = ()) -> Sent:
    turn = new_id("turn")
    message = MessageSent(id=new_id("msg"), turn=turn, text=text, images=tuple(images))
    entries = await home.store.log.append(thread, *before, message, TurnQueued(turn=turn, run=new_id("run")))
    home.engine.wake(thread)
    return Sent(thread, turn, False, entries[0].cursor - 1)


async def _steer(home: Home, thread: str, text: str, images: Sequence[Image]) -> Sent | None:
    """To the turn at work or waiting, as long as it is: None when there is none."""

    async def said() -> list[Event]:
        at = await find(home, thread)
        if at.turn is None:
            return []
        message = MessageSent(id=new_id("msg"), turn=at.turn, text=text, images=tuple(images), steers=True)
        waits = at.state is ThreadState.WAITING
        return [message, TurnResumed(turn=at.turn, run=new_id("run"))] if waits else [message]

    entries = await home.store.log.decide(thread, said)
    if not entries:
        return None
    if len(entries) > 1:
        home.engine.wake(thread)
    first = entries[0].event
    assert isinstance(first, MessageSent)
    return Sent(thread, first.turn, True, entries[0].cursor - 1)


async def stop(home: Home, thread: str) -> Thread:
    """End the turn that is queued, at work or waiting; what was said and done is kept. Refused: `nothing-runs`."""
    at = await find(home, thread)
    if at.turn is None:
        raise Refused("Nothing runs in this thread.", code="nothing-runs")
    await home.store.log.append(at.id, StopAsked(turn=at.turn))
    if not await home.engine.stop(at.id, at.turn):
        await home.store.log.append(at.id, TurnResumed(turn=at.turn, run=new_id("run")))
        home.engine.wake(at.id)
    return at


async def resume(home: Home, thread: str) -> Sent:
    """Go on after a stop, a failure or a spent budget. Refused: `still-at-work`, `waits`."""
    at = await find(home, thread)
    if at.state is ThreadState.WAITING:
        raise Refused("It waits for you: `maquette answer` or `maquette approve`.", code="waits")
    if at.turn is not None:
        raise Refused("It is at work already.", code="still-at-work")
    return await _say(home, at.id, "Go on where you left off.", ())


async def fork(home: Home, thread: str, *, at: int | None = None) -> Thread:
    """A new thread that begins with this one's past, up to the end of the last turn at or before position `at`.

    Refused: `nothing-to-fork`, when no turn has ended by then; `of-a-child`.
    """
    of = await find(home, thread)
    if of.parent:
        raise Refused("It does a part of another thread's work: fork that one.", code="of-a-child")
    entries = await asyncio.to_thread(past, home.store.log, of.id)
    ends = [e for e in entries if isinstance(e.event, TurnFinished) and (at is None or e.position <= at)]
    own = [e for e in ends if e.stream == of.id]
    if not own:
        raise Refused("No turn of this thread has ended yet, so there is nothing to fork from.", code="nothing-to-fork")
    new = new_id("thread")
    started = ThreadStarted(
        project=of.project,
        title=f"{of.title} (fork)",
        mode=of.mode,
        model=of.model,
        budget=_budget(entries),
        forked_from=(of.id, own[-1].position),
        baby=any(isinstance(e.event, ThreadStarted) and e.event.baby for e in entries),
    )
    await home.store.log.append(new, started)
    return await find(home, new)


async def change(
    home: Home,
    thread: str,
    *,
    title: str | None = None,
    pinned: bool | None = None,
    archived: bool | None = None,
    model: str | None = None,
    budget: Budget | None = None,
) -> Thread:
    """Rename, pin, archive, or give it another model or budget from its next turn on."""
    at = await find(home, thread)
    name = models.resolve(home, model) if model else None
    changed = ThreadSet(title=title, pinned=pinned, archived=archived, model=name, budget=budget)
    await home.store.log.append(at.id, changed)
    return await find(home, at.id)


async def find(home: Home, thread: str) -> Thread:
    """By id, by the end of one, or as `latest` (also `-`): in which something last happened.

    Refused: `unknown-thread`, `ambiguous-thread`.
    """
    if thread in LATEST and (some := await listed(home)):
        return max(some, key=lambda one: one.changed)
    return await home.store.query(projection.find, thread)


async def find_surely(home: Home, thread: str) -> Thread:
    """The same, for what is not to befall another: `latest` doesn't pass over one that was put away since."""
    at = await find(home, thread)
    away = await listed(home, archived=True) if thread in LATEST else []
    if later := [one for one in away if one.changed > at.changed]:
        last = max(later, key=lambda one: one.changed)
        why = f"The latest, {last.id}, is put away already: name the one you mean ({at.id}, {at.title!r}, comes next)."
        raise Refused(why, code="ambiguous-thread")
    return at


async def listed(home: Home, *, project: str | None = None, archived: bool = False, limit: int = 200) -> list[Thread]:
    """The person's own: pinned first, then what is at work or waits, then the latest."""
    of: Project | None = await projects.resolve(home, project) if project else None
    return await home.store.query(projection.threads, project=of.id if of else None, archived=archived, limit=limit)


async def family(home: Home, *parents: str) -> list[Thread]:
    """All below these threads: children before their own children, of one generation the eldest first."""
    return await home.store.query(projection.family, *parents)


async def below(home: Home, thread: str) -> list[Thread]:
    """The same of one thread, each followed by its own children."""
    return (await with_children(home, [await find(home, thread)]))[1:]


async def with_children(home: Home, roots: Sequence[Thread]) -> list[Thread]:
    """These, each followed by its children, and they by theirs."""
    found = await family(home, *(one.id for one in roots))

    def follow(one: Thread) -> list[Thread]:
        own = (follow(child) for child in found if child.parent == one.id)
        return [one, *itertools.chain(*own)]

    return [*itertools.chain(*map(follow, roots))]


async def begun(home: Home, thread: str) -> ThreadStarted:
    """How it was begun. `thread` is its id."""
    (first,) = await asyncio.to_thread(home.store.log.read, thread, limit=1)
    assert isinstance(first.event, ThreadStarted)
    return first.event


async def history(home: Home, thread: str) -> list[Entry]:
    """Everything that happened, also before it was forked."""
    at = await find(home, thread)
    return await asyncio.to_thread(past, home.store.log, at.id)


async def page(home: Home, thread: str, *, after: int = 0, limit: int = 1000) -> list[Entry]:
    """At most `limit` entries of the same with a cursor above `after`, in order."""
    at = await find(home, thread)
    return await asyncio.to_thread(past_page, home.store.log, at.id, after, limit)


async def tail(home: Home, thread: str, limit: int, *, before: int | None = None) -> list[Entry]:
    """The last `limit` entries of the same, or the last below cursor `before`, in order."""
    at = await find(home, thread)
    return await asyncio.to_thread(past_tail, home.store.log, at.id, limit, before)


def _budget(entries: Sequence[Entry]) -> Budget:
    """That which was set last."""
    said = (entry.event for entry in reversed(entries))
    found = (
        event.budget for event in said if isinstance(event, ThreadStarted | ThreadSet) and event.budget is not None
    )
    return next(found, Budget())
