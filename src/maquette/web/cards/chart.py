"""Numbers as bars from one line, each with its name and its number: a table that can also be seen."""

from __future__ import annotations

import htpy as h

from maquette.domain.cards import ChartCard


def draw(card: ChartCard) -> h.Element:
    numbers = [number for _, number in card.bars]
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    return h.figure(".chart")[
        h.figcaption[h.b(dir="auto")[card.title], card.unit],
        h.table[
            h.tbody[
                (
                    h.tr[
                        h.th(scope="row", dir="auto")[name],
                        h.td[_bar(number, low, high)],
                        h.td(".number")[_said(number)],
                    ]
                    for name, number in card.bars
                )
            ]
        ],
    ]


def _bar(number: float, low: float, high: float) -> h.Element:
    share = 100 / ((high - low) or 1)
    box = h.Element("rect")(
        class_="bar", x=f"{(min(number, 0) - low) * share:.1f}", y="0", width=f"{abs(number) * share:.1f}", height="10"
    )
    return h.Element("svg")(viewBox="0 0 100 10", preserveAspectRatio="none", aria_hidden="true")[box]


def _said(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:,.6g}"
