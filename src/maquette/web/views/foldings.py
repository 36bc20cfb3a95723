"""A plan of a fold: what to take from which, proposed, put otherwise, its conflicts foreseen, and run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

import htpy as h
from fastapi import Query
from starlette.responses import HTMLResponse

from maquette.actions import explorations, foldings
from maquette.actions.foldings import Hunk, Part, Plan
from maquette.curation.folding import Clash, Step
from maquette.domain.errors import Refused
from maquette.domain.explorations import Attempt
from maquette.domain.folds import Take
from maquette.store.explorations import Whole
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views.attempts import back, label, page_of, way
from maquette.web.views.explorations import ROOM
from maquette.web.views.forms import given, told
from maquette.web.views.frame import page
from maquette.web.views.rail import rail
from maquette.web.views.shots import picture
from maquette.web.views.words import count

router = routes.pages()


@router.get(f"{ROOM}/{{name}}/fold")
async def fold(
    home: Here,
    name: str,
    into: int | None = None,
    take: Annotated[tuple[str, ...], Query()] = (),
    also: str = "",
    edited: bool = False,
) -> HTMLResponse:
    whole = await explorations.whole(home, name)
    at = whole.exploration
    try:
        takes = foldings.together(take) if edited or take else None
        plan = await foldings.planned(home, at.id, into, takes, [int(also)] if also.isdecimal() else ())
    except Refused as refused:
        return page("Fold", await rail(home, ROOM), h.article[back(at), h.p(".empty")[str(refused)]])
    main = h.article(".fold-page")[
        h.header(".of")[
            back(at),
            h.h1[f"What to take into {plan.into}"],
            h.p(".note")["Nothing is done yet. What comes of it is one more attempt, checked and seen as all others."],
        ],
        _plan(whole, plan, proposed=takes is None),
        _parts(whole, plan),
    ]
    return page("Fold", await rail(home, ROOM), main, stream="/stream")


def _plan(whole: Whole, plan: Plan, *, proposed: bool) -> h.Element:
    by = {one.number: one for one in whole.attempts}
    going = [step for step in plan.steps if not step.clashes]
    return h.section(".block", aria_label="The plan")[
        h.h2(".label")["Plan"],
        h.div(".body")[
            h.div(".takes")[
                h.div(".step")[_small(by[plan.into]), h.p["begin with ", _link(by[plan.into])]],
                (_step(step, by) for step in plan.steps),
            ],
            not plan.steps
            and h.p(".empty")[
                "Of the others nothing goes in as it is: see below what there is." if proposed else "Nothing is taken."
            ],
            proposed
            and bool(plan.steps)
            and h.p(".note")["Proposed by rule: what others changed where nothing stands in its way. Look first."],
            bool(going)
            and h.form(
                ".acts",
                data_api=f"/v1/explorations/{whole.exploration.id}/fold",
                data_then=f"{ROOM}/{whole.exploration.id}/attempts/{{number}}",
            )[
                given("into", plan.into),
                h.input(
                    type="hidden", name="takes", value="\n".join(str(step.take) for step in going), data_type="lines"
                ),
                h.button(".main")[_does(going, len(plan.steps) - len(going))],
                told(),
            ],
        ],
    ]


def _does(going: Sequence[Step], left: int) -> str:
    return f"Fold {count(len(going), 'part')} in" + (f", leaving out {left} that can't go in" if left else "")


def _step(step: Step, by: dict[int, Attempt]) -> h.Element:
    one = by[int(step.take.of)]
    part = step.take.path or "all that it changed"
    if step.take.hunks is not None:
        part += f", {count(len(step.take.hunks), 'hunk')}"
    return h.div(class_="step clash" if step.clashes else "step")[
        _small(one),
        h.div[
            h.p["take ", h.code[part], " from ", _link(one)],
            h.small(class_="bad" if step.clashes else "good")[
                f"can't go in: {_against(step.clashes)}"
                if step.clashes
                else f"goes in: changes {', '.join(step.files)}"
                if step.files
                else "is there already"
            ],
            bool(step.clashes) and h.details[h.summary["Where"], (_clash(clash) for clash in step.clashes)],
        ],
    ]


def _against(clashes: Sequence[Clash]) -> str:
    whose = sorted({origin for clash in clashes for origin in clash.against})
    said = f"attempt {', '.join(whose)}" if whose else "what is there"
    return f"{said} changed the same lines of {', '.join(sorted({clash.path for clash in clashes}))}"


def _clash(clash: Clash) -> h.Element:
    return h.div(".sides")[_shown("there", clash.ours), _shown("taken", clash.theirs)]


def _shown(what: str, text: str) -> h.Element:
    return h.figure[h.figcaption[what], h.pre(tabindex="0", role="group", aria_label=what)[text[:2_000] or "nothing"]]


def _parts(whole: Whole, plan: Plan) -> h.Element:
    """The plan, to be put otherwise: whose parts there are."""
    by = {one.number: one for one in whole.attempts}
    taken = {(step.take.of, step.take.path): step.take for step in plan.steps}
    here = f"{ROOM}/{whole.exploration.id}/fold"
    able = [one for one in whole.attempts if one.evidence and one.result and not one.shelved]
    return h.section(".block", aria_label="Put it otherwise")[
        h.h2(".label")["Take"],
        h.form(".body", method="get", action=here)[
            h.input(type="hidden", name="edited", value="true"),
            h.div(".row")[
                h.label[
                    "into ",
                    h.select(name="into")[
                        (
                            h.option(value=str(one.number), selected=one.number == plan.into)[label(one)[:80]]
                            for one in able
                        )
                    ],
                ],
                h.label["show also what attempt ", h.input(".sum", name="also", inputmode="numeric"), " changed"],
                h.button["See what would come of it"],
            ],
            h.div(".parts")[
                (
                    _of(by[number], [*some], taken)
                    for number, some in groupby(plan.parts, key=lambda part: part.of)
                    if number != plan.into
                )
            ],
            plan.left_out
            and h.p(".note")[
                f"Of attempts {', '.join(map(str, plan.left_out))}, which began elsewhere, parts can't be told: "
                "`maquette explore fold` takes all of one."
            ],
            h.button["See what would come of it"],
        ],
    ]


def _of(one: Attempt, parts: Sequence[Part], taken: dict[tuple[str, str | None], Take]) -> h.Element:
    chosen = any(of == str(one.number) for of, _ in taken)
    return h.details(open=chosen)[
        h.summary[label(one), h.small[f" {count(len(parts), 'file')}"]],
        (_part(part, taken.get((str(part.of), part.path)) or taken.get((str(part.of), None))) for part in parts),
    ]


def _part(part: Part, take: Take | None) -> h.Element:
    whole = take is not None and take.hunks is None
    value = f"{part.of}:{part.path}"
    several = part.hunks is not None and len(part.hunks) > 1
    return h.div(".part")[
        h.label[h.input(type="checkbox", name="take", value=value, checked=whole), " ", h.code[part.path], " whole"],
        h.ol(".hunks")[
            (
                h.li[
                    several
                    and h.label[
                        h.input(
                            type="checkbox",
                            name="take",
                            value=f"{value}:{number}",
                            checked=take is not None and take.hunks is not None and number in take.hunks,
                            aria_label=f"Hunk {number + 1} of {part.path} of attempt {part.of}",
                        ),
                        f" hunk {number + 1}",
                    ],
                    _hunk(hunk),
                ]
                for number, hunk in enumerate(part.hunks or ())
            )
        ],
    ]


def _hunk(hunk: Hunk) -> h.Element:
    gone, come = hunk.gone.splitlines(), hunk.come.splitlines()
    rows = [*(("-", line) for line in gone), *(("+", line) for line in come)]
    return h.pre(tabindex="0", role="group", aria_label="What it changes")[
        ((h.del_ if sign == "-" else h.ins)[f"{sign}{line[:300]}\n"] for sign, line in rows[:40]),
        len(rows) > 40 and f"… {len(rows) - 40} more",
    ]


def _small(one: Attempt) -> h.Element:
    return h.div(".small")[picture(one)]


def _link(one: Attempt) -> h.Element:
    return h.a(href=page_of(one))[f"{one.number}, {way(one)}"]
