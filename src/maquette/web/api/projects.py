"""Projects: list, bring in, set, trust. One is named by its id, its name or its absolute path."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from maquette.actions import projects
from maquette.domain.labels import Fact
from maquette.domain.projects import Budget, Project
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("projects")


def absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("must be absolute")
    return path


class NewProject(Fact):
    """A folder of this machine."""

    path: Annotated[Path, AfterValidator(absolute)]
    name: str | None = None


class Settings(Fact):
    """What is left out stays. `setup` and `checks` are shell commands. `shelf`: what each better model may spend on
    trying again what is on the shelf; 0 tokens: nothing is tried by itself.
    """

    project: str
    setup: tuple[str, ...] | None = None
    checks: tuple[str, ...] | None = None
    model: str | None = None
    budget: Budget | None = None
    shelf: Budget | None = None


class Trust(Fact):
    """Whether the project's own files (AGENTS.md, skills) count, as they are now."""

    project: str
    trusted: bool


@router.get("/projects")
async def list_projects(home: Here) -> list[Project]:
    return await projects.listed(home)


@router.post("/projects", status_code=201)
async def add_project(home: Here, new: NewProject) -> Project:
    """The same folder twice is the same project."""
    return await projects.add(home, new.path, name=new.name)


@router.patch("/projects")
async def set_project(home: Here, settings: Settings) -> Project:
    return await projects.change(
        home,
        settings.project,
        setup=settings.setup,
        checks=settings.checks,
        model=settings.model,
        budget=settings.budget,
        shelf=settings.shelf,
    )


@router.post("/projects/trust")
async def trust_project(home: Here, trust: Trust) -> Project:
    return await projects.trusts(home, trust.project, trust.trusted)
