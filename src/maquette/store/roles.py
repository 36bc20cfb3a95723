"""Which models do what: a project's, else the base's. The base's own stream is short, so it is read as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from maquette.domain.events import RoleSet
from maquette.domain.projects import BASE, Project
from maquette.domain.roles import Models, Role
from maquette.store.store import Store


async def of_base(store: Store) -> Mapping[Role, Models]:
    entries = await asyncio.to_thread(store.log.read, BASE)
    said = {entry.event.role: entry.event.models for entry in entries if isinstance(entry.event, RoleSet)}
    return {role: models for role, models in said.items() if models}


async def of(store: Store, project: Project | None) -> Mapping[Role, Models]:
    """What counts in a project; without one, in the base."""
    return {**await of_base(store), **(project.given if project else {})}


async def worker_of(store: Store, project: Project | None, default: str, *, insists: bool) -> str:
    """What threads get that name none: the project's, else `default` where that `insists`, else the base's, else it."""
    if project is not None and project.model:
        return project.model
    worker = (await of_base(store)).get(Role.WORKER)
    return worker[0] if worker and not insists else default
