"""Rows of text."""

from __future__ import annotations

import htpy as h

from maquette.domain.cards import TableCard

_MOST = 500
"""Rows that are drawn."""


def draw(card: TableCard) -> h.Element:
    more = len(card.rows) - _MOST
    return h.figure(".table")[
        h.div(".scrolls", tabindex="0", role="group", aria_label="Table")[
            h.table[
                h.thead[h.tr[(h.th(scope="col")[name] for name in card.columns)]],
                h.tbody[(h.tr[(h.td[cell] for cell in row)] for row in card.rows[:_MOST])],
            ]
        ],
        more > 0 and h.p(".note")[f"{more} more rows aren't shown here."],
    ]
