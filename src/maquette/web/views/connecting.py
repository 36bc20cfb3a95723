"""Connecting to a model in place: the form, and servers found on this machine."""

from __future__ import annotations

import htpy as h

from maquette.actions import connections
from maquette.actions.home import Home
from maquette.web.views.forms import given, told

WIRES = (
    ("openai-chat", "OpenAI Chat Completions, as most other servers speak"),
    ("openai", "OpenAI Responses"),
    ("anthropic", "Anthropic Messages"),
)
VARIABLES = (
    ("Anthropic", "anthropic", ("export ANTHROPIC_API_KEY=…",)),
    ("OpenAI", "openai", ("export OPENAI_API_KEY=…",)),
    (
        "A server of your own",
        "openai-chat",
        ("export OPENAI_BASE_URL=http://127.0.0.1:8080/v1", "export MAQUETTE_MODEL=openai-chat:NAME"),
    ),
)
"""What to set for each, by the wire it speaks."""


def form() -> h.Element:
    """The key's field is empty whenever the page comes."""
    return h.section(id="connect")[
        h.h2["Connect one"],
        h.form(".settings", data_api="/v1/connections", data_then="/models")[
            h.label["It speaks", h.select(name="wire")[(h.option(value=wire)[title] for wire, title in WIRES)]],
            h.label[
                "Address (the vendor's own, if you leave it empty)",
                h.input(name="address", type="url", autocomplete="off", placeholder="http://127.0.0.1:8080/v1"),
            ],
            h.label[
                "Key (none, for most servers of your own)",
                h.input(name="key", type="password", autocomplete="off", spellcheck="false"),
            ],
            h.label[
                "Model, as its server calls it",
                h.input(name="model", required=True, autocomplete="off", placeholder="qwen3-coder"),
            ],
            h.label[
                "Call it (empty: as what it speaks)",
                h.input(name="name", autocomplete="off", pattern="[a-z][a-z0-9\\-]*", placeholder="my-server"),
            ],
            h.div(".acts")[
                h.button(".main")["Connect"],
                h.button(data_api="/v1/connections/try", data_tells="said can")["Only try it"],
                h.button(".quiet", name="untested", value="true")["Keep it without asking"],
            ],
            h.output,
            told(),
        ],
        h.p(".note")[
            "The model is asked one short thing first. The key goes to this machine's keyring, or, where it has none "
            "that works, to a sealed file; it is never shown again, and in no log, export or backup."
        ],
    ]


def look() -> h.Element:
    return h.Element("load-late")(src="/models/here")[
        h.details[h.summary["Look for servers on this machine"], h.p(".note")["Looking…"]]
    ]


async def servers(home: Home) -> h.Element:
    found = await connections.found(home)
    places = ", ".join(
        f"{title} ({address.split(':')[2].partition('/')[0]})" for title, _, address in connections.LOCAL
    )
    if not found:
        return h.p(".note")[
            f"None answers at the usual ports: {places}. Start one, load this page anew, and look again."
        ]
    return h.ul(".lines")[(_server(one) for one in found)]


def _server(one: connections.Found) -> h.Element:
    return h.li[
        h.b[one.title],
        h.small[one.address],
        h.p["Connected already, as ", h.code[f"{one.connected}:"], "."]
        if one.connected
        else h.form(".say", data_api="/v1/connections", data_then="/models")[
            given("wire", connections.SPOKEN),
            given("address", one.address),
            given("name", one.name),
            h.select(name="model", aria_label=f"Model of {one.title}")[
                (h.option(value=model)[model] for model in one.models)
            ],
            h.button(".main")["Connect"],
            told(),
        ]
        if one.models
        else h.p["It has no model yet."],
    ]


def by_variables() -> h.Element:
    return h.section[
        h.h2["By variables instead"],
        h.p[
            "What the environment says in which the base was started goes before what is kept here. "
            "In a terminal, type the lines of one of these:"
        ],
        (
            h.details[
                h.summary[name, h.small[f" as {wire}:"]],
                h.pre(tabindex="0", role="group", aria_label=f"What to type for {name}")[
                    "\n".join(("maquette down", *lines, "maquette open"))
                ],
            ]
            for name, wire, lines in VARIABLES
        ),
        h.p(".note")[
            "The first line ends the base; the last starts it with what you set, and what was at work goes on."
        ],
    ]
