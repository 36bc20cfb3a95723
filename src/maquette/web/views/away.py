"""What was put away, kept for later or discarded, and the way back: right after it, and later."""

from __future__ import annotations

from collections.abc import Iterable

import htpy as h
from starlette.responses import HTMLResponse, StreamingResponse

from maquette.actions import projects, reviews
from maquette.actions.home import Home
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views.forms import told
from maquette.web.views.frame import page
from maquette.web.views.here import Beats
from maquette.web.views.rail import AWAY, rail, standing
from maquette.web.views.streaming import of_room
from maquette.web.views.words import moment

router = routes.pages()


@router.get(AWAY)
async def away(home: Here) -> HTMLResponse:
    return page("Put away", await rail(home, AWAY), await _contents(home), stream=f"{AWAY}/stream")


@router.get(f"{AWAY}/stream")
async def changes(home: Here, pulse: Beats) -> StreamingResponse:
    return of_room(home, pulse, "away", lambda: _contents(home))


async def _contents(home: Home) -> h.Element:
    found = await reviews.away(home)
    named = {project.id: project.name for project in await projects.listed(home)}
    kept, discarded = ([one for one in found if one.removed is removed] for removed in (False, True))
    return h.article(id="away", class_="inbox")[
        h.h1["Put away"],
        not found and h.p(".empty")["Nothing is put away. What you keep for later or discard is found here again."],
        kept != [] and h.fragment[h.h2["Kept for later"], _lines(kept, named)],
        discarded != []
        and h.fragment[
            h.h2["Discarded"],
            h.p(".note")["Their copies were removed; reopened, each has all again that was in it."],
            _lines(discarded, named),
        ],
    ]


def _lines(found: Iterable[reviews.Away], named: dict[str, str]) -> h.Element:
    return h.ul(".lines")[
        (
            h.li(".away")[
                h.div[
                    h.a(href=f"/threads/{one.thread.id}", dir="auto")[one.thread.title],
                    h.small[
                        named.get(one.thread.project, ""),
                        " · ",
                        standing(one.thread),
                        " · ",
                        moment(one.thread.changed),
                    ],
                ],
                reopening(one.thread.id, "Reopen"),
            ]
            for one in found
        )
    ]


def notice(of: reviews.Away) -> h.Element:
    """Right after it was put away."""
    return h.aside(".undo", role="status")[
        h.p["Discarded: " if of.removed else "Kept for later: ", h.b(dir="auto")[of.thread.title]],
        reopening(of.thread.id, "Undo"),
    ]


def reopening(thread: str, says: str, command: str | None = None) -> h.Element:
    to = f"/v1/threads/{thread}/reopen"
    return h.form(data_api=to, data_then=f"/threads/{thread}", data_command=command)[
        h.button(class_="quiet" if command else "")[says], told()
    ]
