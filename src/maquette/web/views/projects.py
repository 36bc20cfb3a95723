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

SHOWN = 5
"""Files that are named."""
KINDS = {ProjectKind.REPO: "a git repo", ProjectKind.FOLDER: "a folder", ProjectKind.DESK: "a desk of the base's own"}


@router.get("/projects")
async def known(home: Here, added: str = "") -> HTMLResponse:
    """`added`: one that was brought in just now."""
    balances, listed = await caps_of.listed(home), await projects.listed(home)
    fresh = [project for project in listed if project.id == added]
    main = h.article(".projects")[
        h.h1["Projects"],
        h.p[
            "Where work is done: a folder or a git repo of this machine. What belongs to none is done at a desk, "
            "a folder of the base’s own that is there by itself."
        ],
        h.form(".say", id="add", data_api="/v1/projects", data_then="/projects?added={id}")[
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
        [_fresh(project, await projects.steering(home, project)) for project in fresh],
        [_one(project, balances) for project in listed],
    ]
    return page("Projects", await rail(home, "/projects"), main, stream="/stream")


def _fresh(project: Project, files: Sequence[str]) -> h.Element:
    """What there is to say of it at once. `files`: its own that would steer agents; whether they may, is asked here."""
    asks = bool(files) and project.trusted is None
    more = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
    checks = ", ".join(project.checks) or "none found; say below what shows that work in it is right"
    return h.section(class_=f"block brought {'asks' if asks else 'result'}", aria_label="Brought in")[
        h.h2(".label")["Asks you" if asks else "Brought in"],
        h.div(".body")[
            h.h3(dir="auto")[f"{project.name}, {KINDS[project.kind]}"],
            h.p["What checks each result: ", checks, "."],
            h.p["Of its own it has ", h.code[", ".join(files[:SHOWN]), more], ", which would tell agents what to do."]
            if files
            else h.p["No file of its own would tell agents what to do, so there is nothing to trust."],
            asks and _trust(project),
            h.p[h.a(href="/")["Begin something there"]],
        ],
    ]


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
