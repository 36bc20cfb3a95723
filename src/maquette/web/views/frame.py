"""The frame around every page: the rail at its side, the page's own part, and what keys do."""

from __future__ import annotations

import htpy as h
from starlette.responses import HTMLResponse

from maquette.domain.projects import Project, ProjectKind
from maquette.web.statics import static

Keys = tuple[tuple[str, str], ...]
"""Each with what it does."""
KEYS: Keys = (
    ("j  k", "next, previous thread"),
    ("e", "say something here"),
    ("a", "what asks you"),
    ("s  g", "Stop, Go on"),
    ("m  l  d", "Merge, Keep for later, Discard; Enter presses what a letter brings you to"),
    ("y  p  o", "Fork, Pin, Reopen"),
    ("r  t", "rename this thread, its model and caps"),
    ("c", "copy the code that has the keyboard"),
    ("End", "to the end of the thread"),
)
"""Of every page that has none of its own."""


SETTINGS = (
    ("/models#connect", "Connect a model"),
    ("/models#roles", "Who does what"),
    ("/costs#caps", "What all may spend"),
    ("/projects#add", "Add a project"),
    ("/inbox#notices", "Notices and quiet hours"),
    ("/away", "What was put away"),
    ("/sessions", "Who is in: log out everywhere, another token"),
)
"""Where something is set."""


def page(
    title: str, rail: h.Node, main: h.Node, *, of: Project | None = None, stream: str = "", keys: Keys = KEYS
) -> HTMLResponse:
    """`of`: the project that all of it is about. `stream`: where what changes on the page comes from. `keys`: what they
    do on this page alone.
    """
    whole = h.html(faced(of), lang="en", data_face=usual(of))[
        h.head[
            h.meta(charset="utf-8"),
            h.meta(name="viewport", content="width=device-width, initial-scale=1"),
            h.title[f"{title} · Maquette"],
            h.link(rel="icon", href=static("mark.svg"), type="image/svg+xml"),
            h.link(rel="stylesheet", href=static("style/page.css")),
            h.script(src=static("elements/first.js")),
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
            h.dialog(id="palette", aria_label="Do, or go to")[
                h.input(type="text", placeholder="Do, or go to…", aria_label="Do, or go to", autocomplete="off"),
                h.ul(".places")[(h.li[h.a(href=path)[name]] for path, name in SETTINGS)],
            ],
        ],
    ]
    return HTMLResponse(str(whole))


def usual(of: Project | None) -> str:
    """The face that is shown where nobody has chosen one: who works at a desk needn't read code."""
    return "plain" if of and of.kind is ProjectKind.DESK else "detail"


def faced(of: Project | None) -> dict[str, str]:
    """Of an element that shows the face which was chosen for a project."""
    return {"data-project": of.id if of else "", "data-usual": usual(of)}


def _keys(own: Keys) -> h.Element:
    rows = (
        ("Ctrl K", "do anything, go anywhere"),
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
        h.h2(id="keys-title", tabindex="-1", autofocus=True)["Keys"],
        h.dl[(h.div[h.dt[(h.kbd[key] for key in keys.split())], h.dd[what]] for keys, what in rows)],
        h.form(method="dialog")[h.button["Close"]],
    ]
