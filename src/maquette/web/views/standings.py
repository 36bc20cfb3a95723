"""What the votes come to: each attempt's strength with its interval; joined, by one facet, or by one who votes."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import htpy as h
from starlette.responses import HTMLResponse

from maquette.actions import explorations, votes
from maquette.actions.votes import Rank, Standing
from maquette.curation.judges import agreement
from maquette.domain.errors import Refused
from maquette.domain.explorations import Exploration
from maquette.domain.votes import FACETS, Facet, Judge, Vote
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views.attempts import FACET_WORDS, back
from maquette.web.views.explorations import ROOM
from maquette.web.views.frame import page
from maquette.web.views.rail import rail
from maquette.web.views.words import count

router = routes.pages()
COLUMNS = ("place", "attempt", "strength, 95 %", "votes", "so far")
WIDE = 200
"""Of the interval's picture."""


@router.get(f"{ROOM}/{{name}}/standing")
async def standing(home: Here, name: str, facet: Facet | None = None, judge: str | None = None) -> HTMLResponse:
    whole = await explorations.whole(home, name)
    at = whole.exploration
    try:
        stands = await votes.stands(whole, facet=facet, judge=judge)
    except Refused as refused:
        return page("Standing", await rail(home, ROOM), h.article[back(at), h.p(".empty")[str(refused)]])
    cast = [vote for vote in whole.votes if facet in (None, vote.facet) and judge in (None, vote.judge.name)]
    main = h.article(".gallery-page")[
        h.header(".of")[back(at), h.h1["What the votes say"], h.p(".note", role="status")[_says(stands, cast)]],
        h.nav(".sorts", aria_label="By whom, about what")[
            h.span["About ", (_choice(at, one, judge, facet) for one in (None, *FACETS))],
            h.span["By ", (_judge(at, one, facet, judge) for one in (None, *_judges(whole.votes)))],
            h.a(".button", href=f"{ROOM}/{at.id}/compare", data_key="c")["Compare two"],
        ],
        [h.p(".note")[f"{one.name}, a model, {agreement(one, whole.votes)}."] for one in _models(whole.votes)],
        _table(at, stands),
    ]
    return page("Standing", await rail(home, ROOM), main, stream="/stream")


def _says(stands: Standing, cast: Sequence[Vote]) -> str:
    return f"{stands.says} {count(len(cast), 'vote')}." if cast else "Nobody has voted on this yet."


def _judges(cast: Sequence[Vote]) -> list[Judge]:
    return [*dict.fromkeys(vote.judge for vote in cast)]


def _models(cast: Sequence[Vote]) -> list[Judge]:
    return [one for one in _judges(cast) if one.kind == "model"]


def _address(at: Exploration, facet: Facet | None, judge: str | None) -> str:
    given = {name: value for name, value in (("facet", facet), ("judge", judge)) if value}
    return f"{ROOM}/{at.id}/standing" + (f"?{urlencode(given)}" if given else "")


def _choice(at: Exploration, one: Facet | None, judge: str | None, here: Facet | None) -> h.Element:
    word = FACET_WORDS[one] if one else "all"
    return h.a(href=_address(at, one, judge), aria_current="true" if one == here else None)[word]


def _judge(at: Exploration, one: Judge | None, facet: Facet | None, here: str | None) -> h.Element:
    name = one.name if one else None
    return h.a(href=_address(at, facet, name), aria_current="true" if name == here else None)[name or "all together"]


def _table(at: Exploration, stands: Standing) -> h.Element:
    low = min(rank.low for rank in stands.ranks)
    span = max(max(rank.high for rank in stands.ranks) - low, 1e-6)
    best = {stands.ranks[0].attempt, *stands.as_good} if stands.sure else set[int]()
    return h.div(".scrolls", tabindex="0", role="group", aria_label="Ranking")[
        h.table(".strengths")[
            h.thead[h.tr[(h.th(scope="col")[word] for word in COLUMNS)]],
            h.tbody[
                (
                    h.tr[
                        h.td[str(place) if rank.votes else ""],
                        h.th(scope="row")[h.a(href=f"{ROOM}/{at.id}/attempts/{rank.attempt}")[f"{rank.attempt}"]],
                        h.td[_interval(rank, low, span)],
                        h.td[f"{rank.votes:g}"],
                        h.td[_word(rank, best, stands)],
                    ]
                    for place, rank in enumerate(stands.ranks, 1)
                )
            ],
        ]
    ]


def _word(rank: Rank, best: set[int], stands: Standing) -> str:
    if rank.attempt in best:
        return "best" if rank.attempt == stands.ranks[0].attempt else "as good"
    return "may still be better" if rank.attempt in stands.open and not stands.sure else ""


def _interval(rank: Rank, low: float, span: float) -> h.Element:
    def at(value: float) -> str:
        return f"{6 + (value - low) / span * (WIDE - 12):.1f}"

    told = f"{rank.strength:+.2f}, {rank.low:+.2f} to {rank.high:+.2f}"
    return h.svg(".interval", viewBox=f"0 0 {WIDE} 14", role="img", aria_label=told)[
        h.title[told],
        h.Element("line")(x1=at(rank.low), x2=at(rank.high), y1="7", y2="7"),
        h.Element("circle")(cx=at(rank.strength), cy="7", r="4"),
    ]
