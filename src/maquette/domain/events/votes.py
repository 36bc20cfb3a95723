"""Which of two attempts somebody takes for the better, in the stream of their exploration."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.messages import Usage
from maquette.domain.projects import Budget
from maquette.domain.votes import Answer, Facet, Vote


class VoteCast(EventFact):
    """Its two sides are numbers of attempts, written out. What the same judge said last of a pair and facet counts."""

    type: Literal["vote.cast"] = "vote.cast"
    vote: Vote


class JudgingAsked(EventFact):
    """A person has a model compare so many `pairs` of attempts, within `budget`, which is this judging's alone."""

    type: Literal["judging.asked"] = "judging.asked"
    id: str
    model: str
    pairs: int
    facet: Facet | None = None
    budget: Budget = Budget()

    @property
    def once(self) -> str:
        return self.id


class JudgeAnswered(EventFact):
    """A model was shown two attempts, in a context with nothing else in it, and said which is better; `answer` None:
    what it said fits no form. Each pair is asked about twice, with sides changed; of both comes a vote.
    """

    type: Literal["judge.answered"] = "judge.answered"
    judging: str
    model: str
    first: int
    second: int
    facet: Facet | None = None
    answer: Answer | None
    reason: str = ""
    pictures: int = 0
    """Of how many it was shown one."""
    turn: str = ""
    usage: Usage = Usage()
    worked: float = 0
    rules: bool = False

    @property
    def once(self) -> str:
        return f"answer:{self.judging}:{self.first}:{self.second}"


class JudgeFailed(EventFact):
    """A request to a judge that came to nothing; `usage` is what it may have taken, by our own count."""

    type: Literal["judge.failed"] = "judge.failed"
    judging: str
    first: int
    second: int
    pictures: int = 0
    """Of how many it was shown one."""
    usage: Usage = Usage()
    worked: float = 0
    reason: str
    wait: float | None = None
    """Seconds after which it is asked again; None: it isn't."""


class JudgingEnded(EventFact):
    """All `votes` of it that come are cast; `why` not all are that were asked for, or ""."""

    type: Literal["judging.ended"] = "judging.ended"
    judging: str
    votes: int
    why: str = ""

    @property
    def once(self) -> str:
        return f"ended:{self.judging}"
