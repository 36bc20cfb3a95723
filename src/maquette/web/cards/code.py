"""A piece of a file."""

from __future__ import annotations

import htpy as h

from maquette.domain.cards import CodeCard


def draw(card: CodeCard) -> h.Element:
    last = card.first_line + card.text.count("\n")
    where = f"{card.path}, lines {card.first_line} to {last}"
    return h.figure(".code")[h.figcaption[where], h.pre(tabindex="0", aria_label=where)[h.code[card.text]]]
