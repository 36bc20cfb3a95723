"""A project: where threads work."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from maquette.domain.labels import Fact


class ProjectKind(StrEnum):
    """A git repo, a plain folder, or a desk (a folder of the base's own, with no repo)."""

    REPO = "repo"
    FOLDER = "folder"
    DESK = "desk"


_CAP = Field(default=None, ge=0, le=10**12, allow_inf_nan=False)
_COUNT = Field(default=None, ge=0, le=10**12)


class Budget(Fact):
    """Caps of one turn; None: no cap of the person's. `money` in US dollars."""

    steps: int | None = _COUNT
    tokens: int | None = _COUNT
    money: Decimal | None = _CAP
    seconds: float | None = _CAP


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
