"""A project's taste: what was decided in it, to be read, put better, and added to."""

from __future__ import annotations

import htpy as h
from starlette.responses import HTMLResponse

from maquette.actions import decisions, explorations, projects
from maquette.domain.explorations import Decision
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views import definitions
from maquette.web.views.attempts import FACET_WORDS, facets
from maquette.web.views.forms import given, told
from maquette.web.views.frame import page
from maquette.web.views.rail import rail
from maquette.web.views.words import moment

router = routes.pages()


@router.get("/projects/{name}/taste")
async def taste(home: Here, name: str) -> HTMLResponse:
    project = await projects.resolve(home, name)
    here = f"/projects/{project.id}/taste"
    found = await decisions.taste(home, project.id)
    told_ahead = await decisions.foreseen(home, project.id)
    main = h.article(".taste")[
        h.h1[f"What was decided in {project.name}"],
        h.p(".note")["Attempts are told all of this, and cite it by its numbers. Former versions stay in the log."],
        bool(told_ahead)
        and h.ul(".lines", aria_label="How well it foresees your votes")[(h.li[one.says] for one in told_ahead)],
        h.ul(".decisions")[(_decision(one, here) for one in found)],
        not found and h.p(".empty")["Nothing yet: pick an attempt, or say it here."],
        [definitions.card(one) for one in await explorations.every(home, project.id)],
        h.form(".say", data_api="/v1/taste", data_then=here)[
            given("project", project.id),
            h.input(name="reason", required=True, placeholder="What holds here, and why", aria_label="What holds here"),
            facets(),
            h.button["Add it"],
            told(),
        ],
    ]
    return page("Taste", await rail(home, "/projects"), main, stream="/stream")


def _decision(one: Decision, here: str) -> h.Element:
    of = f"/explore/{one.exploration}/attempts/{one.attempt}"
    about = FACET_WORDS[one.facet] if one.facet else "all in all"
    return h.li[
        h.form(".say", data_api=f"/v1/taste/{one.id}", data_method="PATCH", data_then=here)[
            h.input(name="reason", value=one.reason, required=True, aria_label=f"Decision {one.id[-6:]}"),
            h.button["Keep"],
            told(),
        ],
        h.form(data_api=f"/v1/taste/{one.id}", data_method="PATCH", data_then=here)[
            given("withdrawn", True), h.button(".quiet")["It doesn't hold any more"], told()
        ],
        h.small[
            f"{one.id[-6:]} · {about} · by {one.by} · ",
            moment(one.at),
            f" · version {one.version}" if one.version > 1 else "",
            one.exploration and [" · ", h.a(href=of)[f"attempt {one.attempt}"]],
        ],
    ]
