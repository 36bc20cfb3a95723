"""What happens to a project. Its stream is its id."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.projects import Baby, Budget, ProjectKind


class ProjectAdded(EventFact):
    """A person brought a folder, a repo or a desk in."""

    type: Literal["project.added"] = "project.added"
    name: str
    kind: ProjectKind
    path: str


class ProjectSet(EventFact):
    """Settings changed; None leaves one as it was."""

    type: Literal["project.set"] = "project.set"
    name: str | None = None
    path: str | None = None
    setup: tuple[str, ...] | None = None
    checks: tuple[str, ...] | None = None
    model: str | None = None
    budget: Budget | None = None
    shelf: Budget | None = None


class ProjectTrusted(EventFact):
    """The person trusts the project's own files as they are now; None takes it back."""

    type: Literal["project.trusted"] = "project.trusted"
    digest: str | None


class BabyMade(EventFact):
    """What is the project's baby version from now on."""

    type: Literal["baby.made"] = "baby.made"
    baby: Baby
