"""Which of two attempts somebody takes for the better, in the stream of their exploration."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.votes import Vote


class VoteCast(EventFact):
    """Its two sides are numbers of attempts, written out. What the same judge said last of a pair and facet counts."""

    type: Literal["vote.cast"] = "vote.cast"
    vote: Vote
