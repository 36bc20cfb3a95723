"""What is seen from outside: how to come in, and nothing else. It needs no script."""

from __future__ import annotations

from urllib.parse import quote

import htpy as h
from starlette.responses import HTMLResponse

from maquette.web.launches import ENTER

STYLE = "/static/style/entrance.css"
MARK = "/static/mark.svg"
SEEN = frozenset({STYLE, MARK})
"""Files that whoever is outside may have."""


def outside(then: str, *, status: int = 401, wrong: str = "") -> HTMLResponse:
    """How to come in. `then`: where that leads; `wrong`: why it didn't."""
    return _page(
        "Come in",
        h.p["In a terminal of this machine, run ", h.code["maquette open"], ". It opens this page, and you are in."],
        h.p["Or run ", h.code["maquette open --print"], " and type the code that it prints:"],
        h.form(method="post", action=ENTER)[
            h.input(type="hidden", name="then", value=then),
            h.input(
                name="code",
                required=True,
                autofocus=True,
                autocomplete="off",
                autocapitalize="characters",
                spellcheck="false",
                aria_label="Code",
                placeholder="XXXX-XXXX-XXXX",
            ),
            h.button["Come in"],
        ],
        h.p(".wrong", role="alert")[wrong],
        status=status,
    )


def entered(then: str) -> HTMLResponse:
    """Leads on from here, not by a redirect: that would still count as coming from where the code did."""
    onward = quote(then, safe="/?=&%-._~:@!$*+,")
    return _page(
        "You are in",
        h.p[h.a(href=onward)["Go on"]],
        onward=h.meta(http_equiv="refresh", content=f"0; url={onward}"),
    )


def elsewhere(then: str) -> HTMLResponse:
    """For a link that was followed from a page of somebody else's."""
    return _page(
        "This came from another page",
        h.p["A page that isn't Maquette's leads here, so nothing was opened yet."],
        h.p[h.a(href=then)["Open it"]],
        status=403,
    )


def _page(title: str, *told: h.Node, status: int = 200, onward: h.Node = None) -> HTMLResponse:
    whole = h.html(lang="en")[
        h.head[
            h.meta(charset="utf-8"),
            h.meta(name="viewport", content="width=device-width, initial-scale=1"),
            onward,
            h.title[f"{title} · Maquette"],
            h.link(rel="icon", href=MARK, type="image/svg+xml"),
            h.link(rel="stylesheet", href=STYLE),
        ],
        h.body[h.main[h.h1[title], told]],
    ]
    return HTMLResponse(str(whole), status)
