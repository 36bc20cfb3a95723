"""How well taste foresees a person's votes: each is held to what was known before it, and few are not spoken of."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest

from maquette.curation.foreseeing import FEW, by_all, by_judges, by_votes, told
from maquette.curation.judges import Agreement
from maquette.domain.votes import Choice, Judge, Vote

ANNA, MODEL = Judge(name="anna"), Judge(name="a-model", kind="model")


def vote(judge: Judge, left: str, right: str, choice: Choice = "left") -> Vote:
    return Vote(judge=judge, left=left, right=right, choice=choice)


def shuffled(seed: int, judge: Judge = ANNA) -> list[Vote]:
    """All pairs of eight, the earlier letter taken."""
    votes = [vote(judge, *pair) for pair in combinations("abcdefgh", 2)]
    Random(seed).shuffle(votes)
    return votes


def test_what_was_said_before_foresees_who_always_goes_by_the_same_and_not_who_goes_by_none() -> None:
    steady = [by_votes(shuffled(n)) for n in range(20)]
    assert all(15 <= one.of <= 26 for one in steady), "of 28, but for those of which one was new"
    assert sum(one.agreed for one in steady) / sum(one.of for one in steady) > 0.8
    fickle = Random(2)
    chance = [
        by_votes([v.model_copy(update={"choice": fickle.choice(("left", "right"))}) for v in shuffled(n)])
        for n in range(20)
    ]
    assert sum(one.agreed for one in chance) / sum(one.of for one in chance) == pytest.approx(0.5, abs=0.08)


def test_a_vote_counts_only_where_something_was_known_of_both_and_never_a_second_time() -> None:
    first = [vote(ANNA, "a", "b"), vote(ANNA, "c", "d")]
    assert by_votes(first).of == 0
    assert by_votes([*first, vote(ANNA, "a", "d")]) == Agreement(1, 1)
    assert by_votes([*first, vote(ANNA, "a", "d", "right")]) == Agreement(0, 1)
    assert by_votes([*first, vote(ANNA, "a", "d"), vote(ANNA, "d", "a", "right")]) == Agreement(1, 1)
    assert by_votes([*first, vote(ANNA, "a", "d", "both")]).of == 0
    assert by_votes([*first, vote(ANNA, "a", "c")]).of == 0, "as far as is known, one is as good as the other"
    assert by_votes([*first, vote(MODEL, "a", "d")]).of == 0


def test_a_model_foresees_only_what_it_said_before_a_person_did() -> None:
    before = [
        vote(MODEL, "a", "b"),
        vote(ANNA, "b", "a", "right"),
        vote(MODEL, "a", "c"),
        vote(ANNA, "a", "c", "right"),
    ]
    after = [vote(ANNA, "c", "d"), vote(MODEL, "c", "d")]
    again = [vote(ANNA, "a", "b")]
    assert by_judges([*before, *after, *again]) == {"a-model": Agreement(1, 2)}


def test_it_is_told_with_the_votes_it_rests_on_over_all_explorations_and_not_of_few() -> None:
    assert told("It", Agreement(FEW - 1, FEW - 1)) == ""
    assert told("It", Agreement(15, 20)) == (
        "It foresaw 15 of 20 votes (75%, likely 53% to 89%); by chance it would be half."
    )
    one, two = by_votes(shuffled(1)), by_votes(shuffled(3))
    both = by_all([shuffled(1), [*shuffled(3, MODEL), *shuffled(3)]])
    assert both[""] == Agreement(one.agreed + two.agreed, one.of + two.of)
    assert both["a-model"] == Agreement(28, 28)
