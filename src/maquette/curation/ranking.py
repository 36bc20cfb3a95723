"""Ranking from votes between two: how strong each item is, and how far that can be relied upon.

Bradley and Terry's model with Davidson's ties: of two items whose strengths differ by `d`, one wins by odds of
`e^(d/2) : e^(-d/2)`, with ties at `ties`. Strengths come from a normal prior around zero, so what never lost, never was
seen or hangs together with nothing has a strength, too, and a wide interval. How wide the prior is comes from the
votes themselves, unless it is given (MacKay 1992). What is told is a normal posterior's mean and variance, with slope
and curvature averaged over it: at the mode alone (Laplace), few votes would say too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import erf, exp, log, pi, sqrt
from operator import mul

from maquette.curation.tallies import Tallies
from maquette.curation.triangles import Rows, entry, inverted, lower, nearly

NARROW, WIDE, GUESS = 0.25, 6.0, 1.5
"""Bounds of the prior's width, and where it stands without votes. At 1.5 the best of 90 wins against an average one in
97 of 100."""
GUESSED = 2.0
"""How many items' worth the guess counts as."""
Z95 = 1.959964
REACH = 2.1
"""How many standard deviations an interval of 95 % goes to either side: more than Z95, since how wide the prior is and
how often it ties are found from the same votes, and a normal posterior takes them for known."""
STEPS, NEAR, CLOSE, FIXED = 60, 2e-3, 2e-2, 1e-2
"""Newton's at most; and what is near enough, in logits: for the mode, for the mean, and for the prior's width (as a
logarithm)."""


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
        found: list[Place] = []
        for item, mean, votes in zip(self.items, self.strengths, self.votes, strict=True):
            # Less what all of them could be off together, which changes nothing between them.
            reach = REACH * sqrt(max(self.covariance(item, item) - self.spread**2 / len(self.items), 0.0))
            found.append(Place(item, mean, mean - reach, mean + reach, votes))
        return tuple(sorted(found, key=lambda place: -place.strength))


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
    fit, seen = _begun(items, tallies, spread)
    if not seen:
        return Ranking(tuple(items), (0.0,) * len(items), fit.width.value, 0.0, (0.0,) * len(items), [], seen)
    means, triangle = fit.settled()
    strengths, votes = [
        tuple(values[seen[item]] if item in seen else 0.0 for item in items) for values in (means, fit.counts)
    ]
    return Ranking(tuple(items), strengths, fit.width.value, fit.ties.value, votes, inverted(triangle), seen)


def likeliest(items: Sequence[str], tallies: Tallies, spread: float) -> list[float]:
    """Strengths at the posterior's mode, in the order of `items`: quicker than its mean, and without intervals."""
    fit, seen = _begun(items, tallies, spread)
    at = fit.likely(STEPS) if seen else []
    return [at[seen[item]] if item in seen else 0.0 for item in items]


def _begun(items: Sequence[str], tallies: Tallies, spread: float | None) -> tuple[_Fit, dict[str, int]]:
    index = set(items)
    pairs = [(one, two, tally) for (one, two), tally in tallies.items() if one in index and two in index]
    heard = {item for one, two, _ in pairs for item in (one, two)}
    seen = {item: n for n, item in enumerate(item for item in items if item in heard)}
    got = [(seen[one], seen[two], tally.first + tally.even / 2, tally.weight) for one, two, tally in pairs]
    return _Fit(len(seen), got, sum(tally.even for *_, tally in pairs), spread), seen


