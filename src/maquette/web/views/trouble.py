"""What a person sees where a page can't be shown: the sentence that a program would get, and a way on."""

from __future__ import annotations

import htpy as h
import orjson
from fastapi import Request
from starlette.responses import JSONResponse, Response

from maquette.web.views.frame import page
from maquette.web.views.rail import rail


async def face(request: Request, told: JSONResponse) -> Response:
    if request.url.path.startswith("/v1/") or "text/html" not in request.headers.get("accept", ""):
        return told
    main = h.article[
        h.h1["That didn't work"],
        h.p[orjson.loads(told.body)["detail"]],
        h.p[h.a(href="/")["New work"], " · ", h.a(href="/search")["Search"]],
    ]
    shown = page("That didn't work", await rail(request.app.state.home), main)
    shown.status_code = told.status_code
    return shown
