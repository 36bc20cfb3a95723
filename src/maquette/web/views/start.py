"""Where a person begins: what is to be done, where, and by whom; and what needs them."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h
from fastapi import APIRouter
from starlette.responses import HTMLResponse, StreamingResponse

from maquette.actions import models, projects
from maquette.actions.home import Home
from maquette.domain.projects import Project, ProjectKind
from maquette.settings import APPRENTICE
from maquette.web.api.home import Here
from maquette.web.views.composer import say
from maquette.web.views.forms import told
from maquette.web.views.frame import page
from maquette.web.views.here import Beats
from maquette.web.views.rail import rail
from maquette.web.views.streaming import MEDIA, of_room

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

TRIES = (
    ("Delete the dead code", "Delete the dead code.", "looks for what nobody calls, deletes it, runs the checks"),
    ("Make one spreadsheet", "Make a spreadsheet of the data files.", "CSV, JSON … in a folder become typed sheets"),
    ("What changed here?", "What changed in the last month?", "a digest of a repo's history, with its sources"),
)
"""What the apprentice can do, by rule: a title, what to say, and what comes of it."""


@router.get("/")
async def start(home: Here) -> HTMLResponse:
    known = await projects.listed(home)
    main = h.article(".start")[
        h.h1["What is to be done?"],
        _form(home, known),
        home.settings.model == APPRENTICE and _apprentice(),
    ]
    return page("New work", await rail(home, "/"), main, stream="/stream")


@router.get("/stream")
async def changes(home: Here, pulse: Beats) -> StreamingResponse:
    """Of every page that shows no thread, and has nothing else that changes by itself."""
    return StreamingResponse(of_room(home, pulse), media_type=MEDIA)


def _form(home: Home, known: Sequence[Project]) -> h.Element:
    listed = [wire for wire in models.listed(home) if wire.ready]
    named = sorted({home.settings.model, *(project.model for project in known if project.model)})
    repos = [project for project in known if project.kind is not ProjectKind.DESK]
    return h.form(
        id="composer", class_="composer", data_api="/v1/threads", data_then="/threads/{thread}", data_draft="new"
    )[
        say("What is to be done", "Say it in your own words…", rows=4, autofocus=True),
        h.div(".row")[
            h.label[
                "In ",
                h.select(name="project", aria_label="In which project")[
                    h.option(value="")["a desk, with no project"],
                    (h.option(value=project.id, selected=project is repos[-1])[project.name] for project in repos),
                ],
            ],
            h.label[
                "as ",
                h.select(name="mode", aria_label="How it works there")[
                    h.option(value="")["suits the project"],
                    h.option(value="worktree")["a copy, to be reviewed"],
                    h.option(value="local")["work in place"],
                ],
            ],
            h.label[
                "by ",
                h.input(
                    name="model",
                    list="models",
                    autocomplete="off",
                    placeholder=home.settings.model,
                    aria_label="Model",
                ),
                h.datalist(id="models")[
                    (h.option(value=name) for name in named), (h.option(value=f"{wire.wire}:") for wire in listed)
                ],
            ],
            h.label[
                "up to $",
                h.input(
                    ".sum", name="budget.money", inputmode="decimal", placeholder="no cap", aria_label="Cap in dollars"
                ),
            ],
            h.span(".hint")[h.kbd["Ctrl"], " ", h.kbd["Enter"]],
            h.button(".main")["Begin"],
        ],
        told(),
    ]


def _apprentice() -> h.Element:
    return h.section(".tries")[
        h.h2["No model is connected"],
        h.p[
            "So the apprentice does what it can. It is no language model: it works by rule, and knows "
            "these three tasks. ",
            h.a(href="/models")["Connect a model"],
            " for everything else.",
        ],
        h.ul[
            (
                h.li[h.button(type="button", data_say=says)[h.b[name], h.small[f"By rule: {what}."]]]
                for name, says, what in TRIES
            )
        ],
    ]