class _Fit:
    """Newton's method. `pairs`: two columns, what the first of them got, out of how many votes."""

    def __init__(
        self, size: int, pairs: Sequence[tuple[int, int, float, float]], even: float, spread: float | None
    ) -> None:
        self.size = size
        self.pairs = sorted(pairs)
        self.even = even
        everything = sum(weight for *_, weight in pairs)
        self.given = spread is not None
        self.width = _Creeping(GUESS if spread is None else spread)
        # What would be the likeliest if all were equal.
        self.ties = _Creeping(2 * even / max(everything - even, 0.5) if even else 0.0)
        self.fixed = self.given and not even
        self.vague, self.wrong = [0.0] * size, [1.0] * size
        self.counts = [0.0] * size
        got = [0.0] * size
        for i, j, first, weight in self.pairs:
            self.counts[i] += weight
            self.counts[j] += weight
            got[i] += first
            got[j] += weight - first
        self.at = [log((a + 0.5) / (n - a + 0.5)) / 2 for a, n in zip(got, self.counts, strict=True)]

    def settled(self) -> tuple[list[float], Rows]:
        """The posterior's mean, and the triangle of its precision; along the way, the prior's width and the ties."""
        self.likely(2)
        curve = self._derived(self.vague)[1]
        triangle = lower(curve)
        self._measure(curve, inverted(triangle))
        for _ in range(STEPS):
            if not self.fixed:
                tied = self.ties.go(self._ties())
                self.fixed = max(tied, self.width.go(self._width())) < FIXED
            slope, curve = self._derived(self.vague)
            longest = self._step(slope, curve, triangle)
            self.vague = self._guessed(curve)
            if self.fixed and longest < CLOSE:
                break
        return self.at, lower(self._derived(self.vague)[1])

    def likely(self, steps: int) -> list[float]:
        """The posterior's mode, or nearly."""
        none = [0.0] * self.size
        slope, curve = self._derived(none)
        triangle = lower(curve)
        for _ in range(steps):
            longest = self._step(slope, curve, triangle)
            if max(longest, self.ties.go(self._ties())) < NEAR:
                break
            slope, curve = self._derived(none)
        return self.at

    def _step(self, slope: list[float], curve: Rows, triangle: Rows) -> float:
        """Bounded, so that a start far off can't throw it farther. Returns how far it would have been."""
        step = nearly(curve, slope, triangle)
        longest = max(map(abs, step))
        scale = min(1.0, 2.0 / max(longest, 2.0))
        self.at = [value + scale * change for value, change in zip(self.at, step, strict=True)]
        return longest

    def _measure(self, curve: Rows, columns: Rows) -> None:
        """Sets how far each strength may be off, by the inverse's columns; and how far guesses at that are off."""
        exact = [sum(map(mul, column, column)) for column in columns]
        self.wrong = [one / two for one, two in zip(exact, self._guessed(curve), strict=True)]
        self.vague = exact

    def _guessed(self, curve: Rows) -> list[float]:
        """How far each strength may be off: its variance, as if an item's neighbours hung together only by it."""
        inverse = [1 / row[i] for i, row in enumerate(curve)]
        return [
            wrong / (2 * row[i] - sum(map(_weighed_square, row, inverse)))
            for i, (row, wrong) in enumerate(zip(curve, self.wrong, strict=True))
        ]

    def _width(self) -> float:
        """What the prior's width would be, by how far the strengths are seen to lie apart."""
        if self.given:
            return self.width.value
        known = max(self.size - sum(self.vague) / self.width.value**2, 0.0)
        squares = sum(value * value for value in self.at)
        return min(max(sqrt((squares + GUESSED * GUESS**2) / (known + GUESSED)), NARROW), WIDE)

    def _derived(self, vague: list[float]) -> tuple[list[float], Rows]:
        """The log posterior's slope, and its curvature with the sign changed: both as they are on average, when
        strengths are off by as much as is `vague`. That draws differences in.
        """
        at, ties = self.at, self.ties.value
        prior = 1 / self.width.value**2
        shared = 2 / (prior * self.size) if any(vague) else 0.0
        reach = 2 * pi * bend(0.0, ties) ** 2
        slope = [-prior * value for value in at]
        curve = [[0.0] * self.size for _ in at]
        diagonal = [prior] * self.size
        for i, j, first, weight in self.pairs:
            apart = vague[i] + vague[j] - shared
            drawn = 1 / sqrt(1 + reach * apart) if apart > 0 else 1.0
            up = exp((at[i] - at[j]) * drawn / 2)
            total = up + 1 / up + ties
            mean = (up + ties / 2) / total
            pull = first - weight * mean
            sharpness = weight * drawn * (up / total + ties / total / 4 - mean * mean)
            slope[i] += pull
            slope[j] -= pull
            diagonal[i] += sharpness
            diagonal[j] += sharpness
            curve[i][j] -= sharpness
            curve[j][i] -= sharpness
        for i, value in enumerate(diagonal):
            curve[i][i] = value
        return slope, curve

    def _ties(self) -> float:
        """How often it would tie, by how often it did."""
        if not self.even:
            return 0.0
        ties, excess, sharp = self.ties.value, self.even, 0.0
        for i, j, _, weight in self.pairs:
            up = exp((self.at[i] - self.at[j]) / 2)
            tied = ties / (up + 1 / up + ties)
            excess -= weight * tied
            sharp += weight * tied * (1 - tied)
        return min(max(ties * exp(max(-1.0, min(1.0, excess / max(sharp, 1e-9)))), 1e-3), 1e3)


@dataclass
class _Creeping:
    """A number above zero, bettered in steps of which each is about the same part of the last: the rest is foreseen."""

    value: float
    last: float = 0.0

    def go(self, value: float) -> float:
        """Returns how much it changed, as a logarithm."""
        if not value:
            return 0.0
        change = log(value / self.value)
        part = change / self.last if self.last else 0.0
        self.last = change
        if 0 < part < 0.8:
            change /= 1 - part
            self.last = 0.0
        self.value *= exp(change)
        return abs(change)


def _weighed_square(value: float, weight: float) -> float:
    return value * value * weight
