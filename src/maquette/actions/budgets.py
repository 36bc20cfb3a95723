"""Budgets: what may be spent, in each turn, thread, project and day, and what is."""

from __future__ import annotations

from dataclasses import dataclass

from maquette.actions import projects, threads
from maquette.actions.home import Home
from maquette.domain.budgets import Cap, Per, Spent
from maquette.domain.errors import Refused
from maquette.domain.events import BudgetSet
from maquette.domain.projects import BASE, Budget
from maquette.schedules import zones
from maquette.store.projections import budgets


@dataclass(frozen=True)
class Balance:
    """A cap, and what is spent of it; `spent` is None where each turn or thread has its own count."""

    cap: Cap
    named: str
    """Whose it is: a project's name, a thread's title; "" for the whole base."""
    spent: Spent | None


async def listed(home: Home, *of: str) -> list[Balance]:
    """The caps of these threads and projects, else all there are; those of each turn that a project has among them."""
    found: list[Cap] = await home.store.query(budgets.caps, *of)
    known = {project.id: project for project in await projects.listed(home)}
    found += [Cap(of=one.id, per="turn", budget=one.budget) for one in known.values() if one.budget != Budget()]
    found = [cap for cap in found if not of or cap.of in of]
    names = {id: project.name for id, project in known.items()}
    for cap in found:
        if cap.of not in names and cap.of != BASE:
            names[cap.of] = (await threads.find(home, cap.of)).title
    return [Balance(cap, names.get(cap.of, ""), await home.store.query(budgets.spent_of, cap)) for cap in found]


async def put(home: Home, per: Per, budget: Budget, *, project: str | None = None, thread: str | None = None) -> None:
    """Caps of a thread, of a project, or of everything, instead of those there were; an empty budget: none.

    Refused: `unknown-project`, `unknown-thread`, `odd-budget`.
    """
    if thread is not None:
        if project is not None or per == "project":
            raise Refused("Budgets of a thread are for each turn, for the thread, or for a day.", code="odd-budget")
        if per == "turn":
            await threads.change(home, thread, budget=budget)
            return
        of = (await threads.find(home, thread)).id
    elif project is not None:
        if per == "turn":
            await projects.change(home, project, budget=budget)
            return
        of = (await projects.resolve(home, project)).id
    else:
        of = BASE
    zone = zones.here() if per == "day" else ""
    await home.store.log.append(of, BudgetSet(per=per, budget=budget, zone=zone))
