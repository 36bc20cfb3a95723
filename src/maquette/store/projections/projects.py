"""Projects as they stand."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Table, Text, select

from maquette.domain.errors import Refused
from maquette.domain.events import BabyMade, Entry, ProjectAdded, ProjectSet, ProjectTrusted, RoleSet
from maquette.domain.projects import Project
from maquette.domain.roles import Models, Role
from maquette.store.rows import Rows
from maquette.store.schema import METADATA

PROJECTS = Table(
    "projects",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("project", Text, nullable=False),  # all of it, as JSON
)
TABLES = (PROJECTS,)
EVENTS = (ProjectAdded, ProjectSet, ProjectTrusted, RoleSet, BabyMade)
_ROWS = Rows(PROJECTS)


def apply(conn: Connection, entries: Sequence[Entry]) -> None:
    known = {found.id: found for found in _chosen(conn, {entry.stream for entry in entries})}
    for entry in entries:
        project = _fold(known.get(entry.stream), entry)
        if project is not None:
            known[entry.stream] = project
    rows = [{"id": p.id, "name": p.name, "path": p.path, "project": p.model_dump_json()} for p in known.values()]
    _ROWS.put(conn, rows)


def _fold(project: Project | None, entry: Entry) -> Project | None:
    match entry.event:
        case ProjectAdded(name=name, kind=kind, path=path):
            return Project(id=entry.stream, name=name, kind=kind, path=path)
        case ProjectSet() as changes if project is not None:
            given = {
                name: value
                for name in ("name", "path", "setup", "checks", "model", "budget", "shelf")
                if (value := getattr(changes, name)) is not None
            }
            changed = project.model_copy(update=given)
            return changed if changes.model is None else _given(changed, Role.WORKER, (changes.model,))
        case RoleSet(role=role, models=models) if project is not None:
            return _given(project, role, models)
        case ProjectTrusted(digest=digest) if project is not None:
            return project.model_copy(update={"trusted": digest})
        case BabyMade(baby=baby) if project is not None:
            return project.model_copy(update={"baby": baby})
        case _:
            return None


def _given(project: Project, role: Role, models: Models) -> Project:
    roles = {name: given for name, given in {**project.given, role: models}.items() if given}
    worker = roles.get(Role.WORKER)
    return project.model_copy(update={"roles": roles, "model": worker[0] if worker else None})


def projects(conn: Connection) -> list[Project]:
    """By name."""
    rows = conn.scalars(select(PROJECTS.c.project).order_by(PROJECTS.c.name, PROJECTS.c.id))
    return [Project.model_validate_json(row) for row in rows]


def project(conn: Connection, id: str) -> Project:
    """Refused: `unknown-project`."""
    for found in _chosen(conn, {id}):
        return found
    raise Refused(f"There is no project “{id}”; `maquette projects` lists those there are.", code="unknown-project")


def _chosen(conn: Connection, ids: set[str]) -> list[Project]:
    rows = conn.scalars(select(PROJECTS.c.project).where(PROJECTS.c.id.in_(ids)))
    return [Project.model_validate_json(row) for row in rows]
