"""What may be spent: caps for a turn, a thread, a project, a day."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from maquette.domain.labels import Fact
from maquette.domain.projects import Budget

Per = Literal["turn", "thread", "project", "day"]


class Spent(Fact):
    """What answers took. `money` leaves out the `unpriced` among the `steps`; `seconds` of work, not of waiting."""

    steps: int = 0
    unpriced: int = 0
    tokens: int = 0
    money: Decimal = Decimal(0)
    seconds: float = 0


class Cap(Fact):
    """Caps that a person set for a thread, a project, or (`of` is `base`) for everything: in each turn, thread,
    project, or in a day, from midnight to midnight of `zone` (an IANA name; "": that of the machine).
    """

    of: str
    per: Per
    budget: Budget
    zone: str = ""


def spent_up(budget: Budget, spent: Spent) -> bool:
    """Whether nothing more may be asked under this."""
    pairs = (
        (budget.steps, spent.steps),
        (budget.tokens, spent.tokens),
        (budget.money, spent.money),
        (budget.seconds, spent.seconds),
    )
    return any(cap is not None and used >= cap for cap, used in pairs)


def tighter(*budgets: Budget) -> Budget:
    """The lowest cap of each kind."""
    fields = {
        name: min(caps) if (caps := [c for b in budgets if (c := getattr(b, name)) is not None]) else None
        for name in Budget.model_fields
    }
    return Budget(**fields)
