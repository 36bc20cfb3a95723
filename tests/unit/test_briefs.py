"""Briefs by rule: the medium, how attempts differ, what they are told, what attempts the same."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from maquette.curation import briefs
from maquette.domain.explorations import Attempt, Brief, Decision, Exploration, Medium, Plan, Source, View
from maquette.domain.projects import Budget
from maquette.engine.evidence import named_anew
from maquette.engine.explorations import spent

ASKED = {
    "Why should we charge for exports, and how do we announce it?": Medium.PAGE,
    "A calmer onboarding flow with fewer buttons": Medium.CLICK,
    "The empty state of the sidebar": Medium.CLICK,
    "Make the query parser faster": Medium.CHANGE,
    "Fix the crash in the cache module": Medium.CHANGE,
    "Something with bees": Medium.PAGE,
}


@pytest.mark.parametrize(("question", "medium"), ASKED.items())
def test_a_medium_is_suggested_with_the_words_that_speak_for_it(question: str, medium: Medium) -> None:
    found, why = briefs.medium_of(question)
    assert found is medium
    assert "“" in why or question == "Something with bees"


def test_plans_take_every_approach_by_every_model_before_any_comes_again() -> None:
    plans = briefs.plans(["a:1", "b:2"], ["one", "two"], 5)
    assert [(plan.approach, plan.model, plan.seed) for plan in plans] == [
        ("one", "a:1", 1),
        ("one", "b:2", 1),
        ("two", "a:1", 1),
        ("two", "b:2", 1),
        ("one", "a:1", 2),
    ]
    more = briefs.plans(["a:1"], ["one", "three"], 2, plans)
    assert [(plan.approach, plan.seed) for plan in more] == [("three", 1), ("three", 2)]


def test_what_an_attempt_is_told_holds_its_approach_what_is_looked_at_and_the_taste() -> None:
    brief = Brief(
        question="A start page", medium=Medium.CLICK, why="", base="f00", checks=("make test",),
        views=(View(name="empty", path="index.html#empty"),),
    )  # fmt: skip
    plan = Plan(approach="cards", model="a:1", seed=2)
    attempt = Attempt(exploration="e", number=7, thread="t", plan=plan, source=Source(), budget=Budget())
    at = datetime(2026, 1, 1, tzinfo=UTC)
    decision = Decision(id="decision_abcdef", project="p", reason="One column.", facet="look", at=at)
    told = briefs.task(brief, attempt, [decision])
    for part in (
        "This is attempt 7 of",
        "Approach: cards",
        "Variant: 2",
        "empty: index.html#empty",
        "make test",
        "[abcdef] (look) One",
    ):
        assert part in told


def test_a_summary_is_three_lines_whatever_was_said() -> None:
    assert briefs.summary_of("# A\n\nb\n\n  c\nd") == "A\nb\nc"
    assert len(briefs.summary_of("x" * 9_000)) == 240


def test_what_attempts_the_same_is_noticed_by_its_words() -> None:
    others = {
        "branch calmer-start-page": "calmer-start-page Try a calmer page",
        "thread 1": "Make the start page calm and short",
        "thread 2": "Upgrade the parser",
        "thread 3": "A page for the bakery",
    }
    found = briefs.alike("A calmer start page for the shop", others)
    assert [name for name, _, _ in found] == ["branch calmer-start-page", "thread 1"]
    assert found[0][2] == ("calmer", "page", "start")


def test_packages_named_anew_are_those_that_a_list_of_them_gains() -> None:
    diff = """diff --git a/requirements.txt b/requirements.txt
--- a/requirements.txt
+++ b/requirements.txt
@@ -1,2 +1,3 @@
-flask==2
+flask==3
+rich>=13
diff --git a/package.json b/package.json
--- a/package.json
+++ b/package.json
@@ -3,3 +3,4 @@
   "dependencies": {
+    "left-pad": "^1.0.0",
diff --git a/notes.txt b/notes.txt
--- a/notes.txt
+++ b/notes.txt
+numpy==1
"""
    assert named_anew(diff) == ("rich", "left-pad")


@pytest.mark.parametrize(
    ("budget", "over"),
    [
        (Budget(), False),
        (Budget(tokens=201), False),
        (Budget(tokens=200), True),
        (Budget(money=Decimal("0.5")), True),
        (Budget(money=Decimal("0.51")), False),
    ],
)
def test_a_budget_is_that_of_all_attempts_together(budget: Budget, over: bool) -> None:
    one = Attempt(exploration="e", number=1, thread="t", plan=Plan(), source=Source(), budget=Budget(), tokens=100)
    dear = one.model_copy(update={"number": 2, "price": Decimal("0.5")})
    at = datetime(2026, 1, 1, tzinfo=UTC)
    brief = Brief(question="", medium=Medium.PAGE, why="", base="")
    of = Exploration(id="e", project="p", brief=brief, at_once=1, budget=budget, started=at, changed=at)
    assert spent(of, [one, dear]) is over
