"""What may be spent, and that it is."""

from __future__ import annotations

from typing import Literal

from maquette.domain.budgets import Per
from maquette.domain.events.fact import EventFact
from maquette.domain.labels import PERSON, Label
from maquette.domain.projects import Budget


class BudgetSet(EventFact):
    """Caps of a thread, a project or the base, whose stream it is in, in place of those set before for this `per`."""

    type: Literal["budget.set"] = "budget.set"
    label: Label = PERSON
    per: Per
    budget: Budget
    zone: str = ""


class LimitReached(EventFact):
    """A turn may spend no more. `told` says to the person what is used up and what to do; `asks` is what the model is
    told, for one last answer of which no call is run; empty where not even that may be spent.
    """

    type: Literal["limit.reached"] = "limit.reached"
    turn: str
    step: int
    told: str
    asks: str = ""
