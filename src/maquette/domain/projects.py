"""A project: where threads work."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from maquette.domain.labels import Fact
from maquette.domain.roles import Models, Role

BASE = "base"
"""The stream of what is set for all of a base, beside those of projects."""


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


SHELF = Budget(tokens=500_000)


class Baby(Fact):
    """A small version of a project that mimics it, for explorations to begin with: a commit of the project's store,
    made in `thread` from the real one's commit `of`. Files and lines of both.
    """

    commit: str
    of: str
    thread: str
    files: int
    lines: int
    of_files: int
    of_lines: int


class Project(Fact):
    """A project as it stands. `trusted` is the digest its own files had when the person trusted it. `model` is the
    first of its worker's; roles that it doesn't have are the base's. `shelf`: what each better model may spend on
    trying again what is on its shelf.
    """

    id: str
    name: str
    kind: ProjectKind
    path: str
    setup: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    model: str | None = None
    roles: dict[Role, Models] = Field(default_factory=dict[Role, Models])
    budget: Budget = Budget()
    shelf: Budget = SHELF
    trusted: str | None = None
    baby: Baby | None = None

    @property
    def given(self) -> Mapping[Role, Models]:
        """The roles that it has models of its own for."""
        own: dict[Role, Models] = {Role.WORKER: (self.model,)} if self.model else {}
        return {**own, **self.roles}
