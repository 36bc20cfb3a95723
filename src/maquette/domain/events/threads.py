"""What happens to a thread as a whole. Its stream is its id."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.projects import Budget
from maquette.domain.threads import ChildOf, Mode


class ThreadStarted(EventFact):
    """First in each thread's stream. `forked_from` is a thread and the position up to which it was copied; `base` a
    commit of the project's store that its tree begins with, where that isn't the person's head. `baby`: what
    comes of it is to be the project's baby version, and is nothing to merge.
    """

    type: Literal["thread.started"] = "thread.started"
    project: str
    title: str
    mode: Mode
    model: str
    budget: Budget = Budget()
    forked_from: tuple[str, int] | None = None
    child_of: ChildOf | None = None
    base: str | None = None
    baby: bool = False

    @property
    def once(self) -> str:
        return "started"


class ThreadSet(EventFact):
    """Something about it changed; None leaves it as it was."""

    type: Literal["thread.set"] = "thread.set"
    title: str | None = None
    pinned: bool | None = None
    archived: bool | None = None
    model: str | None = None
    budget: Budget | None = None
