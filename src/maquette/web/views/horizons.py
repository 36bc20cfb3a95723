"""What a project does now, next and later: what is near said plainly, what is far in a line."""

from __future__ import annotations

import htpy as h
from starlette.responses import HTMLResponse

from maquette.actions import horizons, projects
from maquette.actions.horizons import Hung, Shown
from maquette.domain.horizons import Aim, Horizon
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views.forms import given, told
from maquette.web.views.frame import page
from maquette.web.views.rail import rail
from maquette.web.views.words import moment

router = routes.pages()
WORDS = {
    Horizon.NOW: ("Now", "Who sees to it, and how it is known to be done."),
    Horizon.NEXT: ("Next", "What comes after, as far as it is known."),
    Horizon.LATER: ("Later", "A line each, without dates and numbers: nobody knows them yet."),
}


@router.get("/projects/{name}/horizons")
async def of_project(home: Here, name: str) -> HTMLResponse:
    project = await projects.resolve(home, name)
    here = f"/projects/{project.id}/horizons"
    found = await horizons.listed(home, project.id)
    main = h.article(".horizons")[
        h.h1[f"Horizons of {project.name}"],
        (
            h.section(aria_label=word)[
                h.h2[word],
                h.p(".note")[means],
                h.ul(".decisions")[(_aim(one, here) for one in found if one.aim.horizon is horizon)],
            ]
            for horizon, (word, means) in WORDS.items()
        ),
        h.form(".say", data_api="/v1/horizons", data_then=here)[
            given("project", project.id),
            h.input(name="text", required=True, placeholder="What is aimed at", aria_label="What is aimed at"),
            _near(Horizon.LATER),
            *_known("", ()),
            h.button["Add it"],
            told(),
        ],
    ]
    return page("Horizons", await rail(home, "/projects"), main, stream="/stream")


def _aim(one: Shown, here: str) -> h.Element:
    aim = one.aim
    return h.li[
        h.form(".say", data_api=f"/v1/horizons/{aim.id}", data_method="PATCH", data_then=here)[
            h.input(name="text", value=aim.text, required=True, dir="auto", aria_label=f"Aim {aim.id[-6:]}"),
            _near(aim.horizon),
            *(_known(aim.owner, aim.checks) if aim.horizon is not Horizon.LATER else ()),
            h.button["Keep"],
            told(),
        ],
        h.form(".say", data_api=f"/v1/horizons/{aim.id}/drop", data_then=here)[
            h.input(name="why", required=True, placeholder="Why not any more", aria_label=f"Why not {aim.id[-6:]}"),
            h.button(".quiet")["Drop it"],
            told(),
        ],
        h.small[_told(aim), " · since ", moment(aim.since)],
        bool(one.hung) and h.ul(".lines")[(h.li[_hung(thing)] for thing in one.hung)],
    ]


def _told(aim: Aim) -> str:
    return f"{aim.id[-6:]} · {aim.owner}" if aim.owner else aim.id[-6:]


def _hung(one: Hung) -> h.Node:
    where = "/explore" if one.kind == "exploration" else "/threads"
    return [h.a(href=f"{where}/{one.id}", dir="auto")[one.told], one.shelved and h.small["on the shelf"]]


def _near(at: Horizon) -> h.Element:
    return h.select(name="horizon", aria_label="How near it is")[
        (h.option(value=one.value, selected=one is at)[word] for one, (word, _) in WORDS.items())
    ]


def _known(owner: str, checks: tuple[str, ...]) -> tuple[h.Element, h.Element]:
    return (
        h.label["who ", h.input(name="owner", value=owner, placeholder="for what is near")],
        h.label[
            "done when ",
            h.textarea(name="checks", rows="2", data_type="lines", placeholder="one a line, for what is near")[
                "\n".join(checks)
            ],
        ],
    )
