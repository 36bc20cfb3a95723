"""What a ranking leaves open about which is best: whether it is sure enough, and which pair to ask about next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from maquette.curation.ranking import Ranking, above, bend, lead

WITHIN = 0.05
"""How far below the best is good enough: the best would be taken over it in at most 55 of 100."""
SURE = 0.95
LEADERS, CONTENDERS = 4, 8
"""How many may lead, and how many of the others are weighed against whoever does: pairs of them are looked through."""


@dataclass(frozen=True)
class Standing:
    """`doubt`: at most how likely it is that something is better than `leader` by more than `WITHIN`; above 1 it says
    nothing.

    `as_good` are those known to be as good as the leader: neither would be taken over the other in more than 55 of 100.
    `open` are those that may still be better, likeliest first.
    """

    leader: str
    doubt: float
    as_good: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def sure(self) -> bool:
        return self.doubt <= 1 - SURE


def standing(ranking: Ranking) -> Standing:
    """Of at least one item. Below as many votes as items it is never sure: after a few ties the prior, whose width
    is found from them, would say that all are alike.
    """
    race = _leading(ranking)
    if sum(ranking.votes) < 2 * len(ranking.items) and race.others:
        return Standing(race.leader, 1.0, (), tuple(other for _, other in race.risks))
    alike = [
        other
        for other, mean, variance in zip(race.others, race.means, race.variances, strict=True)
        if above(race.by - mean, variance) + above(race.by + mean, variance) - 1 >= SURE
    ]
    unsure = [other for risk, other in race.risks if risk > (1 - SURE) / len(ranking.items)]
    return Standing(race.leader, race.doubt, tuple(alike), tuple(unsure))


def next_pairs(ranking: Ranking, count: int = 1) -> list[tuple[str, str]]:
    """The pairs whose votes would take away most of the doubt about which is best, of at least two items. Best first,
    each as if those before it were answered. Sides are dealt out, so that who favours one does little harm.

    A vote narrows each difference that hangs together with its own: how far is known before it is cast, what it will
    say is not. So it is counted as if strengths stayed.
    """
    near = _Near(_leading(ranking))
    votes = sum(ranking.votes)
    return [_dealt(near.ask(), f"{votes:.3f} {n}") for n in range(count)]


def _dealt(pair: tuple[str, str], salt: str) -> tuple[str, str]:
    one, two = sorted(pair)
    return (one, two) if crc32(f"{one}\0{two}\0{salt}".encode()) & 16 else (two, one)


class _Race:
    """One leads; each of the others may be better by more than what matters."""

    def __init__(self, ranking: Ranking, leader: str) -> None:
        self.ranking, self.leader = ranking, leader
        self.by = lead(0.5 + WITHIN, ranking.ties)
        self.others = [item for item in ranking.items if item != leader]
        self.means = [ranking.strength(item) - ranking.strength(leader) for item in self.others]
        self.variances = [ranking.variance(item, leader) for item in self.others]
        risks = [above(mean - self.by, variance) for mean, variance in zip(self.means, self.variances, strict=True)]
        self.doubt = sum(risks)
        self.risks = sorted(zip(risks, self.others, strict=True), key=lambda risk: -risk[0])


def _leading(ranking: Ranking) -> _Race:
    """Who leads is whoever leaves the least doubt, of those with the greatest strengths."""
    races = [_Race(ranking, place.item) for place in ranking.places[:LEADERS]]
    return min(races, key=lambda race: race.doubt)


class _Near:
    """The leader and those likeliest to be better: few enough to try every pair of them."""

    def __init__(self, race: _Race) -> None:
        ranking = race.ranking
        self.items = [race.leader, *(other for _, other in race.risks[:CONTENDERS])]
        self.by, self.ties = race.by, ranking.ties
        self.at = [ranking.strength(item) for item in self.items]
        self.together = [[ranking.covariance(one, two) for two in self.items] for one in self.items]
        self.pairs = [(a, b) for b in range(len(self.items)) for a in range(b)]

    def ask(self) -> tuple[str, str]:
        """The pair that leaves the least doubt; from now on counted as answered."""
        a, b = min(self.pairs, key=self._doubt)
        gain = self._gain(a, b)
        toward = [row[a] - row[b] for row in self.together]
        self.together = [
            [value - gain * one * two for value, two in zip(row, toward, strict=True)]
            for row, one in zip(self.together, toward, strict=True)
        ]
        return self.items[a], self.items[b]

    def _gain(self, a: int, b: int) -> float:
        """What a vote takes off a covariance, by how both of its sides hang together with the pair's difference."""
        sharpness = bend(self.at[a] - self.at[b], self.ties)
        return sharpness / (1 + sharpness * _apart(self.together, a, b))

    def _doubt(self, pair: tuple[int, int]) -> float:
        a, b = pair
        gain, held = self._gain(a, b), self.together[0][a] - self.together[0][b]
        doubt = 0.0
        for j in range(1, len(self.items)):
            pull = self.together[j][a] - self.together[j][b] - held
            doubt += above(self.at[j] - self.at[0] - self.by, _apart(self.together, j, 0) - gain * pull * pull)
        return doubt


def _apart(together: Sequence[Sequence[float]], a: int, b: int) -> float:
    """The variance of a difference."""
    return together[a][a] + together[b][b] - 2 * together[a][b]
