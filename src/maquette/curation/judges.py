"""Models that judge: what they are asked, how two answers become one vote, and what that vote is worth.

A model prefers what it is shown first, more or less often. So it is asked twice, the second time with sides changed,
and what it says of the sides and not of the items is a tie. Its votes stay marked as its own; among people's they
count by how often it agreed with them on the same pairs, and for nothing until it did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from maquette.curation.ranking import Z95, Ranking, ranked
from maquette.curation.tallies import Weigh, tallied
from maquette.domain.votes import Answer, Choice, Facet, Judge, Vote


@dataclass(frozen=True)
class Question:
    """What a judge is asked, in a context with nothing else in it."""

    first: str
    second: str
    facet: Facet | None = None


def questions(one: str, two: str, facet: Facet | None = None) -> tuple[Question, Question]:
    """Both orders."""
    return Question(one, two, facet), Question(two, one, facet)


def joined(judge: Judge, asked: Question, straight: Answer, turned: Answer, reason: str = "") -> Vote:
    """The vote that comes of a question and of the same with sides changed. Of two that don't go together: a tie."""
    choices: dict[Answer, Choice] = {"first": "left", "second": "right", "both": "both", "neither": "neither"}
    back: dict[Answer, Choice] = {"first": "right", "second": "left", "both": "both", "neither": "neither"}
    one, two = choices[straight], back[turned]
    choice: Choice = one if one == two else "both"
    return Vote(judge=judge, left=asked.first, right=asked.second, choice=choice, facet=asked.facet, reason=reason)


@dataclass(frozen=True)
class Agreement:
    """How often a judge said what people had said, or said later, of the same pairs."""

    agreed: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        """Of 95 %, by Wilson."""
        if not self.of:
            return 0.0, 1.0
        share, z = self.agreed / self.of, Z95 * Z95 / self.of
        middle, reach = share + z / 2, Z95 * sqrt(share * (1 - share) / self.of + z / (4 * self.of))
        return max(0.0, (middle - reach) / (1 + z)), min(1.0, (middle + reach) / (1 + z))

    @property
    def weight(self) -> float:
        """What a vote of this judge is worth beside a person's: what an answer tells that is right this often.

        A coin, or a judge who was never compared, tells nothing; one who is right in 9 of 10 some 0.6 of a vote.
        """
        right = (self.agreed + 1) / (self.of + 2)
        return max(0.0, 2 * right - 1) ** 2

    def __str__(self) -> str:
        if not self.of:
            return "not compared with you yet"
        low, high = self.interval
        return f"agrees with you {self.agreed} of {self.of} so far ({low:.0%} to {high:.0%})"


def agreement(judge: Judge, votes: Sequence[Vote]) -> Agreement:
    """With all people. What somebody said last of a pair (and facet) counts."""
    said = {(vote.pair, vote.facet): vote.winner for vote in votes if vote.judge == judge}
    people = {(vote.judge.name, vote.pair, vote.facet): vote.winner for vote in votes if vote.judge.kind == "person"}
    common = [(said[pair, facet], winner) for (_, pair, facet), winner in people.items() if (pair, facet) in said]
    return Agreement(sum(one == two for one, two in common), len(common))


def worth(votes: Sequence[Vote]) -> Weigh:
    """A person's vote counts as one; a model's by its agreement with people."""
    models = {vote.judge.name: vote.judge for vote in votes if vote.judge.kind == "model"}
    weights = {name: agreement(judge, votes).weight for name, judge in models.items()}
    return lambda vote: weights[vote.judge.name] if vote.judge.kind == "model" else 1.0


def ranked_by(
    items: Sequence[str], votes: Iterable[Vote], judge: Judge | None = None, facet: Facet | None = None
) -> Ranking:
    """By one judge, by one facet, or joined: whoever voted, by whatever they went. A model alone counts in full."""
    all_votes = tuple(votes)
    wanted = [vote for vote in all_votes if judge in (None, vote.judge) and facet in (None, vote.facet)]
    return ranked(items, tallied(wanted) if judge else tallied(wanted, worth(all_votes)))
