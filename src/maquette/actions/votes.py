"""Votes: which of two attempts is better, and what all of them come to."""

from __future__ import annotations

from maquette.actions import attempts, explorations
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import VoteCast
from maquette.domain.labels import PERSON
from maquette.domain.votes import Choice, Facet, Judge, Vote
from maquette.store import explorations as stored


async def cast(
    home: Home,
    exploration: str,
    left: int,
    right: int,
    choice: Choice,
    *,
    facet: Facet | None = None,
    because: str = "",
    by: str = "person",
) -> Vote:
    """Refused: `unknown-attempt`; `no-pair`, for one beside itself; `no-reason`, where neither will do."""
    at = await explorations.find(home, exploration)
    for number in (left, right):
        await attempts.find(home, at.id, number)
    if left == right:
        raise Refused("Two attempts make a pair.", code="no-pair")
    if choice == "neither" and not because.strip():
        raise Refused("Say what neither of them does: that is what the next ones can learn from.", code="no-reason")
    vote = Vote(
        judge=Judge(name=by), left=str(left), right=str(right), choice=choice, facet=facet, reason=because.strip()
    )
    await home.store.log.append(at.id, VoteCast(vote=vote, label=PERSON))
    return vote


async def listed(home: Home, exploration: str) -> list[Vote]:
    """All that were cast, in order."""
    return await home.store.query(stored.votes, (await explorations.find(home, exploration)).id)
