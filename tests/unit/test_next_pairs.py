"""The next pair asked, and when it is sure enough: held to judges whose taste is known."""

from __future__ import annotations

from random import Random
from statistics import mean

import pytest

from maquette.curation.asking import next_pairs, standing
from maquette.curation.ranking import ranked
from maquette.curation.tallies import Tallies, count
from maquette.testing.judges import KINDS, Noisy, found

NINETY = tuple(f"attempt-{n:02}" for n in range(90))
SHARE = 0.4


def of_any(judge: Noisy, random: Random, votes: int) -> Tallies:
    tallies: Tallies = {}
    for _ in range(votes):
        one, two = random.sample(judge.items, 2)
        count(tallies, (min(one, two), max(one, two)), judge.choose(one, two))
    return tallies


@pytest.mark.parametrize("kind", KINDS)
def test_one_of_the_best_is_found_where_random_pairs_are_far_from_sure(kind: str) -> None:
    """A sample; `make prove` runs it over many seeds with 90, to the end on both sides."""
    ours = found(KINDS[kind](NINETY[:30], Random(5)))
    assert ours.good
    random = of_any(KINDS[kind](NINETY[:30], Random(5)), Random(6), int(ours.votes / SHARE))
    assert not standing(ranked(NINETY[:30], random)).sure


@pytest.mark.prove
@pytest.mark.timeout(3 * 3600)
def test_finding_it_takes_two_fifths_of_random_pairs_and_is_right_in_95_of_100() -> None:
    """Right over all kinds of judges together; fewer comparisons with each."""
    right: list[bool] = []
    for kind in KINDS.values():
        ours = [found(kind(NINETY, Random(seed))) for seed in range(40)]
        random = [found(kind(NINETY, Random(seed)), Random(seed + 1000)) for seed in range(6)]
        assert mean(one.votes for one in ours[:6]) <= SHARE * mean(one.votes for one in random)
        right += [one.good for one in ours]
    assert mean(right) >= 0.95


def test_the_votes_go_to_those_that_may_be_best_and_not_to_the_tail() -> None:
    judge = Noisy(NINETY[:20], Random(5))
    ranking = ranked(judge.items, of_any(judge, Random(6), 300))
    first = {place.item for place in ranking.places[:10]}
    assert {item for pair in next_pairs(ranking, 20) for item in pair} <= first


def test_sides_are_dealt_out() -> None:
    judge = Noisy(NINETY[:20], Random(5))
    pairs = next_pairs(ranked(judge.items, of_any(judge, Random(6), 100)), 40)
    assert 8 <= sum(left < right for left, right in pairs) <= 32


def test_two_that_are_as_good_are_said_to_be_and_a_worse_one_is_not() -> None:
    tallies: Tallies = {}
    for one, two, wins, losses in [("a", "b", 500, 500), ("a", "c", 900, 100), ("b", "c", 900, 100)]:
        count(tallies, (one, two), one, wins)
        count(tallies, (one, two), two, losses)
    now = standing(ranked(("a", "b", "c"), tallies))
    assert now.sure
    assert {now.leader, *now.as_good} == {"a", "b"}
    assert now.open == ()


def test_ties_alone_can_settle_it() -> None:
    """Whoever says that one is as good as the other says much."""
    tallies: Tallies = {}
    count(tallies, ("a", "b"), None, 30)
    now = standing(ranked(("a", "b"), tallies))
    assert now.sure
    assert now.as_good


def test_one_tie_says_nothing_of_those_that_nobody_compared() -> None:
    tallies: Tallies = {}
    count(tallies, ("a", "b"), None, 1)
    now = standing(ranked(tuple("abcdef"), tallies))
    assert not now.sure
    assert not now.as_good
    assert len(now.open) == 5


def test_without_votes_nothing_is_sure_and_something_is_asked() -> None:
    ranking = ranked(("a", "b", "c"), {})
    assert not standing(ranking).sure
    assert set(standing(ranking).open) == {"b", "c"}
    assert len({frozenset(pair) for pair in next_pairs(ranking, 2)}) == 2


def test_one_alone_is_best() -> None:
    assert standing(ranked(("a",), {})).sure
