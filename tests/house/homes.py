"""A real base's home in a test: real log, sandbox and tools; the model is the scripted server over HTTP."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from maquette import app
from maquette.actions import threads
from maquette.actions.home import Home
from maquette.domain.events import AnswerGiven, CallFinished, Entry, Event, TurnFinished, TurnWaiting
from maquette.domain.threads import Thread
from maquette.kinds.sandboxes import Probe, Sandbox
from maquette.sandboxes.tiers import FORCED
from maquette.settings import settings
from maquette.testing.models import ScriptedModels
from maquette.workspace.git import Git, Gits

E = TypeVar("E", bound=Event)
PATIENCE = 20
"""Seconds after which something that should have happened is taken not to happen."""


_choose = app.chosen
_chosen: dict[str, tuple[Sandbox, list[Probe]]] = {}


async def _chosen_once() -> tuple[Sandbox, list[Probe]]:
    """What a base chooses, tried once for all homes of this process with the same environment."""
    told = f"{os.environ.get(FORCED)} {os.environ['PATH']}"
    if told not in _chosen:
        _chosen[told] = await _choose()
    return _chosen[told]


_take = Gits.taken
_taken: dict[tuple[str, str], Mapping[str, str]] = {}


async def _taken_once(gits: Gits) -> Mapping[str, str]:
    """What a base takes of the person's configuration of git, likewise."""
    told = os.environ["HOME"], os.environ["PATH"]
    if told not in _taken:
        _taken[told] = await _take(gits)
    return _taken[told]


_check_age = Gits.check_age
_new_enough: set[str] = set()


async def _check_age_once(gits: Gits, git: Git) -> None:
    """That git isn't too old, likewise."""
    if os.environ["PATH"] not in _new_enough:
        await _check_age(gits, git)
        _new_enough.add(os.environ["PATH"])


@asynccontextmanager
async def a_home(state: Path, variables: Mapping[str, str], engine: str = "inline") -> AsyncGenerator[Home]:
    """Opened on `state`, with the environment's `variables` set meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**variables, "MAQUETTE_ENGINE": engine}.items():
            patch.setenv(name, value)
        patch.setattr(app, "chosen", _chosen_once)
        patch.setattr(Gits, "taken", _taken_once)
        patch.setattr(Gits, "check_age", _check_age_once)
        async with app.opened(settings({"MAQUETTE_HOME": str(state), "HOME": str(state.parent), **variables})) as home:
            yield home


async def until(home: Home, thread: str, *kinds: type[Event], after: int = 0, patience: float = PATIENCE) -> Entry:
    """The thread's first entry of one of these kinds behind cursor `after`, as soon as it is there."""
    async with asyncio.timeout(patience):
        async for item in home.store.feed.follow(after=after, stream=thread):
            if isinstance(item, Entry) and isinstance(item.event, kinds):
                return item
    raise AssertionError("the feed ended")


async def rest(home: Home, sent: threads.Sent, patience: float = PATIENCE) -> Event:
    """How the turn that `sent` began or steers ends, or that it waits."""
    entry = await until(home, sent.thread, TurnFinished, TurnWaiting, after=sent.cursor, patience=patience)
    return entry.event


def events(home: Home, thread: str, kind: type[E]) -> list[E]:
    """All events of a kind in a thread, in order."""
    return [e.event for e in home.store.log.read(thread) if isinstance(e.event, kind)]


def said(home: Home, thread: str) -> str:
    """The last answer's words."""
    return events(home, thread, AnswerGiven)[-1].answer.text


def results(home: Home, thread: str) -> list[tuple[str, str]]:
    """(status, text) of each finished call."""
    return [(e.status, e.text) for e in events(home, thread, CallFinished)]


async def at(home: Home, thread: str) -> Thread:
    return await threads.find(home, thread)


async def there(path: Path) -> None:
    """Returns once a file that a command makes is there."""
    async with asyncio.timeout(PATIENCE):
        while not path.exists():  # noqa: ASYNC110, ASYNC240 - nothing tells us: another process makes it
            await asyncio.sleep(0.01)


async def asked_of(models: ScriptedModels, count: int = 1) -> None:
    """Returns once the model server was asked `count` times."""
    async with asyncio.timeout(PATIENCE):
        while len(models.requests) < count:  # noqa: ASYNC110 - the server runs in a thread of its own
            await asyncio.sleep(0.01)


async def happened(home: Home, stream: str, kind: type, count: int) -> list[Entry]:
    """The first so many entries of a kind in a stream, once they are there."""
    found: list[Entry] = []
    async with asyncio.timeout(PATIENCE):
        async for item in home.store.feed.follow(after=0, stream=stream):
            if isinstance(item, Entry) and isinstance(item.event, kind):
                found.append(item)
            if len(found) == count:
                break
    return found
