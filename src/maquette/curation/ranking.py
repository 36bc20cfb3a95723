"""Ranking from votes between two: how strong each item is, and how far that can be relied upon.

Bradley and Terry's model with Davidson's ties: of two items whose strengths differ by `d`, one wins by odds of
`e^(d/2) : e^(-d/2)`, with ties at `ties`. Strengths come from a normal prior around zero, so what never lost, never was
seen or hangs together with nothing has a strength, too, and a wide interval. How wide the prior is, nobody knows: so
strengths are fitted at three widths, of which each counts by how likely widths around it are. To take the likeliest for
certain would make intervals too narrow where votes are few and tastes lie far apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import erf, exp, log, sqrt

from maquette.curation.fitting import GUESS, NARROW, WIDE, Fit, Fitted
from maquette.curation.tallies import Tallies
from maquette.curation.triangles import Rows, entry

SURE, Z95 = 0.95, 1.959964
AWAY = 1.8
"""How many standard deviations of its logarithm a narrower and a wider prior are away from the likeliest."""
MATTERS = 0.04
"""What not knowing the width must add to variances, on average and as a share, to be reckoned with."""
BEYOND, PARTS = 2.2, 44
"""How far widths are looked at, in what a wider one is away; and in how many parts."""
HALVES = 12
"""How often what is open of a bound is halved."""


@dataclass(frozen=True)
class Place:
    """An item in a ranking. `strength` in logits around the average, with the bounds of its interval of 95 %."""

    item: str
    strength: float
    low: float
    high: float
    votes: float


@dataclass(frozen=True)
class Ranking:
    """Strengths by item, in the order of `items`, and how they vary together. `spread` is the prior's width."""

    items: tuple[str, ...]
    strengths: tuple[float, ...]
    spread: float
    ties: float
    votes: tuple[float, ...]
    columns: Rows = field(repr=False)
    seen: dict[str, int] = field(repr=False)
    """The items with votes, by their column; the others are as the prior has them."""
    widths: tuple[tuple[float, Fitted], ...] = field(repr=False)
    """What was fitted, and what share of all it is."""

    @cached_property
    def index(self) -> dict[str, int]:
        return {item: n for n, item in enumerate(self.items)}

    def strength(self, item: str) -> float:
        return self.strengths[self.index[item]]

    def covariance(self, one: str, two: str) -> float:
        i, j = self.seen.get(one), self.seen.get(two)
        if i is not None and j is not None:
            return entry(self.columns, i, j)
        return self.spread**2 if one == two else 0.0

    def variance(self, one: str, two: str) -> float:
        """Of the difference between two strengths."""
        return self.covariance(one, one) + self.covariance(two, two) - 2 * self.covariance(one, two)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Best first; the order of `items` decides between equals."""
        found = [
            Place(item, mean, *self._interval(self.seen.get(item)), votes)
            for item, mean, votes in zip(self.items, self.strengths, self.votes, strict=True)
        ]
        return tuple(sorted(found, key=lambda place: -place.strength))

    def _interval(self, column: int | None) -> tuple[float, float]:
        parts: list[tuple[float, float, float]] = []
        for share, one in self.widths:
            mean, variance = (0.0, one.width**2) if column is None else (one.means[column], one.variances[column])
            # Less what all of them could be off together, which changes nothing between them.
            parts.append((share, mean, sqrt(max(variance - one.width**2 / len(self.items), 1e-12))))
        return _where(parts, -1), _where(parts, 1)


def _where(parts: Sequence[tuple[float, float, float]], side: int) -> float:
    """Beyond what, on this side, one in forty is of a mixture of normals (share, mean, deviation)."""
    ends = [mean + side * Z95 * deviation for _, mean, deviation in parts]
    low, high = min(ends), max(ends)
    for _ in range(HALVES if len(parts) > 1 else 0):
        at = (low + high) / 2
        above_ = sum(share * above(mean - at, deviation**2) for share, mean, deviation in parts)
        low, high = (at, high) if above_ > (1 - SURE if side > 0 else 1 + SURE) / 2 else (low, at)
    return (low + high) / 2


def score(difference: float, ties: float) -> float:
    """What an item gets on average out of a vote against one weaker by `difference`: 1 for a win, ½ for a tie."""
    up = exp(min(difference, 1400.0) / 2)
    return (up + ties / 2) / (up + 1 / up + ties)


def bend(difference: float, ties: float) -> float:
    """How sharply a vote tells a difference: the variance of what the first gets out of it."""
    up = exp(min(difference, 1400.0) / 2)
    total = up + 1 / up + ties
    mean = (up + ties / 2) / total
    return up / total + ties / total / 4 - mean * mean


def lead(share: float, ties: float) -> float:
    """The difference at which the stronger one gets `share` (above ½) of a vote."""
    rest, half = 1 - share, (share - 0.5) * ties
    return 2 * log((half + sqrt(half * half + 4 * share * rest)) / (2 * rest))


def above(mean: float, variance: float) -> float:
    """How likely something normal is above zero."""
    if variance <= 0:
        return float(mean > 0)
    return 0.5 * (1 + erf(mean / sqrt(2 * variance)))


def ranked(items: Sequence[str], tallies: Tallies, spread: float | None = None) -> Ranking:
    """Of `items`, by the votes among them. `spread`: the prior's standard deviation in logits; found if not given."""
    fit, seen = _begun(items, tallies)
    widths = _fitted(fit, spread) if seen else [(1.0, Fitted(spread or GUESS, 0.0, [], [], [], 0.0))]
    width, ties = (
        sqrt(sum(share * one.width**2 for share, one in widths)),
        sum(share * one.ties for share, one in widths),
    )
    means, columns = _together(widths)
    strengths, votes = [
        tuple(values[seen[item]] if item in seen else 0.0 for item in items) for values in (means, fit.counts)
    ]
    return Ranking(tuple(items), strengths, width, ties, votes, columns, seen, tuple(widths))


