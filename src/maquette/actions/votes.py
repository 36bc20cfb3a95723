"""Votes: which of two attempts is better, and what all of them come to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from maquette.actions import attempts, explorations
from maquette.actions.home import Home
from maquette.curation import asking, judges
from maquette.curation.ranking import Ranking
from maquette.domain.errors import Refused
from maquette.domain.events import VoteCast
from maquette.domain.labels import PERSON
from maquette.domain.votes import Choice, Facet, Judge, Vote
from maquette.store import explorations as stored
from maquette.store.explorations import Whole

KEPT = 20
"""Rankings that are kept in memory: a gallery is drawn anew much more often than somebody votes."""
_found: dict[tuple[tuple[str, ...], tuple[Vote, ...], Facet | None, str | None], Ranking] = {}


async def cast(
    home: Home,
    exploration: str,
    left: int,
    right: int,
    choice: Choice,
    *,
    facet: Facet | None = None,
    because: str = "",
) -> Vote:
    """Refused: `unknown-attempt`; `no-pair`, for one beside itself; `no-reason`, where neither will do."""
    at = await explorations.find(home, exploration)
    for number in (left, right):
        await attempts.find(home, at.id, number)
    if left == right:
        raise Refused("Two attempts make a pair.", code="no-pair")
    if choice == "neither" and not because.strip():
        raise Refused("Say what neither of them does: that is what the next ones can learn from.", code="no-reason")
    judge, reason = Judge(name=PERSON.origin), because.strip()
    vote = Vote(judge=judge, left=str(left), right=str(right), choice=choice, facet=facet, reason=reason)
    await home.store.log.append(at.id, VoteCast(vote=vote, label=PERSON))
    return vote


async def listed(home: Home, exploration: str) -> list[Vote]:
    """All that were cast, in order."""
    return await home.store.query(stored.votes, (await explorations.find(home, exploration)).id)


@dataclass(frozen=True)
class Rank:
    """An attempt's place. `strength` in logits around the average, with the bounds of its interval of 95 %."""

    attempt: int
    strength: float
    low: float
    high: float
    votes: float


@dataclass(frozen=True)
class Standing:
    """What the votes come to, best first. `sure`: nothing is better than the first by more than 5 % in win probability,
    with 95 % confidence; `as_good` are those known to be as good, `open` those that may still be better.
    """

    ranks: tuple[Rank, ...]
    votes: int
    sure: bool
    as_good: tuple[int, ...]
    open: tuple[int, ...]
    says: str


async def standing(home: Home, exploration: str, *, facet: Facet | None = None, judge: str | None = None) -> Standing:
    """Of all votes joined, or by one facet, or by one who votes. Refused: `nothing-to-rank`."""
    return await stands(await explorations.whole(home, exploration), facet=facet, judge=judge)


async def stands(of: Whole, *, facet: Facet | None = None, judge: str | None = None) -> Standing:
    """The same of what was read already."""
    cast_, ranking = await _ranked(of, facet, judge)
    found = asking.standing(ranking)
    ranks = tuple(Rank(int(one.item), one.strength, one.low, one.high, one.votes) for one in ranking.places)
    as_good, still = (tuple(sorted(map(int, some))) for some in (found.as_good, found.open))
    return Standing(ranks, len(cast_), found.sure, as_good, still, _says(len(cast_), found.sure, ranks, as_good, still))


async def following(home: Home, exploration: str, *, facet: Facet | None = None) -> tuple[int, int]:
    """The pair that tells most about which is best. Refused: `nothing-to-rank`, below two attempts."""
    return await next_of(await explorations.whole(home, exploration), facet=facet)


async def next_of(of: Whole, *, facet: Facet | None = None) -> tuple[int, int]:
    """The same of what was read already."""
    _, ranking = await _ranked(of, facet, None)
    if len(ranking.items) < 2:
        raise Refused("Two attempts with a result make a pair; there aren't two yet.", code="nothing-to-rank")
    last = {of.votes[-1].left, of.votes[-1].right} if of.votes else set[str]()
    pairs = asking.next_pairs(ranking, 3)
    left, right = next((pair for pair in pairs if set(pair) != last), pairs[0])
    return int(left), int(right)


async def _ranked(whole: Whole, facet: Facet | None, judge: str | None) -> tuple[Sequence[Vote], Ranking]:
    items = [str(one.number) for one in whole.attempts if one.evidence and not one.shelved]
    if not items:
        raise Refused("Nothing has come of any attempt yet.", code="nothing-to-rank")
    said = whole.votes
    key = tuple(items), tuple(said), facet, judge
    if key not in _found:
        of = next((vote.judge for vote in said if vote.judge.name == judge), Judge(name=judge)) if judge else None
        _found[key] = await asyncio.to_thread(judges.ranked_by, items, counted(said), of, facet)
        while len(_found) > KEPT:
            _found.pop(next(iter(_found)))
    return said, _found[key]


def counted(said: Sequence[Vote]) -> list[Vote]:
    """All but what somebody thinks otherwise of by now. Who is asked again and says the same has said it twice, else
    one person's votes could never be enough. A model, which says the same by its nature, has said it once.
    """
    kept: dict[tuple[Judge, tuple[str, str], Facet | None], list[Vote]] = {}
    for vote in said:
        former = kept.setdefault((vote.judge, vote.pair, vote.facet), [])
        if former and (vote.judge.kind == "model" or vote.winner != former[-1].winner):
            former.clear()
        former.append(vote)
    return [vote for some in kept.values() for vote in some]


def latest(said: Sequence[Vote]) -> list[Vote]:
    """What the same judge said last of a pair and a facet."""
    return [*{(vote.judge, vote.pair, vote.facet): vote for vote in said}.values()]


def _says(votes: int, sure: bool, ranks: Sequence[Rank], as_good: Sequence[int], still: Sequence[int]) -> str:
    """For people."""
    if not votes:
        return "Nobody has voted yet."
    first, also = ranks[0].attempt, ", ".join(map(str, as_good))
    if sure and also:
        return f"Sure enough: {first} is best, and {also} as good."
    if sure:
        return f"Sure enough: {first} is best."
    some = ", ".join(map(str, still[:5])) + (" and others" if len(still) > 5 else "")
    return f"{first} leads, which isn't sure yet: {some or 'others'} may still be better."
