"""Reports, what a person replied to them, and what they taught. In the stream of the automation that reports, or of the
thread, where none does.
"""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.interests import Asked, Case, Change, Way
from maquette.domain.labels import PERSON, Label
from maquette.domain.messages import Usage
from maquette.domain.reports import Gathered, Report


class PostsGathered(EventFact):
    """Posts were gone through for a report, in `thread`, by this call."""

    type: Literal["posts.gathered"] = "posts.gathered"
    thread: str
    call: str
    gathered: Gathered

    @property
    def once(self) -> str:
        return f"gathered:{self.thread}:{self.call}"


class PostsRead(EventFact):
    """A model that reads much for little read posts for a call; it had no tools, and told of each what fits a form."""

    type: Literal["posts.read"] = "posts.read"
    turn: str
    call: str
    model: str
    posts: int
    usage: Usage = Usage()
    worked: float = 0
    rules: bool = False


class ReportGiven(EventFact):
    """A report was written, in `thread`, by this call."""

    type: Literal["report.given"] = "report.given"
    thread: str
    call: str
    report: Report

    @property
    def once(self) -> str:
        return f"report:{self.thread}:{self.call}"


class ReplyGiven(EventFact):
    """The person says something to a report; to one of its lines (from 1), or to all of it."""

    type: Literal["reply.given"] = "reply.given"
    label: Label = PERSON
    id: str
    report: str | None
    text: str
    line: int | None = None

    @property
    def once(self) -> str:
        return f"reply:{self.id}"


class ReplyRead(EventFact):
    """No rule could read a reply; a model said it again in plain `forms`, which rules read as if the person had."""

    type: Literal["reply.read"] = "reply.read"
    reply: str
    model: str
    forms: tuple[str, ...]
    turn: str = ""
    usage: Usage = Usage()
    worked: float = 0
    rules: bool = False


class InterestChanged(EventFact):
    """What they care about is otherwise from now on, as version `version`, because of a reply.

    `said` are the words of it that did this. `undoes` names a version that no longer holds, with its cases.
    `gained` and `lost`: lines that past reports would have had more, and fewer.
    """

    type: Literal["interest.changed"] = "interest.changed"
    label: Label = PERSON
    version: int
    reply: str
    said: str
    sentence: str
    changes: tuple[Change, ...] = ()
    cases: tuple[Case, ...] = ()
    undoes: int | None = None
    gained: int = 0
    lost: int = 0

    @property
    def once(self) -> str:
        return f"interests:{self.version}"


class ChangeOffered(EventFact):
    """It would lose what was taught before, so it isn't kept: these are the ways to go on. `broken`: what was lost."""

    type: Literal["change.offered"] = "change.offered"
    reply: str
    said: str
    sentence: str
    ways: tuple[Way, ...]
    broken: tuple[Case, ...]


class QuestionsPut(EventFact):
    """Those whose answers would change the report most; a reply answers them."""

    type: Literal["questions.put"] = "questions.put"
    reply: str
    questions: tuple[Asked, ...]


class PlanAmended(EventFact):
    """A reply changed the automation itself (when it runs, or its brief): it is at `version` now, by that reply.
    `undoes`: that took back the change before.
    """

    type: Literal["plan.amended"] = "plan.amended"
    label: Label = PERSON
    reply: str
    said: str
    sentence: str
    version: int
    undoes: bool = False


class ReplyLeft(EventFact):
    """A reply changed nothing, and this is why."""

    type: Literal["reply.left"] = "reply.left"
    reply: str
    sentence: str
