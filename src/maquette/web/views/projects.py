"""Projects: what they are, what checks them, and whether their own files count."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h
from starlette.responses import HTMLResponse

from maquette.actions import budgets as caps_of
from maquette.actions import projects
from maquette.actions.budgets import Balance
from maquette.domain.projects import Project, ProjectKind
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views import budgets
from maquette.web.views.forms import given, told
from maquette.web.views.frame import page
from maquette.web.views.giving import of_project
from maquette.web.views.rail import rail

router = routes.pages()

KINDS = {ProjectKind.REPO: "a git repo", ProjectKind.FOLDER: "a folder", ProjectKind.DESK: "a desk of the base's own"}


@router.get("/projects")
async def known(home: Here) -> HTMLResponse:
    balances = await caps_of.listed(home)
    main = h.article(".projects")[
        h.h1["Projects"],
        h.form(".say", id="add", data_api="/v1/projects", data_then="/projects")[
            h.input(
                name="path",
                required=True,
                autocomplete="off",
                placeholder="/home/you/code/shop",
                aria_label="A folder on this machine",
            ),
            h.button(".main")["Bring in"],
            told(),
        ],
        [_one(project, balances) for project in await projects.listed(home)],
    ]
    return page("Projects", await rail(home, "/projects"), main, stream="/stream")


def _one(project: Project, balances: Sequence[Balance]) -> h.Element:
    return h.section(".block", id=project.id)[
        h.h2(".label")[project.name],
        h.div(".body")[
            h.p[KINDS[project.kind], " · ", h.code[project.path]],
            h.form(".settings", data_api="/v1/projects", data_method="PATCH", data_then="/projects")[
                given("project", project.id),
                _lines("checks", "Checks, one a line", project.checks, "pytest -q"),
                _lines("setup", "What a fresh copy needs first, one a line", project.setup, "pip install -e ."),
                h.button["Keep"],
                told(),
            ],
            of_project(project),
            project.kind is not ProjectKind.DESK and _trust(project),
            h.p[
                h.a(href=f"/projects/{project.id}/taste")["What was decided here"],
                " · ",
                h.a(href=f"/projects/{project.id}/horizons")["Horizons"],
                project.kind is ProjectKind.REPO
                and [" · ", h.a(href=f"/projects/{project.id}/baby")["Its baby version"]],
            ],
            h.details[
                h.summary["What it may spend"],
                budgets.caps(
                    balances,
                    project.id,
                    ("day", "project", "thread", "turn"),
                    "/projects",
                    called=project.name,
                    project=project.id,
                ),
            ],
        ],
    ]


def _lines(name: str, label: str, held: tuple[str, ...], example: str) -> h.Element:
    return h.label[label, h.textarea(name=name, rows="2", data_type="lines", placeholder=example)["\n".join(held)]]


def _trust(project: Project) -> h.Element:
    trusted = project.trusted is not None
    return h.form(data_api="/v1/projects/trust", data_then="/projects")[
        h.p[
            "Its own files (AGENTS.md, skills) are told to agents, as they were when you said so. "
            "If one changes, you are asked anew."
            if trusted
            else "Its own files (AGENTS.md, skills) are not told to agents, "
            "since whoever wrote them could then steer what is done."
        ],
        given("project", project.id),
        given("trusted", not trusted),
        h.button(class_="quiet" if trusted else "")[
            "No longer trust them" if trusted else "Trust them as they are now"
        ],
        told(),
    ]
