"""How sizes, spans, prices and moments are said."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import htpy as h


def count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def span(seconds: float) -> str:
    """As exact as anybody wants it: 4.2 s, 42 s, 1.5 min, 42 min, 1 h 20 min."""
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes = seconds / 60
    if minutes < 59.5:
        return f"{minutes:.1f}".removesuffix(".0") + " min" if minutes < 9.95 else f"{minutes:.0f} min"
    hours, rest = divmod(round(minutes), 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def price(dollars: Decimal | None, rules: bool = False) -> str:
    """None: nobody knows it."""
    if rules and not dollars:
        return "no cost"
    if dollars is None:
        return "price not known"
    if 0 < dollars < Decimal("0.0001"):
        return "under $0.0001"
    return f"${dollars:.2f}" if dollars >= Decimal("0.1") or not dollars else f"${dollars:.4f}".rstrip("0")


def moment(at: datetime, *, day: bool = False) -> h.Element:
    """Said in the reader's own time and words by the element of that name; with its `day` also where that is today."""
    stamp = at.isoformat(timespec="seconds")
    return h.Element("time-said")(data_day=day)[h.time(datetime=stamp)[f"{at:%d %b %Y, %H:%M} UTC"]]
