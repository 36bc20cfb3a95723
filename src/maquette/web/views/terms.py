"""Which model goes on with a thread, and what it may spend: brought into a dialog on its page when that is opened."""

from __future__ import annotations

import htpy as h
from starlette.responses import HTMLResponse

from maquette.actions import budgets, models, threads
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views.budgets import caps
from maquette.web.views.forms import told

router = routes.pages()


@router.get("/threads/{name}/terms")
async def terms(home: Here, name: str) -> HTMLResponse:
    at = await threads.find(home, name)
    here = f"/threads/{at.id}"
    ways = [way.wire for way in models.listed(home) if way.ready]
    drawn = h.fragment[
        h.form(".settings", data_api=f"/v1{here}", data_method="PATCH")[
            h.label[
                "Its model, from the next turn on",
                h.input(name="model", list="models", required=True, autocomplete="off", value=at.model),
            ],
            h.datalist(id="models")[(h.option(value=f"{wire}:") for wire in ways)],
            h.button(".main")["Keep this model"],
            told(),
        ],
        caps(await budgets.listed(home, at.id), at.id, ("thread", "day"), here, thread=at.id),
        h.form(method="dialog")[h.button["Close"]],
    ]
    return HTMLResponse(str(drawn))
