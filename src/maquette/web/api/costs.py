"""What models' answers cost."""

from __future__ import annotations

from datetime import date

from maquette.actions import costs
from maquette.store.projections.costs import By, Cost
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("costs")


@router.get("/costs")
async def list_costs(
    home: Here, by: By = "model", project: str | None = None, since: date | None = None, until: date | None = None
) -> list[Cost]:
    """Tokens and US dollars, summed by turn, thread, project, day or model. Days are this machine's, both included."""
    days = {"since": since.isoformat() if since else None, "until": until.isoformat() if until else None}
    return await costs.listed(home, by, project=project, **days)
