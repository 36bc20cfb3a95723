"""Which models do what: one form a role, for the base or for a project."""

from __future__ import annotations

from collections.abc import Mapping

import htpy as h

from maquette.domain.projects import Project
from maquette.domain.roles import Models, Role
from maquette.settings import Settings
from maquette.web.views.forms import given, told

DOES = {
    Role.WORKER: "does new threads that name no model",
    Role.REVIEWER: "compares attempts of an exploration, when you have it do so",
    Role.READER: "reads much for little: posts before a report, replies to one",
}


def giving(roles: Mapping[Role, Models], settings: Settings) -> h.Element:
    insists = (
        settings.insists
        and h.p[
            "MAQUETTE_MODEL is set where the base was started: ",
            h.code[settings.model],
            " goes before the base's worker.",
        ]
    )
    return h.section(id="roles")[
        h.h2["Who does what"],
        h.p[
            "The first model of a role does the work. While it doesn't answer, the next goes on with the turn, and "
            "the thread says so; the turn after that begins with the first again."
        ],
        insists,
        [_role(role, roles.get(role, ()), None) for role in Role],
    ]


def of_project(project: Project) -> h.Element:
    """Where it differs from the base's."""
    return h.details[
        h.summary["Models of its own"], [_role(role, project.given.get(role, ()), project) for role in Role]
    ]


def _role(role: Role, models: Models, project: Project | None) -> h.Element:
    where = f" in {project.name}" if project else ""
    return h.form(".settings", data_api="/v1/roles", data_then="/projects" if project else "/models")[
        given("role", role.value),
        project is not None and given("project", project.id),
        h.label[
            f"{role.value.capitalize()}: {DOES[role]}",
            h.textarea(
                name="models",
                rows="2",
                data_type="lines",
                spellcheck="false",
                aria_label=f"Models of the {role.value}{where}, one a line",
                placeholder="as the base has it" if project else "wire:name, one a line",
            )["\n".join(models)],
        ],
        h.button(aria_label=f"Keep the {role.value}{where}")["Keep"],
        told(),
    ]
