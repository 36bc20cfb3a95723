"""A map of an exploration's attempts: near is alike. Each picture is a link at its place, and a list says the same."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from math import sqrt

import htpy as h
from starlette.responses import HTMLResponse

from maquette.actions import explorations, groups
from maquette.actions.groups import Alike
from maquette.curation.mapping import Point, spread
from maquette.domain.explorations import Attempt
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views.attempts import back, label, page_of
from maquette.web.views.explorations import ROOM
from maquette.web.views.frame import page
from maquette.web.views.rail import rail
from maquette.web.views.shots import small_address

router = routes.pages()
SHEET: Point = (1200, 760)
COVERED = 0.4
"""How much of the sheet the pictures cover."""
LARGEST = 200
"""A picture's width, of the sheet's 1,200."""


@router.get(f"{ROOM}/{{name}}/map")
async def map_(home: Here, name: str) -> HTMLResponse:
    whole = await explorations.whole(home, name)
    at = whole.exploration
    alike = await groups.alike(home, whole)
    by = {attempt.number: attempt for attempt in whole.attempts}
    on = [by[number] for number, _ in alike.of]
    drawn = await asyncio.to_thread(_drawn, on, alike) if on else h.p(".empty")["Nothing has come of any attempt yet."]
    main = h.article(".gallery-page")[
        h.header(".of")[
            back(at),
            h.h1["Near is alike"],
            h.p(".note")["By what they change, how their checks come out, and how they look."],
        ],
        drawn,
    ]
    return page("Map", await rail(home, ROOM), main, stream="/stream")


def _drawn(on: list[Attempt], alike: Alike) -> h.Node:
    """Both at once: where each comes to lie, and which are near it, is looked for among all pairs."""
    near = [_near(one, alike) for one in on]
    return [
        _sheet(on, alike.places),
        h.section(aria_label="Who is near whom")[h.h2(".why")["Who is near whom"], h.ul(".lines.near")[near]],
    ]


def _sheet(on: list[Attempt], places: Mapping[str, Point]) -> h.Element:
    width = min(sqrt(COVERED * SHEET[0] * SHEET[1] / len(on) * 1.6), LARGEST)
    tile = (width, width / 1.6)
    at = spread(places, SHEET, tile)
    return h.div(".map")[
        h.svg(viewBox=f"0 0 {SHEET[0]:.0f} {SHEET[1]:.0f}", role="group", aria_label="Map of the attempts")[
            [_tile(one, at[str(one.number)], tile) for one in on]
        ]
    ]


def _tile(one: Attempt, middle: Point, tile: Point) -> h.Element:
    x, y = middle[0] - tile[0] / 2, middle[1] - tile[1] / 2
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{tile[0]:.1f}", "height": f"{tile[1]:.1f}"}
    shown = one.evidence.pictures if one.evidence else ()
    mark = h.Element("text")
    return h.a(href=page_of(one), aria_label=label(one), class_=f"tile {one.stage.value}")[
        h.title[label(one)],
        h.Element("rect")(".ground", **place),
        bool(shown and shown[0].blob)
        and h.Element("image")(href=small_address(one), preserveAspectRatio="xMidYMin slice", **place),
        h.Element("rect")(".edge", **place),
        mark(".number", x=f"{x + 5:.1f}", y=f"{y + 17:.1f}")[str(one.number)],
        mark(".stands", x=f"{x + tile[0] - 4:.1f}", y=f"{y + tile[1] - 5:.1f}", text_anchor="end")[one.stage.value],
    ]


def _near(one: Attempt, alike: Alike) -> h.Element:
    near = alike.nearest(one.number)
    return h.li[
        h.a(href=page_of(one))[label(one)],
        h.small["; ".join(f"near {number}: {', '.join(why)}" for number, why in near) if near else "like no other"],
    ]
