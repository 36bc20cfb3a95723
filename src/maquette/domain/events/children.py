"""A part of the work that an agent gives to another: what was asked, and what came of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from maquette.domain.automations import Terms
from maquette.domain.events.fact import EventFact
from maquette.domain.events.threads import ThreadStarted
from maquette.domain.threads import Outcome


class ChildAsked(EventFact):
    """In the parent's stream, before anything is there of the child: thread `child` is to begin with `thread`, and with
    `task` as the message of its turn `begins`. Its label is that of the task.
    """

    type: Literal["child.asked"] = "child.asked"
    turn: str
    call: str
    child: str
    begins: str
    task: str
    thread: ThreadStarted
    terms: Terms | None = None
    """Of the parent's turn, where nobody watches that: the child's are no wider."""

    @property
    def once(self) -> str:
        return f"child:{self.call}"


class ChildReported(EventFact):
    """How the turn ended that was asked for: its last words, and commit `commit` of what it made, if it made any.

    Tokens and dollars are the child's and all its own children's; `unpriced`: of some the price isn't known. The label
    is the worst of all that the child has read.
    """

    type: Literal["child.reported"] = "child.reported"
    turn: str
    call: str
    child: str
    outcome: Outcome
    reason: str = ""
    text: str = ""
    commit: str | None = None
    files: tuple[str, ...] = ()
    added: int = 0
    removed: int = 0
    checked: bool | None = None
    """Whether the project's checks passed on it; None when none ran."""
    tokens: int = 0
    price: Decimal = Decimal(0)
    unpriced: bool = False

    @property
    def once(self) -> str:
        return f"reported:{self.call}"
