"""The frame around every page: the rail at its side, the page's own part, and what keys do."""

from __future__ import annotations

import htpy as h
from starlette.responses import HTMLResponse

from maquette.web.statics import static

_STYLES = ("tokens", "frame", "sheet", "cards", "inbox", "automations", "explore")


Keys = tuple[tuple[str, str], ...]
"""Each with what it does."""
KEYS: Keys = (
    ("j  k", "next, previous thread"),
    ("e", "say something here"),
    ("r", "rename this thread"),
)
"""Of every page that has none of its own."""


def page(
    title: str, rail: h.Node, main: h.Node, *, face: str = "detail", stream: str = "", keys: Keys = KEYS
) -> HTMLResponse:
    """`stream`: where what changes on the page comes from. `keys`: what they do on this page alone."""
    whole = h.html(lang="en", data_face=face)[
        h.head[
            h.meta(charset="utf-8"),
            h.meta(name="viewport", content="width=device-width, initial-scale=1"),
            h.title[f"{title} · Maquette"],
            h.link(rel="icon", href=static("mark.svg"), type="image/svg+xml"),
            (h.link(rel="stylesheet", href=static(f"style/{name}.css")) for name in _STYLES),
            h.script(src=static("elements/early.js")),
            h.script(type="module", src=static("elements/page.js")),
        ],
        h.body[
            h.a(".skip", href="#main")["To the page"],
            h.Element("live-page")(data_stream=stream)[
                rail,
                h.main(id="main", tabindex="-1")[
                    h.p(id="standing", role="status", class_="standing", hidden=True), main
                ],
            ],
            _keys(keys),
            h.dialog(id="palette", aria_label="Go to")[
                h.input(type="text", placeholder="Go to…", aria_label="Go to", autocomplete="off"), h.ul(".places")
            ],
        ],
    ]
    return HTMLResponse(str(whole))


def _keys(own: Keys) -> h.Element:
    rows = (
        ("Ctrl K", "go anywhere"),
        ("n", "new work"),
        ("x", "explorations: mark one to be compared; of two: neither"),
        ("←  →", "explorations: from picture to picture; of two: the better one"),
        ("c  v  m  t", "explorations: compare two, the votes, the map, take from many into one"),
        ("p  d", "of attempts: play the film, of two: how they differ"),
        ("i", "inbox"),
        ("/", "search, when nothing is being written"),
        *own,
        ("@", "while writing: name a file or a thread"),
        ("/", "as the first of a message: do something, or take a skill"),
        ("f", "plain or detail"),
        ("Esc", "leave a field, close this"),
        ("?", "these keys"),
    )
    return h.dialog(id="keys", aria_labelledby="keys-title")[
        h.h2(id="keys-title")["Keys"],
        h.dl[(h.div[h.dt[(h.kbd[key] for key in keys.split())], h.dd[what]] for keys, what in rows)],
        h.form(method="dialog")[h.button["Close"]],
    ]
