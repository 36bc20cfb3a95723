"""The shelf: which of what is on it a model should try again, within what, and what passes then that didn't."""

from __future__ import annotations

from collections.abc import Sequence

from maquette.domain.events import AttemptAdded
from maquette.domain.explorations import Attempt, Exploration, Origin, Regained, Variation
from maquette.domain.ids import new_id
from maquette.domain.labels import HOUSE, Label
from maquette.domain.projects import Budget

LEAST = 20_000
"""Tokens below which nothing is begun: most attempts would only be broken off."""


def due(at: Exploration, attempts: Sequence[Attempt], model: str, offer: str = "") -> list[Attempt]:
    """What this model should try, each idea once, as it was shelved last. `offer`: one for which even what the model
    tried before is tried anew, since a person says that it is better now.

    Of an exploration that was shelved as a whole: of each approach the first that failed a check.
    """
    roots: dict[int, int] = {}
    for one in attempts:
        former = int(one.source.name) if one.tries_again else one.number
        roots[one.number] = roots.get(former, former)
    tried = {
        (roots[one.number], one.plan.model)
        for one in attempts
        if one.source.kind == "agent" and (not offer or one.source.offer == offer)
    }
    away = {roots[one.number]: one for one in attempts if one.shelved}
    if at.shelved and not away:
        failed = [one for one in attempts if one.source.kind == "agent" and not one.tries_again and one.lacks]
        first = {one.plan.approach: one for one in reversed(failed)}
        away = {one.number: one for one in failed if first[one.plan.approach] is one}
    return [one for root, one in away.items() if (root, model) not in tried]


def shares(budget: Budget, count: int) -> tuple[int, Budget]:
    """How many of `count` attempts may be begun, so that all together stay within `budget`, and what each may spend."""
    if budget.money == 0:
        count = 0
    if budget.tokens is not None:
        count = min(count, budget.tokens // LEAST)
    each = max(count, 1)
    tokens = None if budget.tokens is None else budget.tokens // each
    money = None if budget.money is None else budget.money / each
    return count, budget.model_copy(update={"tokens": tokens, "money": money})


def again(
    some: Sequence[Attempt],
    last: int,
    model: str,
    budget: Budget | None = None,
    *,
    offer: str = "",
    label: Label = HOUSE,
) -> list[AttemptAdded]:
    """Each anew, by this model, the same approach; `last` is the number that attempts have come to."""
    return [
        AttemptAdded(
            attempt=last + place,
            thread=new_id("thread"),
            begins=new_id("turn"),
            plan=Variation(approach=one.plan.approach, model=model, seed=one.plan.seed),
            source=Origin(name=str(one.number), offer=offer),
            budget=budget or one.budget,
            label=label,
        )
        for place, one in enumerate(some, 1)
    ]


def regained(former: Attempt, now: Attempt) -> Regained | None:
    """None where nothing passes that didn't, or all isn't known yet."""
    if now.evidence is None:
        return None
    lacked = former.lacks
    passes = tuple(check for check in now.evidence.checks if check.passed and check.command in lacked)
    if not passes:
        return None
    commands = {check.command for check in passes}
    was = tuple(check for check in former.evidence.checks if check.command in commands) if former.evidence else ()
    failing = tuple(check for check in now.evidence.failed if check in lacked)
    return Regained(
        exploration=now.exploration,
        shelved=former.number,
        again=now.number,
        model=now.plan.model,
        checks=tuple(check.command for check in passes),
        was=was,
        now=passes,
        still=failing,
    )
