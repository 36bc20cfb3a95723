"""A brief over time: how far each model got with it, and every launch of each idea."""

from __future__ import annotations

import htpy as h
from starlette.responses import HTMLResponse

from maquette.actions import launches
from maquette.actions.launches import History
from maquette.curation.launches import Idea, Launch
from maquette.domain.inert import inert
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views.charts import Bar, bars
from maquette.web.views.frame import page
from maquette.web.views.rail import rail
from maquette.web.views.words import count, moment

router = routes.pages()


@router.get("/explore/{name}/history")
async def history(home: Here, name: str) -> HTMLResponse:
    found = await launches.history(home, name)
    main = h.article(".launches")[
        h.header(".of")[
            h.p[h.a(href=f"/explore/{name}")["Back to the gallery"]], h.h1(dir="auto")[inert(found.question)]
        ],
        _models(found),
        [_idea(one) for one in found.ideas],
        not found.ideas and h.p(".empty")["No agent has attempted it yet."],
    ]
    return page("Over time", await rail(home, "/explore"), main, stream="/stream")


def _models(found: History) -> h.Node:
    if not found.models:
        return None
    told = [Bar(one.mean, (one.model, f"{one.mean:.0%}", f"{one.best:.0%}", str(one.launches))) for one in found.models]
    names = ("Model", "Checks that pass", "In the best", "Launches")
    return h.section(aria_label="Models over time")[
        bars(told, "Checks that pass, by model, the first that tried it first", "up to 100 %", names, 1.0),
    ]


def _idea(idea: Idea) -> h.Element:
    name = inert(idea.approach) or "As it is"
    return h.section(aria_label=name)[
        h.h2(dir="auto")[name],
        h.p(".note")[count(len(idea.launches), "launch", "launches")],
        h.ul(".lines")[(h.li[_launch(one)] for one in idea.launches)],
    ]


def _launch(one: Launch) -> h.Node:
    passed = (
        "not known yet" if one.passed is None else f"{one.passed} of {count(one.checks, 'check passes', 'checks pass')}"
    )
    return [
        h.a(href=f"/explore/{one.exploration}/attempts/{one.attempt}")[f"attempt {one.attempt}"],
        h.small[f"{one.model} · {passed}{' · on the shelf' if one.shelved else ''} · ", moment(one.at)],
    ]
