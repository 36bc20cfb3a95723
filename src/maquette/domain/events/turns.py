"""The life of a turn: queued → started → (waiting → resumed →) … finished."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.threads import Outcome


class TurnQueued(EventFact):
    """Work is due. `run` is the id of the workflow which shall do it."""

    type: Literal["turn.queued"] = "turn.queued"
    turn: str
    run: str

    @property
    def once(self) -> str:
        return f"queued:{self.turn}"


class TurnStarted(EventFact):
    """A worker took it; `epoch` fences whoever had it before."""

    type: Literal["turn.started"] = "turn.started"
    turn: str
    run: str
    epoch: int


class TurnWaiting(EventFact):
    """It can't go on without an answer to these calls; no worker holds it meanwhile."""

    type: Literal["turn.waiting"] = "turn.waiting"
    turn: str
    calls: tuple[str, ...]


class TurnParked(EventFact):
    """It can't go on until children have reported on these calls; no worker holds it, the person is asked nothing."""

    type: Literal["turn.parked"] = "turn.parked"
    turn: str
    calls: tuple[str, ...]


class TurnResumed(EventFact):
    """An answer came, or the person said go on: due again, as a new run."""

    type: Literal["turn.resumed"] = "turn.resumed"
    turn: str
    run: str

    @property
    def once(self) -> str:
        return f"run:{self.run}"


class StopAsked(EventFact):
    """The person wants the turn ended now."""

    type: Literal["turn.stop_asked"] = "turn.stop_asked"
    turn: str


class TurnFinished(EventFact):
    """`reason` is a sentence for the person, empty when all went as asked."""

    type: Literal["turn.finished"] = "turn.finished"
    turn: str
    outcome: Outcome
    reason: str = ""

    @property
    def once(self) -> str:
        return f"finished:{self.turn}"


class InstructionsGiven(EventFact):
    """What a thread's model is told before anything else; kept, so that each request extends the former."""

    type: Literal["instructions.given"] = "instructions.given"
    text: str

    @property
    def once(self) -> str:
        return "instructions"
