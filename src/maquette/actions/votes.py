"""Votes: which of two attempts is better, and what all of them come to."""

from __future__ import annotations

from maquette.actions import attempts, explorations
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import VoteCast
from maquette.domain.explorations import Facet, Verdict, Vote
from maquette.domain.labels import PERSON
from maquette.store import explorations as stored


async def cast(
    home: Home,
    exploration: str,
    left: int,
    right: int,
    verdict: Verdict,
    *,
    facet: Facet | None = None,
    because: str = "",
    by: str = "person",
) -> VoteCast:
    """Refused: `unknown-attempt`; `no-pair`, for one beside itself; `no-reason`, where neither will do."""
    at = await explorations.find(home, exploration)
    for number in (left, right):
        await attempts.find(home, at.id, number)
    if left == right:
        raise Refused("Two attempts make a pair.", code="no-pair")
    if verdict == "neither" and not because.strip():
        raise Refused("Say what neither of them does: that is what the next ones can learn from.", code="no-reason")
    vote = VoteCast(left=left, right=right, verdict=verdict, facet=facet, because=because.strip(), by=by, label=PERSON)
    await home.store.log.append(at.id, vote)
    return vote


async def listed(home: Home, exploration: str) -> list[Vote]:
    """All that were cast, in order."""
    return await home.store.query(stored.votes, (await explorations.find(home, exploration)).id)
