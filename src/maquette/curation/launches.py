"""One brief over time: each idea with all its launches, by whatever models; and how far each model got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from maquette.domain.explorations import Attempt


@dataclass(frozen=True)
class Launch:
    """One try at an idea; `passed` of `checks`, None while it isn't known."""

    exploration: str
    attempt: int
    model: str
    at: datetime
    passed: int | None
    checks: int
    tokens: int
    price: Decimal | None
    shelved: bool


@dataclass(frozen=True)
class Idea:
    """An approach with its launches, the first of them first."""

    approach: str
    launches: tuple[Launch, ...]


@dataclass(frozen=True)
class Progress:
    """Of one model: its launches of which the outcome is known, and the share of their checks that passed; in the best,
    and in the mean. `first`: when it was launched first.
    """

    model: str
    first: datetime
    launches: int
    best: float
    mean: float


def ideas(attempts: Sequence[Attempt], begun: Mapping[tuple[str, int], datetime]) -> list[Idea]:
    """What agents attempted, of one or several explorations of the same brief, by approach; those tried most first.

    What tries again what was on the shelf is of the same approach. `begun`: when each was added.
    """
    found: dict[str, list[Launch]] = {}
    for one in attempts:
        if one.source.kind == "agent":
            found.setdefault(one.plan.approach, []).append(_launch(one, begun[one.exploration, one.number]))
    made = [Idea(name, tuple(sorted(some, key=lambda launch: launch.at))) for name, some in found.items()]
    return sorted(made, key=lambda idea: (-len(idea.launches), idea.launches[0].at))


def _launch(one: Attempt, at: datetime) -> Launch:
    checks = one.evidence.checks if one.evidence else ()
    passed = sum(check.passed for check in checks) if one.evidence else None
    return Launch(
        one.exploration, one.number, one.plan.model, at, passed, len(checks), one.tokens, one.price, bool(one.shelved)
    )


def progress(found: Sequence[Idea]) -> list[Progress]:
    """By model, in the order in which they were launched first; those of which nothing is known aren't there."""
    by: dict[str, list[Launch]] = {}
    for launch in sorted((launch for idea in found for launch in idea.launches), key=lambda launch: launch.at):
        if launch.passed is not None and launch.checks:
            by.setdefault(launch.model, []).append(launch)
    shares = {model: [(one.passed or 0) / one.checks for one in some] for model, some in by.items()}
    return [
        Progress(model, some[0].at, len(some), max(shares[model]), sum(shares[model]) / len(some))
        for model, some in by.items()
    ]
