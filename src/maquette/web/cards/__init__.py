"""How a page draws what a tool shows: one file a card kind, found by the kind's name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, cast

from htpy import Element

from maquette.domain.cards import Card

Draw = Callable[[Any], Element]


@cache
def _drawing(kind: str) -> Draw:
    return cast("Draw", import_module(f"{__name__}.{kind}").draw)


def draw(card: Card) -> Element:
    return _drawing(card.kind)(card)
