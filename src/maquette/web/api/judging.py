"""Models that judge an exploration, and its brief over time."""

from __future__ import annotations

from maquette.actions import decisions, judging, launches
from maquette.domain.explorations import Exploration
from maquette.domain.labels import Fact
from maquette.domain.projects import Budget
from maquette.domain.votes import Facet
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("explorations")


class NewJudging(Fact):
    """`budget` is that of this judging alone; left out, it has one all the same."""

    pairs: int = judging.PAIRS
    facet: Facet | None = None
    budget: Budget | None = None


@router.post("/explorations/{exploration}/judgings", status_code=201)
async def judge(home: Here, exploration: str, new: NewJudging) -> Exploration:
    """The model that has the role of the reviewer compares pairs, each in both orders; it begins by itself."""
    return await judging.ask(home, exploration, new.pairs, facet=new.facet, budget=new.budget)


@router.get("/explorations/{exploration}/judges")
async def list_judges(home: Here, exploration: str) -> judging.Bench:
    """Who voted, how often each model agrees with people so far, and how far the last judging is."""
    return await judging.bench(home, exploration)


@router.get("/taste/foreseen")
async def list_foreseen(home: Here, project: str) -> list[decisions.Foreseen]:
    """How well a project's earlier votes, and models that know its taste, foresaw what people voted next."""
    return await decisions.foreseen(home, project)


@router.get("/explorations/{exploration}/history")
async def show_history(home: Here, exploration: str) -> launches.History:
    """Its brief over time: every launch of each idea, and how far each model got."""
    return await launches.history(home, exploration)
