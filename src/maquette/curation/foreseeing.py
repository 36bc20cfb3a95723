"""How well taste foresees what a person will say: each vote is held to what was known before it was cast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from maquette.curation.fitting import GUESS
from maquette.curation.judges import Agreement
from maquette.curation.ranking import likeliest
from maquette.curation.tallies import Tallies, count
from maquette.domain.votes import Vote

FEW, LATEST = 10, 50
"""Votes below which nothing is said; and how many of each exploration, the latest, are looked at."""
CLOSE = 1e-6


def by_votes(votes: Sequence[Vote]) -> Agreement:
    """How often whom a person took was ahead by what people had said before. Of each pair the first vote counts, where
    both had been compared with others and one is better: what is said again is no news, and a tie foresees nothing.
    """
    people = [vote for vote in votes if vote.judge.kind == "person" and vote.left != vote.right]
    looked = {id(vote) for vote in people[-LATEST:]}
    tallies: Tallies = {}
    right = of = 0
    for vote in people:
        items = sorted({name for pair in tallies for name in pair})
        new = vote.pair not in tallies and {vote.left, vote.right} <= set(items)
        if id(vote) in looked and new and vote.winner is not None:
            at = dict(zip(items, likeliest(items, tallies, GUESS), strict=True))
            ahead = at[vote.left] - at[vote.right]
            if abs(ahead) > CLOSE:
                of += 1
                right += vote.winner == (vote.left if ahead > 0 else vote.right)
        count(tallies, vote.pair, vote.winner)
    return Agreement(right, of)


def by_judges(votes: Iterable[Vote]) -> dict[str, Agreement]:
    """By model: how often it had said, before a person did, what the person then said of the same pair and facet."""
    said: dict[tuple[str, tuple[str, str], str | None], str] = {}
    heard: set[tuple[str, tuple[str, str], str | None]] = set()
    found: dict[str, Agreement] = {}
    for vote in votes:
        if vote.winner is None:
            continue
        if vote.judge.kind == "model":
            said[vote.judge.name, vote.pair, vote.facet] = vote.winner
            continue
        first = (vote.judge.name, vote.pair, vote.facet) not in heard
        heard.add((vote.judge.name, vote.pair, vote.facet))
        for (model, pair, facet), winner in said.items() if first else ():
            if (pair, facet) == (vote.pair, vote.facet):
                found[model] = joined(found.get(model, Agreement(0, 0)), Agreement(int(winner == vote.winner), 1))
    return found


def by_all(explorations: Sequence[Sequence[Vote]]) -> dict[str, Agreement]:
    """Of a project: by earlier votes (""), and by model."""
    found = {"": Agreement(0, 0)}
    for votes in explorations:
        for by, one in {"": by_votes(votes), **by_judges(votes)}.items():
            found[by] = joined(found.get(by, Agreement(0, 0)), one)
    return found


def joined(one: Agreement, two: Agreement) -> Agreement:
    return Agreement(one.agreed + two.agreed, one.of + two.of)


def told(by: str, found: Agreement) -> str:
    """For people; "" while there are too few."""
    if found.of < FEW:
        return ""
    low, high = found.interval
    share = f"{found.agreed / found.of:.0%}, likely {low:.0%} to {high:.0%}"
    return f"{by} foresaw {found.agreed} of {found.of} votes ({share}); by chance it would be half."
