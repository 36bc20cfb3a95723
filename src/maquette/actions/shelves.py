"""The shelf: what didn't work yet is tried again by another model, and told is what now passes that didn't."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from maquette.actions import explorations, models
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import AttemptAdded
from maquette.domain.explorations import Exploration, Plan, Source
from maquette.domain.ids import new_id
from maquette.domain.labels import PERSON
from maquette.domain.projects import Budget
from maquette.store import Conflict


async def relaunch(home: Home, exploration: str, model: str, budget: Budget | None = None) -> Exploration:
    """Each shelved attempt anew, by this model: the same approach, at the same base; `budget` is that of each.

    Those on the shelf stay there, beside the new ones. Refused: `unknown-model`, `nothing-shelved`.
    """
    name = models.resolve(home, model)
    while True:
        at = await explorations.find(home, exploration)
        position = await asyncio.to_thread(home.store.log.last, at.id)
        known = await explorations.listed(home, at.id)
        again = {(one.source.name, one.plan.model) for one in known}
        due = [one for one in known if one.shelved and (str(one.number), name) not in again]
        if not due:
            raise Refused(f"Nothing is on the shelf that {name} hasn't tried.", code="nothing-shelved")
        last = max(one.number for one in known)
        added = [
            AttemptAdded(
                attempt=last + place,
                thread=new_id("thread"),
                begins=new_id("turn"),
                plan=Plan(approach=one.plan.approach, model=name, seed=one.plan.seed),
                source=Source(name=str(one.number)),
                budget=budget or one.budget,
                label=PERSON,
            )
            for place, one in enumerate(due, 1)
        ]
        try:
            await home.store.log.append(at.id, *added, expected=position)
        except Conflict:
            continue
        return await explorations.find(home, at.id)


@dataclass(frozen=True)
class Regained:
    """A shelved attempt, the one that tried it again, and the checks that pass now and didn't."""

    exploration: str
    shelved: int
    again: int
    model: str
    checks: tuple[str, ...]


async def regained(home: Home, exploration: str | None = None) -> list[Regained]:
    """Of one exploration, or of all."""
    some = [await explorations.find(home, exploration)] if exploration else await explorations.every(home)
    found: list[Regained] = []
    for at in some:
        known = {str(one.number): one for one in await explorations.listed(home, at.id)}
        for one in known.values():
            former = known.get(one.source.name) if one.source.kind == "agent" else None
            if former is None or one.evidence is None:
                continue
            passing = {check.command for check in one.evidence.checks if check.passed}
            if now := tuple(check for check in former.lacked if check in passing):
                found.append(Regained(at.id, former.number, one.number, one.plan.model, now))
    return found
