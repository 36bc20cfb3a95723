"""What waits in line in a thread: each message, above the composer, to be changed or taken back until it is begun."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h

from maquette.store.line import InLine
from maquette.web.views.forms import told
from maquette.web.views.words import count

LINE = "line"
_SHOWN, _CHANGED = 500, 20_000
"""Characters of a message that are shown; that may be changed here."""


def name(message: str) -> str:
    """The id of its block."""
    return f"l-{message}"


def in_line(thread: str, waits: Sequence[InLine]) -> h.Element:
    drawn = [waiting(thread, one.id, one.text, one.images) for one in waits]
    return h.section(id=LINE, class_="line", aria_label="In line")[drawn]


def waiting(thread: str, message: str, text: str, images: int) -> h.Element:
    to = f"/v1/threads/{thread}/line/{message}"
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"
    return h.details(id=name(message), class_="waits")[
        h.summary[
            h.b["In line"], " ", h.span(dir="auto")[shown], images > 0 and h.small[f" and {count(images, 'picture')}"]
        ],
        len(text) <= _CHANGED
        and h.form(data_api=to, data_method="PATCH")[
            h.textarea(name="text", rows="2", required=not images, aria_label="What it says")[text],
            h.div(".acts")[h.button["Change"]],
            told(),
        ],
        h.form(data_api=f"{to}/withdraw")[h.button(".quiet")["Take back"], told()],
    ]
