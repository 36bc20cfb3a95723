"""What may be spent, as forms: for everything on the page of costs, for a project on that of projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import htpy as h

from maquette.actions.budgets import Balance
from maquette.domain.budgets import Per, Spent
from maquette.domain.projects import Budget
from maquette.web.views.forms import given, told
from maquette.web.views.words import count, price

PER = {"turn": "In each turn", "thread": "In each thread", "project": "In all", "day": "In a day"}


def caps(
    balances: Sequence[Balance], of: str, pers: Sequence[Per], then: str, *, called: str = "", **whose: str
) -> h.Element:
    """A form for each; `of` is whose caps they are, and `whose` says it to the interface: a project, a thread. What is
    `called` so is told from others on its page by who doesn't see where a form stands.
    """
    known = {one.cap.per: one for one in balances if one.cap.of == of}
    return h.div(".caps")[(_form(per, known.get(per), then, called, whose) for per in pers)]


def _form(per: Per, balance: Balance | None, then: str, called: str, whose: Mapping[str, str]) -> h.Element:
    held = balance.cap.budget if balance else Budget()
    minutes = f"{held.seconds / 60:g}" if held.seconds is not None else ""
    says = "In this thread" if per == "thread" and "thread" in whose else PER[per]
    return h.form(
        data_api="/v1/budgets", data_method="PATCH", data_then=then, aria_label=f"{says}, {called}" if called else says
    )[
        h.h3[says],
        given("per", per),
        [given(what, name) for what, name in whose.items()],
        _cap("money", "Dollars", held.money, "decimal"),
        _cap("tokens", "Tokens", held.tokens, "numeric"),
        _cap("steps", "Steps", held.steps, "numeric"),
        _cap("seconds", "Minutes", minutes, "decimal", minutes=True),
        h.button["Keep"],
        balance is not None and balance.spent is not None and h.p(".note")[_spent(balance.spent)],
        told(),
    ]


def _cap(name: str, label: str, held: object, mode: str, *, minutes: bool = False) -> h.Element:
    return h.label[
        label,
        h.input(
            name=f"budget.{name}",
            value="" if held is None else str(held),
            inputmode=mode,
            autocomplete="off",
            size="7",
            placeholder="no cap",
            data_type="minutes" if minutes else None,
        ),
    ]


def _spent(spent: Spent) -> str:
    unknown = f" and {count(spent.unpriced, 'request')} of unknown price" if spent.unpriced else ""
    worked = f"{spent.seconds / 60:.1f} minutes"
    return (
        f"Spent: {price(spent.money)}{unknown}, {count(spent.tokens, 'token')}, {count(spent.steps, 'step')}, {worked}."
    )
