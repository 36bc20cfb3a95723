"""The shelf: what didn't work yet is tried again by another model, and told is what now passes that didn't."""

from __future__ import annotations

from collections.abc import Sequence

from maquette.actions import explorations, models
from maquette.actions.home import Home
from maquette.curation import shelving
from maquette.domain.errors import Refused
from maquette.domain.events import AttemptAdded
from maquette.domain.explorations import Attempt, Exploration, Regained
from maquette.domain.labels import PERSON
from maquette.domain.projects import Budget
from maquette.store.projections import attempts as stored


async def relaunch(home: Home, exploration: str, model: str, budget: Budget | None = None) -> Exploration:
    """Each shelved attempt anew, by this model: the same approach, at the same base; `budget` is that of each.

    Those on the shelf stay there, beside the new ones. Refused: `unknown-model`, `nothing-shelved`.
    """
    name = models.resolve(home, model)
    of = (await explorations.find(home, exploration)).id

    async def again() -> list[AttemptAdded]:
        known = await explorations.listed(home, of)
        due = shelving.due(await explorations.find(home, of), known, name)
        if not due:
            raise Refused(f"Nothing is on the shelf that {name} hasn't tried.", code="nothing-shelved")
        return shelving.again(due, max(one.number for one in known), name, budget, label=PERSON)

    await home.store.log.decide(of, again)
    return await explorations.find(home, of)


async def regained(home: Home, exploration: str | None = None) -> list[Regained]:
    """What passes now that didn't when it was put on the shelf. Of one exploration, or of all."""
    of = (await explorations.find(home, exploration)).id if exploration else None
    return [*(await home.store.query(stored.regained, of)).values()]


def regained_of(attempts: Sequence[Attempt]) -> list[Regained]:
    """The same of what was read already."""
    return [*stored.regained_of(attempts).values()]
