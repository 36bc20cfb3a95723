"""Charts of a few bars. What they show is said in words below them, and as a table in a drawer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import htpy as h

_HIGH, _WIDE, _GAP = 72, 14, 4


@dataclass(frozen=True)
class Bar:
    """`row`: its line of the table, and what it says to who points at it; `kind`: "good", "bad" or nothing."""

    size: float
    row: Sequence[str]
    kind: str = ""


def bars(found: Sequence[Bar], says: str, highest: str, columns: Sequence[str], most: float = 0) -> h.Element:
    """`most`: what the whole height stands for; 0: the largest. `columns` name what is in rows."""
    whole = most or max(bar.size for bar in found) or 1.0
    wide = len(found) * (_WIDE + _GAP)
    rect, drawn = h.Element("rect"), list[h.Element]()
    for number, bar in enumerate(found):
        high = max(2.0, bar.size / whole * (_HIGH - 2))
        x, y = str(number * (_WIDE + _GAP)), f"{_HIGH - high:.1f}"
        box = rect(class_=f"bar {bar.kind}", x=x, y=y, width=str(_WIDE), height=f"{high:.1f}")
        first, *rest = bar.row
        drawn.append(h.Element("g")[h.Element("title")[f"{first}: {', '.join(rest)}"], box])
    says_all = f"{says}; {highest}"
    return h.figure[svg(wide, _HIGH, says_all)[drawn], h.figcaption[says_all], _table(found, says, columns)]


def svg(wide: int, high: int, says: str) -> h.Element:
    """To draw bars on."""
    box, said = f"0 0 {wide} {high}", f"{says}; the table below says the same"
    return h.Element("svg")(class_="bars", viewBox=box, width=str(wide), height=str(high), role="img", aria_label=said)


def _table(found: Sequence[Bar], says: str, columns: Sequence[str]) -> h.Element:
    """The latest first."""
    return h.details[
        h.summary["As a table"],
        h.div(".scrolls", tabindex="0", role="region", aria_label=says)[
            h.table[
                h.thead[h.tr[(h.th(scope="col")[name] for name in columns)]],
                h.tbody[
                    (
                        h.tr[h.th(scope="row")[bar.row[0]], (h.td[cell] for cell in bar.row[1:])]
                        for bar in reversed(found)
                    )
                ],
            ]
        ],
    ]
