"""Everything that was said, found again."""

from __future__ import annotations

import htpy as h
from starlette.responses import HTMLResponse

from maquette.actions import search
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views.frame import page
from maquette.web.views.rail import rail
from maquette.web.views.words import count, moment

router = routes.pages()

MOST = 50
WHO = {"person": "you", "model": "answer", "title": "title"}


@router.get("/search")
async def searching(home: Here, q: str = "") -> HTMLResponse:
    found = await search.search(home, q, limit=MOST) if q.strip() else []
    main = h.article(".search")[
        h.h1["Search"],
        h.form(method="get", action="/search", role="search", class_="say")[
            h.input(
                id="say",
                type="search",
                name="q",
                value=q,
                autofocus=not q,
                aria_label="Search everything said",
                placeholder="Words, or “a phrase”…",
            ),
            h.button(".main")["Search"],
        ],
        q.strip() and h.p(".note", role="status")[count(len(found), "place") if found else f"Nobody said “{q}” here."],
        h.ul(".lines")[
            (
                h.li[
                    h.a(href=f"/threads/{hit.thread}")[hit.title],
                    h.small[WHO[hit.who], " · ", moment(hit.at)],
                    h.p[(h.mark[text] if was else text for text, was in hit.pieces)],
                ]
                for hit in found
            )
        ],
    ]
    return page(f"“{q}”" if q else "Search", await rail(home, "/search"), main, stream="/stream")
