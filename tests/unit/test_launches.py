"""A brief over time: launches of one idea are one history, and models stand in the order in which they tried it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from maquette.curation.launches import ideas, progress
from maquette.domain.checks import Check
from maquette.domain.explorations import Attempt, Evidence, Origin, Variation
from maquette.domain.projects import Budget

START = datetime(2026, 1, 1, tzinfo=UTC)


def attempt(number: int, model: str, passed: int | None, of: str = "e1", **more: object) -> Attempt:
    checks = tuple(Check(command=f"{n}", status=int(n >= (passed or 0)), seconds=0, output="") for n in range(4))
    known: dict[str, object] = {"source": Origin(), "plan": Variation(approach="cards", model=model), **more}
    evidence = None if passed is None else Evidence(commit="c", tree="t", checks=checks)
    fixed = {"exploration": of, "number": number, "thread": "t", "budget": Budget(), "evidence": evidence}
    return Attempt.model_validate({**fixed, **known})


def test_six_launches_of_one_idea_are_one_history_over_models_and_explorations() -> None:
    some = [
        attempt(1, "m:one", 1, shelved="later"),
        attempt(2, "m:one", 2),
        attempt(3, "m:two", 3, source=Origin(name="1")),
        attempt(1, "m:two", 4, "e2"),
        attempt(2, "m:three", None, "e2"),
        attempt(3, "m:one", 0, "e2"),
        attempt(4, "m:one", 4, plan=Variation(approach="table", model="m:one")),
        attempt(5, "", 4, source=Origin(kind="branch", name="mine")),
    ]
    begun = {(one.exploration, one.number): START + timedelta(days=n) for n, one in enumerate(some)}
    cards, table = ideas(some, begun)
    assert (cards.approach, table.approach) == ("cards", "table")
    assert [(one.exploration, one.attempt, one.passed) for one in cards.launches] == [
        ("e1", 1, 1), ("e1", 2, 2), ("e1", 3, 3), ("e2", 1, 4), ("e2", 2, None), ("e2", 3, 0),
    ]  # fmt: skip
    assert cards.launches[0].shelved
    one, two = progress([cards, table])
    assert (one.model, one.first, one.launches, one.best, one.mean) == ("m:one", START, 4, 1.0, 7 / 16)
    assert (two.model, two.launches, two.best, two.mean) == ("m:two", 2, 1.0, 7 / 8)
