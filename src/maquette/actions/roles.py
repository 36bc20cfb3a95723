"""Roles: which models do what, in the base and in a project."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from maquette.actions import models, offers, projects
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import RoleSet
from maquette.domain.labels import PERSON
from maquette.domain.projects import BASE, Project
from maquette.domain.roles import Models, Role
from maquette.store import roles

MOST = 8
"""Models of a role."""


async def listed(home: Home, project: Project | None = None) -> Mapping[Role, Models]:
    """What was said for the project, else for the base; roles that nobody gave are left out."""
    return await roles.of(home.store, project)


async def worker(home: Home, project: Project | None = None) -> str:
    """What threads get that name none: the project's, else MAQUETTE_MODEL, else the base's, else by the keys set."""
    return await roles.worker_of(home.store, project, home.settings.model, insists=home.settings.insists)


async def preload(home: Home) -> None:
    """Load what the first turn would wait for a second for."""
    provider = home.providers.get((await worker(home)).partition(":")[0])
    preload = getattr(provider, "preload", None)
    if provider is not None and provider.connected().ready and preload is not None:
        await asyncio.to_thread(preload)
        await asyncio.to_thread(home.engine.preload)


async def give(home: Home, role: Role, to: Sequence[str], project: str | None = None) -> Mapping[Role, Models]:
    """The role to these, in order; to none: a project does as the base, a base as its environment says.

    What is on the shelf is tried again by those that weren't a worker before. Refused: `unknown-model`,
    `unknown-project`, `odd-role`.
    """
    of = await projects.resolve(home, project) if project else None
    named = tuple(models.full(home, name) for name in to)
    if len(set(named)) != len(named) or len(named) > MOST:
        raise Refused(f"Name each model once, and at most {MOST}.", code="odd-role")
    if role is Role.WORKER:
        former = (await listed(home, of)).get(role, ())
        for name in named:
            if name not in former:
                await offers.offer(home, name, "role", of.id if of else None)
    given = RoleSet(role=role, models=named, label=PERSON)
    await home.store.log.append(of.id if of else BASE, given)
    return await listed(home, await projects.resolve(home, of.id) if of else None)
