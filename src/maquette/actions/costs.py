"""What models' answers cost."""

from __future__ import annotations

from dataclasses import replace

from maquette.actions import projects
from maquette.actions.home import Home
from maquette.store.projections import costs
from maquette.store.projections.costs import By, Cost


async def listed(
    home: Home, by: By, *, project: str | None = None, since: str | None = None, until: str | None = None
) -> list[Cost]:
    """Sums for each `by`; projects by their names. `since` and `until` are days where this machine is, both included.

    Refused: `unknown-project`.
    """
    of = (await projects.resolve(home, project)).id if project else None
    found = await home.store.query(costs.costs, by, project=of, since=since, until=until)
    if by != "project":
        return found
    names = {one.id: one.name for one in await projects.listed(home)}
    return [replace(cost, key=names.get(cost.key, cost.key)) for cost in found]
