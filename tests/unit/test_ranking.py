"""Ranking from votes between two: strengths, and intervals that hold what they say."""

from __future__ import annotations

from itertools import pairwise
from math import cosh
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maquette.curation.ranking import Ranking, above, lead, likeliest, ranked, score
from maquette.curation.tallies import Tallies, count
from maquette.testing.choosing import EACH, FRESH, SPREADS, held
from maquette.testing.judges import Noisy, Tied

ITEMS = tuple(f"attempt-{n:02}" for n in range(30))
Votes = list[tuple[str, str, str | None]]


def counted(votes: Votes) -> Tallies:
    tallies: Tallies = {}
    for one, two, winner in votes:
        count(tallies, (min(one, two), max(one, two)), winner)
    return tallies


def cast(judge: Noisy, random: Random, votes: int) -> Votes:
    pairs = [random.sample(judge.items, 2) for _ in range(votes)]
    return [(one, two, judge.choose(one, two)) for one, two in pairs]


some_votes = st.lists(
    st.sampled_from(ITEMS[:6]).flatmap(
        lambda one: st.sampled_from([item for item in ITEMS[:6] if item != one]).flatmap(
            lambda two: st.tuples(st.just(one), st.just(two), st.sampled_from([one, two, None]))
        )
    ),
    max_size=30,
)


@pytest.mark.parametrize(("votes", "spread"), [(20, 1.0), (200, 1.5), (600, 3.0)])
def test_it_agrees_with_choix_on_the_same_votes_and_prior(votes: int, spread: float) -> None:
    import choix  # and with it all of scipy, which who runs no test of this file need not load

    given_votes = cast(Noisy(ITEMS, Random(votes)), Random(1), votes)
    data = [(ITEMS.index(w), ITEMS.index(two if w == one else one)) for one, two, w in given_votes if w]
    theirs = choix.opt_pairwise(len(ITEMS), data, alpha=1 / (2 * spread**2), tol=1e-9)
    assert likeliest(ITEMS, counted(given_votes), spread) == pytest.approx(list(theirs), abs=0.001)


def test_how_often_a_judge_ties_is_found() -> None:
    votes = cast(Tied(ITEMS, Random(3)), Random(4), 400)
    ranking = ranked(ITEMS, counted(votes))
    foreseen = sum(ranking.ties / (ranking.ties + 2 * cosh(apart(ranking, one, two) / 2)) for one, two, _ in votes)
    assert foreseen == pytest.approx(sum(winner is None for *_, winner in votes), rel=0.1)


def apart(ranking: Ranking, one: str, two: str) -> float:
    return ranking.strength(one) - ranking.strength(two)


def test_what_never_lost_or_was_never_seen_has_a_strength_and_a_wide_interval() -> None:
    votes: Votes = [*[("a", "b", "a")] * 5, *[("c", "d", "c")] * 5]
    places = {place.item: place for place in ranked(("a", "b", "c", "d", "new"), counted(votes)).places}
    assert 0 < places["a"].strength < 4
    assert places["a"].strength == pytest.approx(places["c"].strength)
    assert places["new"].strength == 0
    assert places["new"].low < places["b"].strength < places["a"].strength < places["new"].high


def test_without_votes_all_are_equal() -> None:
    assert {place.strength for place in ranked(ITEMS, {}).places} == {0.0}


@given(some_votes)
@settings(max_examples=20)
def test_the_order_of_votes_and_of_sides_changes_nothing(votes: Votes) -> None:
    turned: Votes = [(two, one, winner) for one, two, winner in reversed(votes)]
    one, two = ranked(ITEMS[:6], counted(votes)), ranked(ITEMS[:6], counted(turned))
    assert one.strengths == pytest.approx(two.strengths)


@given(some_votes, st.floats(0.3, 4))
@settings(max_examples=20)
def test_one_more_win_never_lowers_and_the_average_stays_zero(votes: Votes, spread: float) -> None:
    before = ranked(ITEMS[:6], counted(votes), spread)
    # With ties a vote also says how often it ties; so here there are none.
    if any(winner is None for *_, winner in votes):
        return
    after = ranked(ITEMS[:6], counted([*votes, (ITEMS[0], ITEMS[1], ITEMS[0])]), spread)
    assert after.strength(ITEMS[0]) >= before.strength(ITEMS[0]) - 1e-3
    assert sum(after.strengths) == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("each", EACH)
@pytest.mark.parametrize("spread", SPREADS)
def test_intervals_hold_the_truth_as_often_as_they_say(spread: float, each: int) -> None:
    """Of 95 in 100 give or take 2, however far apart tastes lie and however few the votes are, by judges with and
    without ties; and 1 for what chance does to 24 rankings. All of it, by many more: docs/reference/choosing.md.
    """
    some = [held((Noisy, Tied)[seed % 2], spread, each, seed) for seed in range(FRESH, FRESH + 24)]
    every = [one for ones in some for one in ones]
    assert 0.92 <= sum(every) / len(every) <= 0.98


def test_a_bound_is_where_one_in_forty_is_beyond_it_over_all_widths_of_the_prior() -> None:
    ranking = ranked(ITEMS, counted(cast(Noisy(ITEMS, Random(1)), Random(2), 60)))
    assert len(ranking.widths) == 3
    assert sum(share for share, _ in ranking.widths) == pytest.approx(1)
    for place in ranking.places:
        if (column := ranking.seen.get(place.item)) is None:
            continue
        for bound, beyond in ((place.low, 0.975), (place.high, 0.025)):
            over = sum(
                share * above(one.means[column] - bound, one.variances[column] - one.width**2 / len(ITEMS))
                for share, one in ranking.widths
            )
            assert over == pytest.approx(beyond, abs=0.001)


def test_a_share_of_votes_and_a_lead_in_logits_are_the_same_thing() -> None:
    for ties in (0.0, 0.5, 3.0):
        for share in (0.5, 0.55, 0.9):
            assert score(lead(share, ties), ties) == pytest.approx(share)


def test_places_are_in_order_of_strength() -> None:
    places = ranked(ITEMS, counted(cast(Noisy(ITEMS, Random(8)), Random(9), 300))).places
    assert all(one.strength >= two.strength for one, two in pairwise(places))
    assert sum(place.votes for place in places) == 600
