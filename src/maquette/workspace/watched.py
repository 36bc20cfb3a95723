"""A project, as triggers look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from maquette.domain.projects import Project
from maquette.workspace.workspace import Workspace


@dataclass(frozen=True)
class Watched:
    """A `kinds.triggers.Place`."""

    workspace: Workspace
    project: Project

    @property
    def root(self) -> Path:
        return Path(self.project.path)

    async def refs(self) -> Mapping[str, str]:
        return await self.workspace.refs(self.root)
