"""Tools being called: what is meant to be done, then what came of it."""

from __future__ import annotations

from typing import Literal

from maquette.domain.cards import Card, PlanStep
from maquette.domain.events.fact import EventFact
from maquette.domain.messages import Image

CallStatus = Literal["ok", "error", "declined", "stopped", "unknown"]


class CallStarted(EventFact):
    """Intent: on disk before the effect begins. `again` marks a second go after a crash."""

    type: Literal["call.started"] = "call.started"
    turn: str
    call: str
    name: str
    idempotent: bool
    again: bool = False


class CallFinished(EventFact):
    """The one result. `unknown`: the base died in the middle, and nobody can say whether it happened."""

    type: Literal["call.finished"] = "call.finished"
    turn: str
    call: str
    name: str
    status: CallStatus
    text: str
    card: Card | None = None
    images: tuple[Image, ...] = ()
    seconds: float = 0

    @property
    def once(self) -> str:
        return f"result:{self.call}"


class PlanSet(EventFact):
    """The thread's plan is now this."""

    type: Literal["plan.set"] = "plan.set"
    turn: str
    steps: tuple[PlanStep, ...]
