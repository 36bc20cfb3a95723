"""A model that may be better tries what is on the shelf, within the shelf's budget, as the log says.

An offer is open until the log says that it was tried. All that is added for it names it, so a base that was killed
in the middle adds what is missing, with the same share of the budget.
"""

from __future__ import annotations

import asyncio

from maquette.curation import shelving
from maquette.domain.events import ModelOffered, ShelfTried
from maquette.domain.projects import BASE, Project
from maquette.store import Store, explorations
from maquette.store.projections import projects


async def settle(store: Store) -> None:
    """Raises `Conflict` where something came in between, or another base did it."""
    for offer in await _open(store):
        tried = left = 0
        for project in await store.query(projects.projects):
            if offer.project == project.id or (offer.project is None and project.model is None):
                begun, over = await _tried(store, offer, project)
                tried, left = tried + begun, left + over
        await store.log.append(BASE, ShelfTried(offer=offer.id, tried=tried, left=left))


async def _open(store: Store) -> list[ModelOffered]:
    events = [entry.event for entry in await asyncio.to_thread(store.log.read, BASE)]
    done = {event.offer for event in events if isinstance(event, ShelfTried)}
    return [event for event in events if isinstance(event, ModelOffered) and event.id not in done]


async def _tried(store: Store, offer: ModelOffered, project: Project) -> tuple[int, int]:
    """How many attempts there are for this offer now, and for how many the budget was too small."""
    anew = offer.id if offer.why == "said" else ""
    shelf = [
        (one, await asyncio.to_thread(store.log.last, one.id), await store.query(explorations.attempts, one.id))
        for one in sorted(await store.query(explorations.shelved, project.id), key=lambda one: one.id)
    ]
    before = sum(one.source.offer == offer.id for _, _, attempts in shelf for one in attempts)
    due = {at.id: shelving.due(at, attempts, offer.model, anew) for at, _, attempts in shelf}
    all_ = before + sum(map(len, due.values()))
    may, each = shelving.shares(project.shelf, all_)
    room = max(may - before, 0)
    for at, position, attempts in shelf:
        some = due[at.id][:room]
        room -= len(some)
        if some:
            last = max(one.number for one in attempts)
            added = shelving.again(some, last, offer.model, each, offer=offer.id)
            await store.log.append(at.id, *added, expected=position)
    return min(may, all_), all_ - min(may, all_)
