"""Skills: those on offer, and the folders that look like one and aren't."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from maquette.actions import projects
from maquette.actions.home import Home
from maquette.approvals import trust
from maquette.domain.errors import Refused
from maquette.domain.projects import Project
from maquette.kinds.providers import SkillSpec
from maquette.skills import folders


@dataclass(frozen=True)
class Offer:
    """What a thread of a project would be offered."""

    skills: Sequence[SkillSpec]
    broken: Sequence[folders.Broken]


async def listed(home: Home, project: str | None = None) -> Offer:
    """Built in, the person's own, and, once it is trusted, the project's. Refused: `unknown-project`."""
    of = await projects.resolve(home, project) if project else None
    return await asyncio.to_thread(_listed, of, home.settings.home)


def _listed(of: Project | None, user: Path) -> Offer:
    root = Path(of.path) if of else None
    trusted = of is not None and of.trusted is not None and of.trusted == trust.digest(Path(of.path))
    return Offer(*folders.found(folders.places(project=root, trusted=trusted, user=user)))


async def one(home: Home, name: str, project: str | None = None) -> SkillSpec:
    """By name. Refused: `unknown-skill`."""
    offer = await listed(home, project)
    for skill in offer.skills:
        if skill.name == name:
            return skill
    why = next((f" {b.why}" for b in offer.broken if Path(b.folder).name == name), "")
    names = ", ".join(skill.name for skill in offer.skills)
    raise Refused(f"No skill is called {name!r}.{why} There are: {names}.", code="unknown-skill")
