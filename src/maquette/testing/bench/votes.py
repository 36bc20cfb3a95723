"""Ranking: what it costs, and how many comparisons it takes to know one of the best."""

from __future__ import annotations

import time
from random import Random
from statistics import mean

from maquette.curation.asking import next_pairs, standing
from maquette.curation.ranking import ranked
from maquette.curation.tallies import Tallies, count
from maquette.testing.bench.rig import Measure, Rig
from maquette.testing.bench.rows import Row
from maquette.testing.judges import Noisy, found

ITEMS = tuple(f"attempt-{n:02}" for n in range(90))
VOTES = 3_000

NEEDED = Row("best of 90: comparisons asked for, of those random pairing needs", "%", "<= 40")
ASKED = Row("best of 90: comparisons until it is sure", "votes")
RANKED = Row("ranking 90 by 3,000 votes, with the next pair: CPU", "ms", "<= 50")


def _comparisons(rig: Rig) -> None:
    """The same judges on both sides, one model and one rule for when it is sure."""
    seeds = range(rig.rounds)
    ours = mean(found(Noisy(ITEMS, Random(seed))).votes for seed in seeds)
    random = mean(found(Noisy(ITEMS, Random(seed)), Random(seed + 1000)).votes for seed in seeds)
    rig.add(ASKED, None, ours)
    rig.add(NEEDED, None, 100 * ours / random)


def _ranking(rig: Rig) -> None:
    judge, random = Noisy(ITEMS, Random(1)), Random(2)
    tallies: Tallies = {}
    for _ in range(VOTES):
        one, two = random.sample(ITEMS, 2)
        count(tallies, (min(one, two), max(one, two)), judge.choose(one, two))
    for _ in range(rig.rounds):
        began = time.process_time()
        ranking = ranked(ITEMS, tallies)
        standing(ranking)
        next_pairs(ranking)
        rig.add(RANKED, None, 1000 * (time.process_time() - began))


MEASURES = (Measure((NEEDED, ASKED), _comparisons), Measure((RANKED,), _ranking))
