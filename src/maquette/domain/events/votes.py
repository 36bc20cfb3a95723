"""Which of two attempts somebody takes for the better."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.explorations import Facet, Verdict


class VoteCast(EventFact):
    """By a person, or by a model that judges (`judge`: its name). `verdict` says which of the two is better.

    The same two by the same about the same facet: the later vote counts.
    """

    type: Literal["vote.cast"] = "vote.cast"
    left: int
    right: int
    verdict: Verdict
    facet: Facet | None = None
    because: str = ""
    by: str = "person"
    judge: str = ""
