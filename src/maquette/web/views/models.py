"""The ways to reach models, and which do what."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h
from starlette.responses import HTMLResponse

from maquette.actions import models, roles
from maquette.settings import APPRENTICE
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views import connecting
from maquette.web.views.forms import told
from maquette.web.views.frame import page
from maquette.web.views.giving import giving
from maquette.web.views.rail import rail

router = routes.pages()


@router.get("/models")
async def connected(home: Here) -> HTMLResponse:
    ways, worker = models.listed(home), await roles.worker(home)
    main = h.article(".models")[
        h.h1["Models"],
        h.p["Threads that name none get ", h.code[worker], "."],
        h.ul(".lines")[(_way(way) for way in sorted(ways, key=lambda way: (not way.ready, way.is_rules)))],
        connecting.form(),
        connecting.look(),
        _test(worker, ways),
        giving(await roles.listed(home), home.settings),
        connecting.by_variables(),
    ]
    return page("Models", await rail(home, "/models"), main, stream="/stream")


@router.get("/models/here")
async def here(home: Here) -> HTMLResponse:
    """Servers on this machine, looked for now: a part of the page, which comes when it is opened."""
    return HTMLResponse(str(await connecting.servers(home)))


def _way(way: models.Way) -> h.Element:
    return h.li[
        h.b[h.code[f"{way.wire}:"]],
        h.span(class_="state good" if way.ready and not way.silent else "state")[_state(way)],
        h.p[way.silent or way.detail],
        way.unused and h.p["What is kept under this name isn't used: the environment of the base goes before it."],
        way.kept
        and h.form(data_api=f"/v1/connections/{way.wire}/forget", data_then="/models", data_sure=_SURE)[
            h.button(".quiet", aria_label=f"Forget {way.wire}")["Forget it, and its key"], told()
        ],
    ]


def _state(way: models.Way) -> str:
    if not way.ready:
        return "not connected"
    return "not answering" if way.silent else "ready"


_SURE = "Forget this connection and its key? Threads that name its models can't go on by them."


def _test(worker: str, ways: Sequence[models.Way]) -> h.Element:
    return h.section[
        h.h2["Test one"],
        h.form(".say", data_api="/v1/models/try", data_tells="said can")[
            h.input(
                name="model",
                list="models",
                required=True,
                autocomplete="off",
                value="" if worker == APPRENTICE else worker,
                placeholder="wire:name, as openai-chat:qwen3-coder",
                aria_label="Model to test",
            ),
            h.datalist(id="models")[(h.option(value=f"{way.wire}:") for way in ways if not way.is_rules)],
            h.button["Test"],
            h.output,
            told(),
        ],
        h.p(".note")[
            "It is asked one short thing, now; where that works, also to call a tool and to look at a picture. "
            "What that costs isn't counted under Costs."
        ],
    ]
