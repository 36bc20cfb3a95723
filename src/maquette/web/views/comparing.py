"""Two attempts side by side: pictures under a slider, films in step, what is known of them; and a vote."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h
from starlette.responses import HTMLResponse

from maquette.actions import attempts, explorations, votes
from maquette.domain.errors import Refused
from maquette.domain.explorations import Attempt, Exploration
from maquette.domain.inert import inert
from maquette.domain.votes import Vote
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.cards import diff
from maquette.web.views import attempts as drawing
from maquette.web.views.explorations import ROOM, standing
from maquette.web.views.forms import given, told
from maquette.web.views.frame import page
from maquette.web.views.rail import rail
from maquette.web.views.shots import films, picture

router = routes.pages()
SAID = {"left": "{0} is better", "right": "{1} is better", "both": "as good", "neither": "neither"}


@router.get(f"{ROOM}/{{name}}/compare")
async def compare(home: Here, name: str, left: int | None = None, right: int | None = None) -> HTMLResponse:
    whole = await explorations.whole(home, name)
    at = whole.exploration
    here = f"{ROOM}/{at.id}/compare"
    if left is None or right is None:
        try:
            left, right = await votes.next_of(whole)
        except Refused as refused:
            return page("Compare", await rail(home, ROOM), h.article[drawing.back(at), h.p(".empty")[str(refused)]])
    two = [attempts.among(whole.attempts, number) for number in (left, right)]
    stands = await standing(whole)
    main = h.article(".compare-page")[
        h.header(".of")[
            drawing.back(at),
            h.h1[f"{left} or {right}?"],
            h.p(".note", role="status")[stands.says if stands else ""],
        ],
        _versus(two),
        _voting(at, left, right, here),
        _said(whole.votes, left, right),
        films(two),
        h.div(".two")[
            (
                h.section(aria_label=f"Attempt {attempt.number}")[
                    h.h2[h.a(href=drawing.page_of(attempt))[f"Attempt {attempt.number}"]],
                    drawing.own_words(attempt),
                    drawing.facts(attempt),
                    drawing.checks(attempt.evidence.checks if attempt.evidence else ()),
                    drawing.probes(attempt.evidence.probes if attempt.evidence else ()),
                ]
                for attempt in two
            )
        ],
        all(one.result for one in two)
        and h.Element("load-late")(".detail", src=f"{here}/difference?left={left}&right={right}")[
            h.details[h.summary(data_key="d")[f"From {left} to {right}: how they differ"], h.p(".note")["Loading…"]]
        ],
    ]
    return page(f"{left} or {right}?", await rail(home, ROOM), main, stream="/stream")


@router.get(f"{ROOM}/{{name}}/compare/difference")
async def difference(home: Here, name: str, left: int, right: int) -> HTMLResponse:
    """What would have to be changed of the left one for it to be the right one."""
    text = await attempts.difference(home, name, left, right)
    none = h.p(".note")["They are the same, byte for byte."]
    return HTMLResponse(str(diff.drawn(text) if text else none))


def _versus(two: Sequence[Attempt]) -> h.Node:
    """One over the other, each view of them: what is left of the slider shows the left one."""
    views = max((len(one.evidence.pictures) if one.evidence else 0 for one in two), default=0)
    return [_slider(two, which) for which in range(max(views, 1))]


def _slider(two: Sequence[Attempt], which: int) -> h.Element:
    return h.Element("two-pictures")[
        h.div(".over")[
            h.div(".side")[picture(two[1], which, late=False)],
            h.div(".side.left")[picture(two[0], which, late=False)],
        ],
        h.label[
            f"{two[0].number} ",
            h.input(type="range", min="0", max="100", value="50", aria_label="How much of the left one is seen"),
            f" {two[1].number}",
        ],
    ]


def _voting(at: Exploration, left: int, right: int, then: str) -> h.Element:
    def button(choice: str, key: str, words: str) -> h.Element:
        return h.button(name="choice", value=choice, data_key=key)[
            h.kbd[{"ArrowLeft": "←", "ArrowRight": "→"}.get(key, key)], " ", words
        ]

    return h.form(".voting", data_api=f"/v1/explorations/{at.id}/votes", data_then=then)[
        given("left", left),
        given("right", right),
        h.div(".acts")[
            button("left", "ArrowLeft", f"{left} is better"),
            button("both", "=", "as good"),
            button("right", "ArrowRight", f"{right} is better"),
            button("neither", "x", "neither, because…"),
        ],
        h.div(".row")[
            h.label["about ", drawing.facets()],
            h.input(name="because", placeholder="because…", aria_label="Because", data_because=True),
            h.a(href=then, data_key="s")[h.kbd["s"], " another pair"],
        ],
        told(),
    ]


def _said(cast: Sequence[Vote], left: int, right: int) -> h.Node:
    """What was said of these two before."""
    pair = {str(left), str(right)}
    found = [vote for vote in votes.latest(cast) if {vote.left, vote.right} == pair]
    return (
        found
        and h.ul(".votes", aria_label="Said of these two before")[
            (
                h.li[
                    f"{vote.judge.name}: {SAID[vote.choice].format(vote.left, vote.right)}",
                    vote.facet and f", {drawing.FACET_WORDS[vote.facet]}",
                    vote.reason and f", because {inert(vote.reason)}",
                ]
                for vote in found
            )
        ]
    )
