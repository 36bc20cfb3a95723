"""Samples: projects and messages to try things on, before there are any of one's own."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from maquette.actions import explorations, projects, sources
from maquette.actions.home import Home
from maquette.domain.errors import Refused, without_room
from maquette.domain.explorations import Exploration, Film
from maquette.domain.posts import Source
from maquette.domain.projects import Project
from maquette.samples import lantern
from maquette.samples.messages import make_messages
from maquette.samples.shop import make_sample, make_till
from maquette.samples.whole import make_whole
from maquette.settings import APPRENTICE
from maquette.store.projections import sources as stored

SHOP, TILL, LANTERN, MESSAGES = "bookshop", "till", "lantern", "messages"
MAKERS = {SHOP: make_sample, TILL: make_till}
"""A repo of code with a history, and a folder of CSV files."""
EXPLORED = 12
"""Attempts of the sample that is explored."""


async def make(home: Home) -> list[Project]:
    """The samples as projects, in folders that the person sees. Asked for again, they are the same.

    Refused: `no-git`, `unwritable`.
    """
    return [await _made(home, name, maker) for name, maker in MAKERS.items()]


async def explore(home: Home) -> Exploration:
    """A page, and twelve attempts at laying it out, made by rule while one looks on; the one there is, if there is one.

    Refused: `no-git`, `unwritable`.
    """
    project = await _made(home, LANTERN, lantern.make_lantern)
    await projects.change(home, project.id, checks=lantern.CHECKS)
    for one in await explorations.every(home, project.id):
        return one
    wish = explorations.Wish(
        lantern.QUESTION,
        project=project.id,
        attempts=EXPLORED,
        models=[APPRENTICE],
        approaches=lantern.APPROACHES,
        film=Film(steps=lantern.FILM),
    )
    return await explorations.start(home, wish)


async def _made(home: Home, name: str, maker: Callable[[Path], None]) -> Project:
    if shutil.which("git") is None:
        raise Refused("The sample is a git repo, and there is no git here: sudo apt-get install git", code="no-git")
    try:
        await asyncio.to_thread(make_whole, _folder(home, name), maker)
    except (OSError, subprocess.CalledProcessError) as error:
        if (full := without_room(error)) is not None:
            raise full from error
        raise Refused(f"The samples can't be made in {_folder(home, '')}: {error}.", code="unwritable") from error
    return await projects.add(home, _folder(home, name))


async def messages(home: Home) -> Source:
    """The sample's messages as a source, in a folder that the person sees; not read yet. Asked for again, it is the
    same. Refused: `unwritable`.
    """
    folder = _folder(home, MESSAGES)
    try:
        await asyncio.to_thread(make_whole, folder, make_messages)
    except OSError as error:
        if (full := without_room(error)) is not None:
            raise full from error
        raise Refused(f"The sample can't be made in {folder}: {error}.", code="unwritable") from error
    for one in await sources.listed(home):
        if one.source.at == str(folder):
            return one.source
    return await sources.add(home, "slack", str(folder), name="Sample messages")


async def has_messages(home: Home) -> bool:
    """Whether the sample's messages are a source by now."""
    return str(_folder(home, MESSAGES)) in {one.source.at for one in await home.store.query(stored.sources)}


def among(home: Home, known: Iterable[Project]) -> dict[str, Project]:
    """Those of `known` that are samples, by what they are (`SHOP`, `TILL`)."""
    by_path = {project.path: project for project in known}
    places = {name: str(_folder(home, name)) for name in MAKERS}
    return {name: by_path[place] for name, place in places.items() if place in by_path}


def _folder(home: Home, name: str) -> Path:
    return home.settings.home.resolve() / "maquette-samples" / name
