"""What a turn waits for: a question, or an approval."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from maquette.domain.events.fact import EventFact
from maquette.domain.labels import PERSON, Label


class QuestionAsked(EventFact):
    """Waits for ever. `lost`: it is about the call itself, which was cut off by the end of a base."""

    type: Literal["question.asked"] = "question.asked"
    turn: str
    call: str
    question: str
    choices: tuple[str, ...] = ()
    lost: bool = False

    @property
    def once(self) -> str:
        return f"asked:{self.call}"


class QuestionAnswered(EventFact):
    """By the person."""

    type: Literal["question.answered"] = "question.answered"
    label: Label = PERSON
    turn: str
    call: str
    text: str

    @property
    def once(self) -> str:
        return f"answered:{self.call}"


class ApprovalAsked(EventFact):
    """`shown` is, line by line, exactly what the person sees; `digest` binds the approval to it. `runs`: it is a
    command, so only who reads those can judge it.
    """

    type: Literal["approval.asked"] = "approval.asked"
    turn: str
    call: str
    why: str
    shown: tuple[tuple[str, str], ...]
    digest: str
    expires: datetime
    runs: bool = True

    @property
    def once(self) -> str:
        return f"approval:{self.call}:{self.digest}:{self.expires.isoformat()}"


class ApprovalGiven(EventFact):
    """By the person, for this digest, once; with arguments as the person wrote them `instead`, by name."""

    type: Literal["approval.given"] = "approval.given"
    label: Label = PERSON
    turn: str
    call: str
    digest: str
    instead: dict[str, str] = Field(default_factory=dict[str, str])

    @property
    def once(self) -> str:
        return f"decided:{self.call}:{self.digest}"


class ApprovalDeclined(EventFact):
    """By the person, or by time running out (then `label` says that it was the house)."""

    type: Literal["approval.declined"] = "approval.declined"
    label: Label = PERSON
    turn: str
    call: str
    digest: str
    reason: str = ""

    @property
    def once(self) -> str:
        return f"decided:{self.call}:{self.digest}"
