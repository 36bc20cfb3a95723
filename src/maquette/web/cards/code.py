"""A piece of a file."""

from __future__ import annotations

from pathlib import PurePosixPath

import htpy as h

from maquette.domain.cards import CodeCard


def draw(card: CodeCard) -> h.Element:
    last = card.first_line + card.text.count("\n")
    where = f"{card.path}, lines {card.first_line} to {last}"
    return h.figure(".code")[
        h.figcaption[where], h.pre(tabindex="0", role="group", aria_label=where)[coloured(card.path)[h.code[card.text]]]
    ]


def coloured(path: str, **attributes: str) -> h.Element:
    """For the code within: the element of that name colours it as what the file's name says it is."""
    name = PurePosixPath(path)
    return h.Element("code-colours")(data_language=(name.suffix[1:] or name.name).lower(), **attributes)