def likeliest(items: Sequence[str], tallies: Tallies, spread: float) -> list[float]:
    """Strengths at the posterior's mode, in the order of `items`: quicker than its mean, and without intervals."""
    fit, seen = _begun(items, tallies)
    at = fit.likely(spread) if seen else []
    return [at[seen[item]] if item in seen else 0.0 for item in items]


def _begun(items: Sequence[str], tallies: Tallies) -> tuple[Fit, dict[str, int]]:
    index = set(items)
    pairs = [(one, two, tally) for (one, two), tally in tallies.items() if one in index and two in index]
    heard = {item for one, two, _ in pairs for item in (one, two)}
    seen = {item: n for n, item in enumerate(item for item in items if item in heard)}
    got = [(seen[one], seen[two], tally.first + tally.even / 2, tally.weight) for one, two, tally in pairs]
    return Fit(len(seen), got, sum(tally.even for *_, tally in pairs)), seen


def _fitted(fit: Fit, spread: float | None) -> list[tuple[float, Fitted]]:
    """With the prior's width as given; else with the likeliest, a narrower and a wider one, where that matters."""
    middle = fit.settled(spread)
    vague = sum(middle.variances) / middle.width**2 / len(middle.variances)
    far = min(AWAY * fit.off, log(middle.width / NARROW), log(WIDE / middle.width))
    if spread is not None or 4 * fit.off**2 * vague < MATTERS or far <= 0:
        return [(1.0, middle)]
    below = fit.settled(middle.width * exp(-far))
    fit.beyond(below, middle)
    fits = [below, middle, fit.settled(middle.width * exp(far))]
    return list(zip(_shares([one.lean for one in fits], far), fits, strict=True))


def _shares(leans: Sequence[float], apart: float) -> list[float]:
    """Of three widths whose logarithms lie `apart`, by how their likelihood leans at each: so that whatever goes as
    a parabola through them has the average that it has over all widths between, and a little beyond.
    """
    below, here, above_ = leans
    where = [BEYOND * (2 * n / PARTS - 1) for n in range(PARTS + 1)]
    tall = [apart * (here * x + (above_ - below) * x * x / 4 + (above_ + below - 2 * here) * x**3 / 6) for x in where]
    top = max(tall)
    dense = [exp(one - top) for one in tall]
    first, second = [sum(one * x**n for one, x in zip(dense, where, strict=True)) / sum(dense) for n in (1, 2)]
    found = [max(one, 0.0) for one in ((second - first) / 2, 1 - second, (second + first) / 2)]
    return [one / sum(found) for one in found]


def _together(widths: Sequence[tuple[float, Fitted]]) -> tuple[list[float], Rows]:
    """Mean and covariance over all widths: as it is in the middle, stretched, and with what their means differ by."""
    middle = widths[len(widths) // 2][1]
    if len(widths) == 1:
        return middle.means, middle.columns
    means = [sum(share * one.means[i] for share, one in widths) for i in range(len(middle.means))]
    columns: Rows = []
    for i, (mean, column) in enumerate(zip(means, middle.columns, strict=True)):
        stretch = sqrt(sum(share * one.variances[i] for share, one in widths) / middle.variances[i])
        drift = [sqrt(share) * (one.means[i] - mean) for share, one in widths]
        columns.append([*(stretch * value for value in column), *drift])
    return means, columns
