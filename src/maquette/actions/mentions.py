"""Mentions: what a person may name while they write, found by a few letters of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path
from typing import TypeVar

from maquette.actions import projects, threads
from maquette.actions.home import Home
from maquette.workspace import listing

T = TypeVar("T")

THREADS = 5
"""Threads that are offered, at most."""


@dataclass(frozen=True)
class Mentioned:
    """A thread, with its title."""

    id: str
    title: str


@dataclass(frozen=True)
class Mentions:
    """The best first. `files` are paths relative to the folder that the work is in."""

    files: tuple[str, ...]
    threads: tuple[Mentioned, ...]


async def found(
    home: Home, typed: str, *, thread: str | None = None, project: str | None = None, limit: int = 20
) -> Mentions:
    """Files where `thread` works, or else where `project` lies (without either: the desk), and other threads.

    Refused: `unknown-thread`, `unknown-project`.
    """
    at = await threads.find(home, thread) if thread else None
    of = await projects.resolve(home, at.project if at else project)
    tree = home.workspace.root(at.id, of, at.mode) if at else Path(of.path)
    others = [one for one in await threads.listed(home) if at is None or one.id != at.id]
    named = _best(others, typed, lambda one: one.title, THREADS)
    files = await asyncio.to_thread(_files, (tree, Path(of.path)), typed, limit - len(named))
    return Mentions(tuple(files), tuple(Mentioned(one.id, one.title) for one in named))


def _files(places: Iterable[Path], typed: str, limit: int) -> list[str]:
    """In the first of these folders that there is."""
    root = next((place for place in places if place.is_dir()), None)
    return _best(listing.paths(root), typed, lambda path: path, limit) if root else []


def _best(some: Iterable[T], typed: str, name: Callable[[T], str], limit: int) -> list[T]:
    typed = typed.casefold()
    ranked = ((_rank(name(one).casefold(), typed), number, one) for number, one in enumerate(some))
    fitting = ((rank, number, one) for rank, number, one in ranked if rank is not None)
    return [one for _, _, one in nsmallest(limit, fitting)]


def _rank(name: str, typed: str) -> tuple[int, int, int] | None:
    """How well a name fits, the lower the better: it begins so, holds it, or has its letters in their order."""
    last = name.rpartition("/")[2]
    depth = name.count("/")
    if not typed:
        return 0, depth, 0
    for kind, fits in enumerate((last.startswith(typed), typed in last, typed in name)):
        if fits:
            return kind, depth, len(name)
    letters = iter(name)
    return (3, depth, len(name)) if all(letter in letters for letter in typed) else None
