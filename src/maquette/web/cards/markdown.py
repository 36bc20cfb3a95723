"""Prose."""

from __future__ import annotations

import htpy as h

from maquette.domain.cards import MarkdownCard


def draw(card: MarkdownCard) -> h.Element:
    return prose(card.text)


def prose(text: str, **attributes: str) -> h.Element:
    """Markdown: as it stands until the element of that name has made it into marked-up text."""
    return h.Element("mark-down")(class_="prose", **attributes)[text]
