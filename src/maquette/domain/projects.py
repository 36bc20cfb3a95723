"""A project: where threads work."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from maquette.domain.labels import Fact


class ProjectKind(StrEnum):
    """A git repo, a plain folder, or a desk (a folder of the base's own, with no repo)."""

    REPO = "repo"
    FOLDER = "folder"
    DESK = "desk"


class Budget(Fact):
    """Caps of one turn; None: no cap of the person's. `money` in US dollars."""

    steps: int | None = None
    tokens: int | None = None
    money: Decimal | None = None
    seconds: float | None = None


class Project(Fact):
    """A project as it stands. `trusted` is the digest its own files had when the person trusted it."""

    id: str
    name: str
    kind: ProjectKind
    path: str
    setup: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    model: str | None = None
    budget: Budget = Budget()
    trusted: str | None = None
