"""The ways to reach models, and what is missing for one."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h
from fastapi import APIRouter
from starlette.responses import HTMLResponse

from maquette.actions import models
from maquette.actions.home import Home
from maquette.settings import APPRENTICE
from maquette.web.api.home import Here
from maquette.web.views.forms import told
from maquette.web.views.frame import page
from maquette.web.views.rail import rail

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


CONNECT = (
    ("Anthropic", "anthropic", ("export ANTHROPIC_API_KEY=…",)),
    ("OpenAI", "openai", ("export OPENAI_API_KEY=…",)),
    (
        "A server of your own",
        "openai-chat",
        ("export OPENAI_BASE_URL=http://127.0.0.1:8080/v1", "export MAQUETTE_MODEL=openai-chat:NAME"),
    ),
)
"""What to set for each, by the wire it speaks."""


@router.get("/models")
async def connected(home: Here) -> HTMLResponse:
    wires = models.listed(home)
    main = h.article(".models")[
        h.h1["Models"],
        h.p["Threads that name none get ", h.code[home.settings.model], "."],
        h.ul(".lines")[(_wire(wire) for wire in wires)],
        _test(home, wires),
        _connect(),
    ]
    return page("Models", await rail(home, "/models"), main, stream="/stream")


def _wire(wire: models.Wire) -> h.Element:
    return h.li[
        h.b[h.code[f"{wire.wire}:"]],
        h.span(class_="state good" if wire.ready else "state")["ready" if wire.ready else "not connected"],
        h.p[wire.silent or wire.detail],
    ]


def _test(home: Home, wires: Sequence[models.Wire]) -> h.Element:
    return h.section[
        h.h2["Test one"],
        h.form(".say", data_api="/v1/models/try", data_tells="said")[
            h.input(
                name="model",
                list="models",
                required=True,
                autocomplete="off",
                value="" if home.settings.model == APPRENTICE else home.settings.model,
                placeholder="wire:name, as openai-chat:qwen3-coder",
                aria_label="Model to test",
            ),
            h.datalist(id="models")[(h.option(value=f"{wire.wire}:") for wire in wires if not wire.is_rules)],
            h.button["Test"],
            h.output,
            told(),
        ],
        h.p(".note")["It is asked one short thing, now. What that costs isn't counted under Costs."],
    ]


def _connect() -> h.Element:
    return h.section[
        h.h2["Connect one"],
        h.p[
            "Keys are read from the environment that the base is started in. They are kept nowhere else, and never "
            "shown; so there is no field for one here. In a terminal, type the lines of one of these:"
        ],
        (
            h.details[
                h.summary[name, h.small[f" as {wire}:"]],
                h.pre(tabindex="0", aria_label=f"What to type for {name}")[
                    "\n".join(("maquette down", *lines, "maquette open"))
                ],
            ]
            for name, wire, lines in CONNECT
        ),
        h.p(".note")[
            "The first line ends the base; the last starts it with what you set, and what was at work goes on. ",
            "Then test it here.",
        ],
    ]
