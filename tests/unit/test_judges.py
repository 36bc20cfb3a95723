"""Models that judge: asked in both orders, marked, and worth what their agreement with people says."""

from __future__ import annotations

import pytest

from maquette.curation.judges import Agreement, agreement, joined, questions, ranked_by
from maquette.domain.checks import Check
from maquette.domain.explorations import Evidence
from maquette.domain.votes import Answer, Choice, Judge, Vote
from maquette.turn.judging import DIFF, Shown

ANNA, BEN = Judge(name="anna"), Judge(name="ben")
MODEL = Judge(name="a-model", kind="model")


def vote(judge: Judge, left: str, right: str, choice: Choice = "left") -> Vote:
    return Vote(judge=judge, left=left, right=right, choice=choice)


@pytest.mark.parametrize(
    ("straight", "turned", "choice"),
    [
        ("first", "second", "left"),
        ("second", "first", "right"),
        ("first", "first", "both"),
        ("second", "second", "both"),
        ("both", "both", "both"),
        ("neither", "neither", "neither"),
        ("first", "both", "both"),
    ],
)
def test_a_model_is_asked_in_both_orders_and_what_it_says_of_sides_is_a_tie(
    straight: Answer, turned: Answer, choice: Choice
) -> None:
    asked, swapped = questions("one", "two", "look")
    assert (swapped.first, swapped.second) == (asked.second, asked.first)
    made = joined(MODEL, asked, straight, turned)
    assert (made.choice, made.facet, made.judge.kind) == (choice, "look", "model")


def test_agreement_is_told_with_what_it_may_really_be() -> None:
    said = [vote(ANNA, "a", "b"), vote(ANNA, "b", "c"), vote(ANNA, "c", "a", "both"), vote(ANNA, "d", "e")]
    model = [vote(MODEL, "b", "a", "right"), vote(MODEL, "b", "c", "right"), vote(MODEL, "a", "c", "neither")]
    found = agreement(MODEL, [*said, *model])
    assert (found.agreed, found.of) == (2, 3)
    assert str(found) == "agrees with you 2 of 3 so far (21% to 94%)"
    assert agreement(MODEL, model).of == 0


def test_the_interval_of_an_agreement_is_wilsons() -> None:
    assert Agreement(45, 50).interval == pytest.approx((0.786, 0.957), abs=0.001)
    assert Agreement(0, 0).interval == (0.0, 1.0)


def test_a_model_counts_for_nothing_until_it_agreed_and_never_for_more_than_a_person() -> None:
    assert Agreement(0, 0).weight == 0
    assert Agreement(5, 10).weight == 0
    assert Agreement(1, 10).weight == 0
    assert 0.5 < Agreement(45, 50).weight < Agreement(500, 500).weight <= 1


def test_joined_a_model_is_held_to_people_and_alone_it_says_what_it_likes() -> None:
    pairs = [("a", "b"), ("a", "c"), ("b", "c"), ("a", "d"), ("b", "d"), ("c", "d")]
    people = [vote(ANNA, *pair) for pair in pairs]
    against = [vote(MODEL, *pair, "right") for pair in pairs]
    items = ("a", "b", "c", "d")
    assert ranked_by(items, [*people, *against]).strengths == ranked_by(items, people).strengths
    assert [place.item for place in ranked_by(items, [*people, *against], judge=MODEL).places] == ["d", "c", "b", "a"]


def test_people_are_ranked_apart_by_facet_and_together() -> None:
    looks = Vote(judge=BEN, left="a", right="b", choice="right", facet="look")
    votes = [vote(ANNA, "a", "b"), vote(ANNA, "a", "b"), looks]
    assert ranked_by(("a", "b"), votes, judge=BEN).places[0].item == "b"
    assert ranked_by(("a", "b"), votes, facet="look").places[0].item == "b"
    assert ranked_by(("a", "b"), votes).places[0].item == "a"


def test_what_an_attempt_says_of_itself_is_not_shown_to_a_judge_and_what_was_found_out_is() -> None:
    check = Check(command="pytest", status=1, seconds=0, output="E")
    evidence = Evidence(
        commit="c",
        tree="t",
        checks=(check,),
        added=3,
        removed=1,
        complexity=2,
        dependencies=("left-pad",),
        summary="Best!",
    )
    told = Shown(evidence, "d" * (DIFF + 5)).told()
    assert told.startswith(
        "Checks: pytest: FAILS. Changes +3 -1 lines. Adds 2 to the code's complexity. Needs anew: left"
    )
    assert "[5 characters more are left out]" in told
    assert "Best!" not in told
