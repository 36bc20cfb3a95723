"""Offers: a model that may be better than those there were, for what is on the shelf."""

from __future__ import annotations

from typing import Literal

from maquette.actions import models, projects
from maquette.actions.home import Home
from maquette.domain.events import ModelOffered
from maquette.domain.ids import new_id
from maquette.domain.labels import PERSON
from maquette.domain.projects import BASE
from maquette.store import explorations as stored


async def say(home: Home, model: str, project: str | None = None) -> bool:
    """A person says that it is better: whether anything is on the shelf to be tried, which then begins by itself.

    Refused: `unknown-model`, `no-key`, `unknown-project`.
    """
    of = await projects.resolve(home, project) if project else None
    return await offer(home, models.resolve(home, model), "said", of.id if of else None)


async def offer(home: Home, model: str, why: Literal["connected", "role", "said"], project: str | None = None) -> bool:
    """Nothing is said where nothing is on the shelf, nor of a model that can't be used now or goes by rules."""
    state = home.providers[model.partition(":")[0]].connected()
    if not state.ready or state.is_rules or not await home.store.query(stored.shelved, project):
        return False
    offered = ModelOffered(id=new_id("offer"), model=model, why=why, project=project, label=PERSON)
    await home.store.log.append(BASE, offered)
    return True
