"""What models' answers cost."""

from __future__ import annotations

import htpy as h
from fastapi import APIRouter
from starlette.responses import HTMLResponse

from maquette.actions import costs, threads
from maquette.store.projections.costs import Cost
from maquette.web.api.home import Here
from maquette.web.views.frame import page
from maquette.web.views.rail import rail
from maquette.web.views.words import count, price

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

BY = ("day", "project", "model", "thread")


@router.get("/costs")
async def spent(home: Here, by: str = "day") -> HTMLResponse:
    by = by if by in BY else "day"
    found = await costs.listed(home, by)
    listed = await threads.listed(home, limit=1000) if by == "thread" else []
    titles = {one.id: one.title for one in (*listed, *await threads.family(home, *(one.id for one in listed)))}
    most = max((cost.input + cost.output for cost in found), default=0)
    main = h.article(".costs")[
        h.h1["Costs"],
        h.nav(".by", aria_label="Summed by")[
            (h.a(href=f"/costs?by={one}", aria_current="true" if one == by else None)[f"by {one}"] for one in BY)
        ],
        not found and h.p(".empty")["No model has answered yet, so nothing was spent."],
        bool(found)
        and h.div(".scrolls")[
            h.table[
                h.thead[h.tr[(h.th(scope="col")[name] for name in (by.capitalize(), "Tokens", "Share", "Price"))]],
                h.tbody[
                    (
                        h.tr[
                            h.th(scope="row")[titles.get(cost.key, cost.key)],
                            h.td(".number")[f"{cost.input + cost.output:,}"],
                            h.td[_share(cost.input + cost.output, most)],
                            h.td(".number")[_price(cost)],
                        ]
                        for cost in found
                    )
                ],
            ]
        ],
    ]
    return page("Costs", await rail(home, "/costs"), main, stream="/stream")


def _price(cost: Cost) -> str:
    """What is known of it, and that there is more of which nobody knows."""
    if not cost.unpriced:
        return price(cost.price)
    some = f"{count(cost.unpriced, 'request')} of unknown price"
    return f"{price(cost.price)} and {some}" if cost.price else some


def _share(tokens: int, most: int) -> h.Element:
    return h.meter(min="0", max=str(most or 1), value=str(tokens), aria_label="Share of tokens")
