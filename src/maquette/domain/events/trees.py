"""What happens to a thread's work tree and to what was made in it."""

from __future__ import annotations

from typing import Literal

from maquette.domain.checks import Check
from maquette.domain.events.fact import EventFact


class TreeMade(EventFact):
    """A work tree of the thread's own, at commit `base` of the person's repo (where `branch` was)."""

    type: Literal["tree.made"] = "tree.made"
    base: str
    branch: str | None
    left_out: int = 0
    """Files with uncommitted changes in the person's checkout, which are not in this tree."""

    @property
    def once(self) -> str:
        return "tree"


class TreeRemade(EventFact):
    """A tree that was removed is there again, from the rescue at `ref`: all but what tools make again."""

    type: Literal["tree.remade"] = "tree.remade"
    ref: str
    commit: str

    @property
    def once(self) -> str:
        return f"remade:{self.ref}"


class SetupRan(EventFact):
    """The project's setup in a work tree that was just made; it is done when all of it passed."""

    type: Literal["setup.ran"] = "setup.ran"
    turn: str
    commands: tuple[Check, ...]


class ResultKept(EventFact):
    """What the tree held after a turn, as commit `commit` in the store; counts are against the base.

    `in_place`: it is the person's own folder, so there is nothing to merge.
    """

    type: Literal["result.kept"] = "result.kept"
    turn: str
    commit: str
    files: tuple[str, ...]
    added: int
    removed: int
    in_place: bool = False
    left_out: tuple[str, ...] = ()
    """Files that couldn't be kept: too large, or unreadable."""


class ChecksRan(EventFact):
    """The project's checks on commit `commit`. `why` says why there are none, when there are none."""

    type: Literal["checks.ran"] = "checks.ran"
    turn: str
    commit: str | None
    checks: tuple[Check, ...]
    why: str = ""


class Merged(EventFact):
    """The person merged a result: `into` went from commit `before` to `after`."""

    type: Literal["merged"] = "merged"
    commit: str
    into: str
    before: str
    after: str


class RescueKept(EventFact):
    """Something was about to be removed or overwritten; it is kept at `ref`."""

    type: Literal["rescue.kept"] = "rescue.kept"
    ref: str
    commit: str
    why: str
