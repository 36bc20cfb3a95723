"""What somebody said in a thread: their words, and the pictures with them."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h

from maquette.domain.events import MessageSent
from maquette.domain.messages import Image
from maquette.web.cards.image import picture

LONG = 20_000
"""Characters of a message that are shown at once."""


def words(thread: str, event: MessageSent) -> h.Node:
    """What somebody said; of what is very long the beginning, and the rest when it is asked for."""
    rest = len(event.text) - LONG
    if rest <= 0:
        return says(event.text)
    return [
        says(event.text[:LONG]),
        h.Element("load-late")(src=f"/threads/{thread}/said/{event.id}", data_instead="below")[
            h.button(".quiet", type="button")[f"Show the rest, {rest:,} characters"]
        ],
    ]


def says(text: str) -> h.Element:
    return h.p(".text", dir="auto")[text]


def pictures(images: Sequence[Image]) -> h.Node:
    return [picture(image, f"Picture {number}") for number, image in enumerate(images, start=1)]
