"""What a model said."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.messages import FromModel, Usage


class AnswerGiven(EventFact):
    """One whole answer. The ids of its calls are unique in the thread.

    `model` is the full name (`wire:name`). `seen` is the position up to which the request had read the thread: what was
    said after it comes after the answer. `rules`: by rule, from no language model. `cut`: it ran into the model's
    length limit. `undone`: it says itself that what was asked is not done. `worked`: seconds of work since the answer
    before it, or since the run began.
    """

    type: Literal["answer.given"] = "answer.given"
    turn: str
    step: int
    seen: int
    model: str
    answer: FromModel
    usage: Usage = Usage()
    seconds: float = 0
    worked: float = 0
    rules: bool = False
    cut: bool = False
    undone: bool = False

    @property
    def once(self) -> str:
        return f"answer:{self.turn}:{self.step}"


class AnswerStreamed(EventFact):
    """More words of an answer that isn't whole yet: kept now and then, in case the base dies before it is."""

    type: Literal["answer.streamed"] = "answer.streamed"
    turn: str
    step: int
    seen: int
    model: str
    text: str


class AnswerInterrupted(EventFact):
    """What had been said when it was broken off; none of its calls was run.

    `why`: the person "stopped" the turn, the turn "failed", or it was "lost" with the base; then it is asked for anew.
    """

    type: Literal["answer.interrupted"] = "answer.interrupted"
    turn: str
    step: int
    seen: int
    model: str
    text: str
    why: Literal["stopped", "failed", "lost"]


class AnswerFailed(EventFact):
    """A try that came to nothing. `wait` is the seconds until the next, None when it was the last."""

    type: Literal["answer.failed"] = "answer.failed"
    turn: str
    step: int
    model: str
    attempt: int
    reason: str
    wait: float | None


class FellBack(EventFact):
    """`model` didn't answer, so `to` does, for the rest of the turn; the next begins with the thread's own again."""

    type: Literal["answer.fell_back"] = "answer.fell_back"
    turn: str
    step: int
    model: str
    to: str
    reason: str
