"""Judges that are simulated, so that it is known what they really hold to be best; and how long finding it takes.

Each kind errs in a way of its own. None is what the ranking supposes them to be, but for the first two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, sin, tau
from random import Random
from typing import Protocol

from maquette.curation.asking import WITHIN, Standing, next_pairs, standing
from maquette.curation.ranking import ranked, score
from maquette.curation.tallies import Tallies, count

MUCH = 0.5
SPREAD = 1.5
"""How far tastes lie apart, in logits: of 90 the best wins against an average one in 97 of 100."""


class Simulated(Protocol):
    """Strengths by item. `share`: how often `one` would be taken over `two` if sides were dealt out, ties halved."""

    items: Sequence[str]

    def choose(self, left: str, right: str) -> str | None: ...

    def share(self, one: str, two: str) -> float: ...


def strengths(items: Sequence[str], random: Random, spread: float = SPREAD) -> dict[str, float]:
    return {item: random.gauss(0, spread) for item in items}


class Noisy:
    """Sees each difference, with noise; `ties`: and calls small ones none."""

    def __init__(self, items: Sequence[str], random: Random, ties: float = 0.0, spread: float = SPREAD) -> None:
        self.items, self.random, self.ties = items, random, ties
        self.strengths: dict[str, float] = strengths(items, random, spread)

    def difference(self, one: str, two: str) -> float:
        return self.strengths[one] - self.strengths[two]

    def choose(self, left: str, right: str) -> str | None:
        up = exp(self.difference(left, right) / 2)
        at = self.random.random() * (up + 1 / up + self.ties)
        return left if at < up else right if at > up + self.ties else None

    def share(self, one: str, two: str) -> float:
        return score(self.difference(one, two), self.ties)


class Tied(Noisy):
    """Between equals, one answer in three is that they are as good."""

    def __init__(self, items: Sequence[str], random: Random, ties: float = 1.0, spread: float = SPREAD) -> None:
        super().__init__(items, random, ties, spread)


class Intransitive(Noisy):
    """Takes one over another also for where they stand on a circle, where each beats the next."""

    def __init__(self, items: Sequence[str], random: Random) -> None:
        super().__init__(items, random)
        self.angles = {item: random.random() * tau for item in items}

    def difference(self, one: str, two: str) -> float:
        return super().difference(one, two) + 0.75 * sin(self.angles[one] - self.angles[two])


class Lazy(Noisy):
    """Three times in ten takes what stands on the left."""

    def choose(self, left: str, right: str) -> str | None:
        return left if self.random.random() < 0.3 else super().choose(left, right)

    def share(self, one: str, two: str) -> float:
        return 0.15 + 0.7 * super().share(one, two)


class Changing(Noisy):
    """After 60 votes wants something else, as much as what it wanted before."""

    def __init__(self, items: Sequence[str], random: Random) -> None:
        super().__init__(items, random)
        new = strengths(items, random)
        self.later: dict[str, float] = {item: (self.strengths[item] + new[item]) / 2**0.5 for item in items}
        self.left = 60

    def choose(self, left: str, right: str) -> str | None:
        self.left -= 1
        if not self.left:
            self.strengths = self.later
        return super().choose(left, right)


KINDS: dict[str, type[Noisy]] = {
    "noisy": Noisy,
    "tied": Tied,
    "intransitive": Intransitive,
    "lazy": Lazy,
    "changing": Changing,
}


def short(judge: Simulated, item: str) -> float:
    """How far an item is below the best, in win probability: 0.05 if the best is taken over it in 55 of 100.

    The best wins most against all. Where there are circles, it is how much oftener it wins than this one does.
    """
    means = {one: sum(judge.share(one, two) for two in judge.items if two != one) for one in judge.items}
    best = max(means, key=lambda one: means[one])
    if isinstance(judge, Intransitive):
        return (means[best] - means[item]) / (len(judge.items) - 1)
    return judge.share(best, item) - 0.5


@dataclass(frozen=True)
class Found:
    """`votes` until it was sure, or as many as there might be; `good`: what it was sure of is within what it said."""

    votes: int
    standing: Standing
    good: bool


def found(judge: Simulated, random: Random | None = None, most: int = 100_000) -> Found:
    """Asks until it is sure: for the pairs that tell most or, given `random`, for any. Both look after each 20th part
    more, by one model and one rule; with random pairs, of which there are many, more seldom while there is much doubt.
    """
    tallies: Tallies = {}
    votes = 0
    while True:
        ranking = ranked(judge.items, tallies)
        now = standing(ranking)
        if now.sure or votes >= most:
            return Found(votes, now, short(judge, now.leader) <= WITHIN + 1e-9)
        more = max(4, votes // (20 if random is None or now.doubt < MUCH else 4))
        for left, right in next_pairs(ranking, min(more, 40)) if random is None else _any(judge.items, random, more):
            count(tallies, (min(left, right), max(left, right)), judge.choose(left, right))
            votes += 1


def _any(items: Sequence[str], random: Random, count: int) -> Iterator[tuple[str, str]]:
    for _ in range(count):
        left, right = random.sample(items, 2)
        yield left, right
