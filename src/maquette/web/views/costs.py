"""What models' answers cost, drawn and as a table; and what they may."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h
from starlette.responses import HTMLResponse

from maquette.actions import budgets as caps_of
from maquette.actions import costs, threads
from maquette.domain.projects import BASE
from maquette.store.projections.costs import Cost
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views import budgets, charts
from maquette.web.views.frame import page
from maquette.web.views.rail import rail
from maquette.web.views.words import count, price

router = routes.pages()

BY = ("day", "project", "model", "thread")
COLUMNS = ("Requests", "Tokens read", "of which from the cache", "Tokens written", "Price")
BARS = 30
"""Days, or whatever costs are summed by, that are drawn: the latest, or the largest."""
_WIDE, _HIGH, _GAP = 24, 120, 4


@router.get("/costs")
async def spent(home: Here, by: str = "day") -> HTMLResponse:
    by = by if by in BY else "day"
    found = await costs.listed(home, by)
    if by == "day":
        found.reverse()
    else:
        found.sort(key=lambda cost: (cost.price, _tokens(cost)), reverse=True)
    listed = await threads.listed(home, limit=1000) if by == "thread" else []
    titles = {one.id: one.title for one in (*listed, *await threads.family(home, *(one.id for one in listed)))}
    main = h.article(".costs")[
        h.h1["Costs"],
        h.nav(".by", aria_label="Summed by")[
            (h.a(href=f"/costs?by={one}", aria_current="true" if one == by else None)[f"by {one}"] for one in BY)
        ],
        not found and h.p(".empty")["No model has answered yet, so nothing was spent."],
        bool(found) and [_chart(found[:BARS], by, titles), _table(found, by, titles)],
        h.section(".block", id="caps", aria_label="Caps")[
            h.h2(".label")["Caps"],
            h.div(".body")[
                h.p(".note")[
                    "Asked before each request, by what it is expected to take. Where one is reached, the model says "
                    "where it stands, and the turn ends. Requests of unknown price count for tokens, not for dollars."
                ],
                budgets.caps(await caps_of.listed(home), BASE, ("day", "thread", "turn"), f"/costs?by={by}"),
            ],
        ],
    ]
    return page("Costs", await rail(home, "/costs"), main, stream="/stream")


def _chart(found: Sequence[Cost], by: str, titles: dict[str, str]) -> h.Element:
    """A bar each: in dollars where all prices are known, else in tokens; what came from the cache is lighter."""
    priced = not any(cost.unpriced for cost in found) and any(cost.price for cost in found)
    bars = list(reversed(found)) if by == "day" else found
    sizes = [float(cost.price) if priced else float(_tokens(cost)) for cost in bars]
    most = max(sizes) or 1.0
    wide = len(bars) * (_WIDE + _GAP)
    unit = "Dollars" if priced else "Tokens"
    highest = price(max(cost.price for cost in bars)) if priced else f"{most:,.0f}"
    return h.figure[
        charts.svg(wide, _HIGH, f"{unit} by {by}")[
            (
                _bar(number, cost, size / most, titles)
                for number, (cost, size) in enumerate(zip(bars, sizes, strict=True))
            )
        ],
        h.figcaption[f"{unit} by {by}; lighter: from the cache; the highest is {highest}"],
    ]


def _bar(number: int, cost: Cost, share: float, titles: dict[str, str]) -> h.Element:
    high = max(1.0, share * (_HIGH - 2))
    light = high * cost.cached / (_tokens(cost) or 1)
    x = number * (_WIDE + _GAP)
    rect = h.Element("rect")
    said = f"{titles.get(cost.key, cost.key)}: {_price(cost)}, {_tokens(cost):,} tokens"
    return h.Element("g")[
        h.Element("title")[said],
        rect(x=str(x), y=f"{_HIGH - high:.1f}", width=str(_WIDE), height=f"{high:.1f}", class_="bar"),
        rect(x=str(x), y=f"{_HIGH - light:.1f}", width=str(_WIDE), height=f"{light:.1f}", class_="bar cached"),
    ]


def _table(found: Sequence[Cost], by: str, titles: dict[str, str]) -> h.Element:
    return h.div(".scrolls", tabindex="0", role="group", aria_label=f"Costs by {by}")[
        h.table[
            h.thead[h.tr[(h.th(scope="col")[name] for name in (by.capitalize(), *COLUMNS))]],
            h.tbody[
                (
                    h.tr[
                        h.th(scope="row")[titles.get(cost.key, cost.key)],
                        (h.td(".number")[f"{n:,}"] for n in (cost.requests, cost.input, cost.cached, cost.output)),
                        h.td(".number")[_price(cost)],
                    ]
                    for cost in found
                )
            ],
        ]
    ]


def _tokens(cost: Cost) -> int:
    return cost.input + cost.output


def _price(cost: Cost) -> str:
    """What is known of it, that there is more of which nobody knows, and what nobody counted."""
    some = f"{count(cost.unpriced, 'request')} of unknown price" if cost.unpriced else ""
    known = price(cost.price) if cost.price or not some else ""
    guessed = f" (of {count(cost.estimated, 'request')} the tokens are estimated)" if cost.estimated else ""
    return " and ".join(filter(None, (known, some))) + guessed
