"""What may be spent, and what is."""

from __future__ import annotations

from maquette.actions import budgets
from maquette.domain.budgets import Per
from maquette.domain.labels import Fact
from maquette.domain.projects import Budget
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("budgets")


class NewBudget(Fact):
    """Of a thread, a project, or of everything. An empty `budget` takes the caps away."""

    per: Per
    budget: Budget = Budget()
    project: str | None = None
    thread: str | None = None


@router.get("/budgets")
async def list_budgets(home: Here) -> list[budgets.Balance]:
    """Every cap, with what is spent of it. Money leaves out the `unpriced` requests, whose price nobody knows."""
    return await budgets.listed(home)


@router.patch("/budgets", status_code=204)
async def set_budget(home: Here, new: NewBudget) -> None:
    """Holds from the next request on, also of turns that are at work, within seconds."""
    await budgets.put(home, new.per, new.budget, project=new.project, thread=new.thread)
