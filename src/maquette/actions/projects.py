"""Projects: bring one in, find it, set it, trust it."""

from __future__ import annotations

import asyncio
import hashlib
import os
from contextlib import suppress
from pathlib import Path

from maquette.actions.home import Home
from maquette.approvals import trust
from maquette.domain.errors import Refused
from maquette.domain.events import ProjectAdded, ProjectSet, ProjectTrusted
from maquette.domain.labels import PERSON
from maquette.domain.projects import Budget, Project, ProjectKind
from maquette.store import Conflict
from maquette.store.projections import projects

DESK = "desk"


async def listed(home: Home) -> list[Project]:
    """All of them."""
    return await home.store.query(projects.projects)


async def resolve(home: Home, name: str | None) -> Project:
    """By id, by name, or by the absolute path of a folder, which is brought in when it isn't yet. None: the desk.

    Refused: `unknown-project`.
    """
    if name is None:
        return await _desk(home)
    known = await home.store.query(projects.projects)
    for project in known:
        if name in (project.id, project.name):
            return project
    if Path(name).is_absolute():
        return await add(home, Path(name))
    names = ", ".join(p.name for p in known) or "none yet"
    why = f"No project is called {name!r}. Projects: {names}. A folder is given by its path (./{name})."
    raise Refused(why, code="unknown-project")


async def add(home: Home, path: Path, *, name: str | None = None) -> Project:
    """Bring a folder in (the whole repo, when it lies in one). The same folder twice is the same project.

    Refused: `unknown-project` when there is no such folder, `taken-name`, `odd-name`.
    """
    folder = await asyncio.to_thread(_folder, path)
    root, kind = await home.workspace.kind_of(folder)
    if _is_no_text(root):
        raise Refused("The folder's path isn't UTF-8, so it can't be kept as text: rename it.", code="odd-name")
    known = await home.store.query(projects.projects)
    for project in known:
        if project.path == str(root):
            return project
    taken = {p.name for p in known}
    if name in taken:
        raise Refused(f"There is a project called {name!r} already.", code="taken-name")
    return await _added(home, name or _free(_legible(root.name) or DESK, taken), kind, root)


async def change(
    home: Home,
    name: str,
    *,
    setup: tuple[str, ...] | None = None,
    checks: tuple[str, ...] | None = None,
    model: str | None = None,
    budget: Budget | None = None,
    shelf: Budget | None = None,
) -> Project:
    """Set what is given; the rest stays."""
    project = await resolve(home, name)
    changed = ProjectSet(setup=setup, checks=checks, model=model, budget=budget, shelf=shelf, label=PERSON)
    await home.store.log.append(project.id, changed)
    return await home.store.query(projects.project, project.id)


async def trusts(home: Home, name: str, trusted: bool) -> Project:
    """Let the project's own files (AGENTS.md, skills) count, as they are now; or no longer.

    Refused: `no-plain-file`.
    """
    project = await resolve(home, name)
    digest = await asyncio.to_thread(trust.pinned, Path(project.path)) if trusted else None
    await home.store.log.append(project.id, ProjectTrusted(digest=digest, label=PERSON))
    return await home.store.query(projects.project, project.id)


async def steering(home: Home, project: Project) -> list[str]:
    """Its own files that would tell agents what to do, if the person trusted them."""
    root = Path(project.path)
    found = await asyncio.to_thread(trust.own_files, root)
    return [str(path.relative_to(root)) for path in found]


def _folder(path: Path) -> Path:
    try:
        if path.is_dir():
            return path.resolve()
    except (OSError, ValueError):
        pass  # a name too long, or one that no file could have
    raise Refused(f"There is no folder {path}.", code="unknown-project")


async def settle(home: Home) -> None:
    """The desk lies in the state: where that was moved, the desk was too."""
    folder = str(home.settings.state / DESK)
    for project in await listed(home):
        if project.kind is ProjectKind.DESK and project.path != folder and Path(folder).is_dir():  # noqa: ASYNC240
            await home.store.log.append(project.id, ProjectSet(path=folder))


async def _desk(home: Home) -> Project:
    for project in await home.store.query(projects.projects):
        if project.kind is ProjectKind.DESK:
            return project
    folder = home.settings.state / DESK
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return await _added(home, DESK, ProjectKind.DESK, folder)


async def _added(home: Home, name: str, kind: ProjectKind, root: Path) -> Project:
    """Its id is made from its path: who brings the same folder in at the same moment gets the same project."""
    project = f"project_{hashlib.sha256(os.fsencode(root)).hexdigest()[:20]}"
    checks = await home.workspace.found_checks(root) if kind is not ProjectKind.DESK else ()
    added = ProjectAdded(name=name, kind=kind, path=str(root), label=PERSON)
    with suppress(Conflict):
        await home.store.log.append(project, added, ProjectSet(checks=checks), expected=0)
    return await home.store.query(projects.project, project)


def _is_no_text(path: Path) -> bool:
    return str(path) != os.fsencode(path).decode(errors="replace")


def _legible(name: str) -> str:
    """On one line, without what can't be seen: agents are told it, and people see it in lists."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free
