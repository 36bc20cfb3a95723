"""A thread: one piece of work, from the first message to what came of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from maquette.domain.labels import Fact
from maquette.domain.stages import Stage

TITLE = 72
"""Characters of a title taken from the first message."""


class Mode(StrEnum):
    """In a work tree of its own, or in place, beside the person; a child may also only look at its parent's tree."""

    WORKTREE = "worktree"
    LOCAL = "local"
    READ = "read"


class ChildOf(Fact):
    """Whose part a thread does: of which call, so many generations (`depth`) below a thread of the person's.

    `base`: the commit with which its own tree begins, a snapshot of thread `tree`; None: it looks at that tree as it is
    (`in_place`: it is the person's folder).
    """

    parent: str
    turn: str
    call: str
    depth: int
    tree: str
    in_place: bool
    base: str | None = None


class ThreadState(StrEnum):
    """Where a thread is."""

    IDLE = "idle"
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"


class Outcome(StrEnum):
    """How a turn ended. DONE says only that the model came to an end; the checks say more."""

    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    BUDGET = "budget"
    WITHDRAWN = "withdrawn"
    """Never begun: what was said was taken back."""


class Thread(Fact):
    """A thread's line in a list. `unread`: something was said since the person last looked."""

    id: str
    project: str
    title: str
    mode: Mode
    model: str
    parent: str | None = None
    """The thread of whose work it does a part."""
    automation: str | None = None
    """Whose runs it holds."""
    state: ThreadState
    turn: str | None = None
    """The turn that is queued, running or waiting."""
    outcome: Outcome | None = None
    """Of the last finished turn."""
    checked: bool | None = None
    """Whether the last result's checks passed; None when none ran."""
    merged: bool = False
    added: int = 0
    removed: int = 0
    pinned: bool = False
    archived: bool = False
    stage: Stage = Stage.SKETCH
    """Of an attempt, that to which somebody moved it, the furthest; of anything else a sketch."""
    tokens: int = 0
    """So far; also those of its children that have reported, as in `price`."""
    price: Decimal | None = None
    """US dollars so far; None when a request's price is unknown."""
    started: datetime
    changed: datetime


def title_of(text: str) -> str:
    """Of a thread that begins with this."""
    line = " ".join(text.split())
    return line if len(line) <= TITLE else f"{line[: TITLE - 1].rstrip()}…"
