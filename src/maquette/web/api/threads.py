"""Threads: list, start, look, say more, stop, resume, fork, change.

A thread is named by its id, by four or more of its last characters, or as `latest`.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import Field

from maquette.actions import threads
from maquette.domain.events import Entry
from maquette.domain.labels import Fact
from maquette.domain.messages import GIVEN, Given, Image
from maquette.domain.projects import Budget
from maquette.domain.threads import Mode, Thread
from maquette.web import routes
from maquette.web.api.home import LAST, Here

router = routes.api("threads")


class NewThread(Fact):
    """`project` is an id, a name or an absolute path; without one the thread works on the desk. `files` are put where
    it can read them, and named in what was said.
    """

    text: str
    project: str | None = None
    mode: Mode | None = None
    model: str | None = None
    budget: Budget | None = None
    images: tuple[Image, ...] = ()
    files: Annotated[tuple[Given, ...], Field(max_length=GIVEN)] = ()


class NewMessage(Fact):
    """It waits for a turn of its own, or, when it steers, goes to the turn at work."""

    text: str
    images: tuple[Image, ...] = ()
    files: Annotated[tuple[Given, ...], Field(max_length=GIVEN)] = ()
    steer: bool = False


class Changes(Fact):
    """What is left out stays."""

    title: str | None = None
    pinned: bool | None = None
    archived: bool | None = None
    model: str | None = None
    budget: Budget | None = None


class ForkPoint(Fact):
    """A position of the thread; without one, its end."""

    at: int | None = None


class Page(Fact):
    """Entries in order. `next` is the cursor to ask after for more; None at the end."""

    entries: tuple[Entry, ...]
    next: int | None = None


@router.get("/threads")
async def list_threads(
    home: Here,
    project: str | None = None,
    archived: bool = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    children: bool = False,
) -> list[Thread]:
    """The person's own: pinned first, then what is at work or waits, then the latest. `children`: each followed by its
    own, which `limit` doesn't count.
    """
    listed = await threads.listed(home, project=project, archived=archived, limit=limit)
    return await threads.with_children(home, listed) if children else listed


@router.post("/threads", status_code=201)
async def start_thread(home: Here, new: NewThread) -> threads.Sent:
    """Begins work. Follow it by the feed, after the cursor returned."""
    return await threads.start(
        home,
        new.text,
        project=new.project,
        mode=new.mode,
        model=new.model,
        budget=new.budget,
        images=new.images,
        files=new.files,
    )


@router.get("/threads/{thread}")
async def one_thread(home: Here, thread: str) -> Thread:
    return await threads.find(home, thread)


@router.get("/threads/{thread}/children")
async def list_children(home: Here, thread: str) -> list[Thread]:
    """Those who do parts of its work, each followed by its own; `parent` says whose part it does."""
    return await threads.below(home, thread)


@router.patch("/threads/{thread}")
async def change_thread(home: Here, thread: str, changes: Changes) -> Thread:
    return await threads.change(
        home,
        thread,
        title=changes.title,
        pinned=changes.pinned,
        archived=changes.archived,
        model=changes.model,
        budget=changes.budget,
    )


@router.get("/threads/{thread}/entries")
async def history(
    home: Here,
    thread: str,
    after: Annotated[int, Query(ge=0, le=LAST)] = 0,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> Page:
    """Everything that happened in a thread, also before it was forked."""
    entries = await threads.page(home, thread, after=after, limit=limit + 1)
    page = tuple(entries[:limit])
    return Page(entries=page, next=page[-1].cursor if len(entries) > limit else None)


@router.post("/threads/{thread}/messages", status_code=201)
async def send_message(home: Here, thread: str, message: NewMessage) -> threads.Sent:
    images, files = message.images, message.files
    return await threads.send(home, thread, message.text, images=images, files=files, steer=message.steer)


@router.post("/threads/{thread}/stop")
async def stop_thread(home: Here, thread: str) -> Thread:
    """Ends the turn that is queued, at work or waiting; what was said and done is kept."""
    return await threads.stop(home, thread)


@router.post("/threads/{thread}/resume", status_code=201)
async def resume_thread(home: Here, thread: str) -> threads.Sent:
    """Goes on after a stop, a failure or a spent budget."""
    return await threads.resume(home, thread)


@router.post("/threads/{thread}/fork", status_code=201)
async def fork_thread(home: Here, thread: str, point: ForkPoint) -> Thread:
    return await threads.fork(home, thread, at=point.at)
