"""The ways to reach models, and what is missing for one."""

from __future__ import annotations

import htpy as h
from fastapi import APIRouter
from starlette.responses import HTMLResponse

from maquette.actions import models
from maquette.web.api.home import Here
from maquette.web.views.frame import page
from maquette.web.views.rail import rail

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/models")
async def connected(home: Here) -> HTMLResponse:
    main = h.article(".models")[
        h.h1["Models"],
        h.p["Threads that name none get ", h.code[home.settings.model], "."],
        h.ul(".lines")[
            (
                h.li[
                    h.b[h.code[f"{wire.wire}:"]],
                    h.span(class_="state good" if wire.ready else "state")["ready" if wire.ready else "not connected"],
                    h.p[wire.silent or wire.detail],
                ]
                for wire in models.listed(home)
            )
        ],
        h.p(".note")[
            "Keys are read from the environment that the base is started in, and never shown. Set one, end the base (",
            h.code["maquette down"],
            "), and the next command starts it with that.",
        ],
    ]
    return page("Models", await rail(home, "/models"), main, stream="/stream")
