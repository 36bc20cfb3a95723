"""A project's baby version: what it is, how far it has drifted from the real one, and the way to have one made."""

from __future__ import annotations

import htpy as h
from starlette.responses import HTMLResponse

from maquette.actions import babies, projects
from maquette.actions.babies import Drifted
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views.forms import given, told
from maquette.web.views.frame import page
from maquette.web.views.rail import rail
from maquette.web.views.words import count

router = routes.pages()


@router.get("/projects/{name}/baby")
async def baby(home: Here, name: str) -> HTMLResponse:
    project = await projects.resolve(home, name)
    found = await babies.drifted(home, project.id) if project.baby else None
    main = h.article(".baby")[
        h.h1[f"The baby version of {project.name}"],
        h.p(".note")["A small one that behaves as the real one does where it matters: prototypes begin with it."],
        _drifted(found) if found else h.p(".empty")["There is none yet."],
        h.form(".say", data_api="/v1/babies", data_then="/threads/{thread}")[
            given("project", project.id),
            h.label[
                "Keep, with all they lead to ",
                h.textarea(name="keep", rows="3", required=True, data_type="lines", placeholder="one file a line"),
            ],
            h.button[f"Make {'another' if found else 'one'}"],
            told(),
        ],
        h.form(".say", data_api="/v1/babies/taken", data_then=f"/projects/{project.id}/baby")[
            h.input(name="thread", required=True, placeholder="the thread that made it", aria_label="Thread"),
            h.button["Take what it made"],
            told(),
        ],
    ]
    return page("Baby version", await rail(home, "/projects"), main, stream="/stream")


def _drifted(found: Drifted) -> h.Element:
    of = found.baby
    rows = (
        ("holds", f"{of.files} of {count(of.of_files, 'file')}, {of.lines:,} of {count(of.of_lines, 'line')}"),
        ("drift", found.says),
        ("changed there", ", ".join(found.changed)),
        ("gone there", ", ".join(found.gone)),
        ("otherwise from the start", ", ".join(found.own)),
    )
    return h.dl(".facts")[(h.div[h.dt[name], h.dd(dir="auto")[said]] for name, said in rows if said)]
