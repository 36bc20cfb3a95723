"""Votes counted up by pair: all that a ranking needs of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from maquette.domain.votes import Vote

Weigh = Callable[[Vote], float]


@dataclass
class Tally:
    """Of two items: the weight of votes for the first, for the second, and for neither of them over the other."""

    first: float = 0.0
    second: float = 0.0
    even: float = 0.0

    @property
    def weight(self) -> float:
        return self.first + self.second + self.even


Tallies = dict[tuple[str, str], Tally]
"""By pair, the one with the smaller name first."""


def tallied(votes: Iterable[Vote], weigh: Weigh = lambda vote: 1.0) -> Tallies:
    """Votes on an item against itself say nothing."""
    found: Tallies = {}
    for vote in votes:
        if vote.left != vote.right and (weight := weigh(vote)) > 0:
            count(found, vote.pair, vote.winner, weight)
    return found


def count(tallies: Tallies, pair: tuple[str, str], winner: str | None, weight: float = 1.0) -> None:
    tally = tallies.setdefault(pair, Tally())
    if winner is None:
        tally.even += weight
    elif winner == pair[0]:
        tally.first += weight
    else:
        tally.second += weight
