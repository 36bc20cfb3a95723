"""Who has come in by a browser, and the ways to put them out: one, all, or the programs that show the token."""

from __future__ import annotations

import htpy as h
from starlette.responses import HTMLResponse

from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.api.sessions import By, Held, list_sessions
from maquette.web.keys import TOKEN
from maquette.web.sessions import UNUSED, Session
from maquette.web.views.forms import told
from maquette.web.views.frame import page
from maquette.web.views.rail import SESSIONS, rail
from maquette.web.views.words import count, moment

router = routes.pages()

BROWSERS = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iOS",
    "iPad": "iOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}
"""What stands in a browser's own description of itself; the first that does counts."""
_ALL = "Log out every browser, this one too? To come in again takes a terminal of this machine."
_RENEW = "Make another token? Programs that show the old one are out until they read the new one."


@router.get(SESSIONS)
async def inside(home: Here, keys: Held, by: By, renewed: bool = False) -> HTMLResponse:
    """`renewed`: the token was, just now."""
    door = await list_sessions(keys, by)
    main = h.article(".sessions")[
        h.h1["Who is in"],
        h.p[f"A browser stays in until it is logged out, or wasn’t used for {UNUSED.days} days."],
        h.ul(".lines")[(_one(session, session.id == door.current) for session in door.sessions)],
        not door.sessions and h.p(".empty")["No browser is in."],
        h.form(data_api="/v1/sessions/end", data_then="/", data_sure=_ALL)[h.button["Log out everywhere"], told()],
        h.section[
            h.h2["Programs"],
            renewed and h.p(".good", role="status")["There is another token now; the old one lets nobody in."],
            h.p["They show the token in ", h.code[str(home.settings.state / TOKEN)], "."],
            h.form(".say", data_api="/v1/token/renew", data_then=f"{SESSIONS}?renewed=true", data_sure=_RENEW)[
                h.button["Make another token"], told()
            ],
        ],
        door.last_wrong
        and h.p(".bad", role="status")[
            f"{count(door.wrong, 'key')} opened nothing since the base began, the last ", moment(door.last_wrong), "."
        ],
    ]
    return page("Who is in", await rail(home, SESSIONS), main, stream="/stream")


def _one(session: Session, here: bool) -> h.Element:
    name = called(session.browser)
    return h.li(".away")[
        h.div(title=session.browser)[
            h.b[name],
            here and h.span(".state.good")[" this one"],
            h.small["last used ", moment(session.seen), " · in since ", moment(session.began)],
        ],
        h.form(data_api=f"/v1/sessions/{session.id}/end", data_then="/" if here else SESSIONS)[
            h.button(aria_label=f"Log out {name}{', this one' if here else ''}")["Log out"], told()
        ],
    ]


def called(browser: str) -> str:
    """In two words, as far as they are known; else as it calls itself."""
    which, on = (next((name for mark, name in known.items() if mark in browser), "") for known in (BROWSERS, SYSTEMS))
    return " on ".join(filter(None, (which, on))) or browser or "a browser that doesn’t say which"
