"""Explorations: what is being explored, and one as a gallery of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import htpy as h
from starlette.responses import HTMLResponse, StreamingResponse

from maquette.actions import explorations, groups, projects, shelves, suggestions, votes
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.explorations import Attempt, Exploration, Medium, used_up
from maquette.domain.inert import inert
from maquette.domain.projects import ProjectKind
from maquette.domain.stages import Stage
from maquette.store.explorations import Whole
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views import attempts as drawing
from maquette.web.views import definitions
from maquette.web.views.forms import given, told
from maquette.web.views.frame import page
from maquette.web.views.here import Beats
from maquette.web.views.judging import judges
from maquette.web.views.rail import rail
from maquette.web.views.streaming import of_room
from maquette.web.views.words import count, moment

router = routes.pages()
ROOM = "/explore"
Sort = Literal["number", "best", "alike", "size", "approach"]
Show = Literal["all", "passed", "failed", "open", "candidate", "shelf"]
LONG = 120
"""Letters of a question from which on they are smaller."""
MANY = 30
"""Attempts from which on their cards are small, so that most are seen at once."""
SPENT = "What all of them may spend is used up, so no more are begun. “More attempts …” below raises it."
CLEAR = 0.01
"""By how much the evidence must speak for one more than for the next."""
MEDIA_WORDS = {Medium.PAGE: "a page to argue about", Medium.CLICK: "a thing to click", Medium.CHANGE: "a change"}
SORTS: dict[Sort, str] = {
    "number": "number",
    "best": "votes",
    "alike": "likeness",
    "size": "size",
    "approach": "approach",
}
SHOWS: dict[Show, str] = {
    "all": "all",
    "passed": "checks pass",
    "failed": "checks fail",
    "open": "under way",
    "candidate": "past a sketch",
    "shelf": "shelf",
}


MORE = (
    ("approaches", "Approaches", "the fewest elements that do it"),
    ("checks", "Checks", "the project's"),
    ("probes", "What is run to see how they behave", 'python slug.py "Hello World"'),
    ("film.steps", "What is filmed", "click Sign in\ntype Name=Ada\npress Enter\nscroll 600"),
)
"""What may be said of a brief, with what the form shows where nothing is."""


@router.get(ROOM)
async def room(home: Here) -> HTMLResponse:
    found = await explorations.every(home)
    repos = [project for project in await projects.listed(home) if project.kind is ProjectKind.REPO]
    main = h.article(".explorations")[
        h.h1["Explore"],
        h.p(".note")["One question, many attempts, each in a copy of its own; then compare them, and choose."],
        bool(repos)
        and h.form(".composer", data_api="/v1/explorations", data_then=f"{ROOM}/{{id}}")[
            h.textarea(
                name="question", rows="2", required=True, placeholder="What is to be explored?", aria_label="Question"
            ),
            h.div(".row")[
                h.label["in ", h.select(name="project")[(h.option(value=one.id)[one.name] for one in repos)]],
                h.label[
                    h.input(".sum", type="number", name="attempts", value="6", min="1", max="200", data_type="number"),
                    " attempts",
                ],
                h.button(".main")["Explore"],
            ],
            h.details[
                h.summary["How they differ, and how they are checked and seen"],
                (
                    h.label[
                        f"{words}, a line each", h.textarea(name=name, rows="3", data_type="some", placeholder=like)
                    ]
                    for name, words, like in MORE
                ),
                h.label["A command that serves what is to be seen, at $PORT", h.input(name="preview")],
            ],
            told(),
        ],
        h.form(data_api="/v1/samples/exploration", data_then=f"{ROOM}/{{id}}")[
            h.button(class_="quiet" if found else "")["Try it on a sample: twelve start pages, made by rule"], told()
        ],
        found
        and h.ul(".lines")[
            (
                h.li[
                    h.a(href=f"{ROOM}/{one.id}", dir="auto")[inert(one.brief.question)],
                    h.small[_state(one), " · ", moment(one.changed)],
                ]
                for one in found
            )
        ],
    ]
    return page("Explore", await rail(home, ROOM), main, stream="/stream")


def _state(one: Exploration) -> str:
    parts = [f"{one.gathered} of {count(one.attempts, 'attempt')} known", count(one.votes, "vote")]
    if one.picked:
        parts.append(f"{one.picked} picked")
    return " · ".join(["on the shelf"] * bool(one.shelved) + parts)


@router.get(f"{ROOM}/{{name}}")
async def gallery(home: Here, name: str, sort: Sort = "number", show: Show = "all") -> HTMLResponse:
    at = await explorations.find(home, name)
    main = h.article(".gallery-page", data_compare=f"{ROOM}/{at.id}/compare")[
        h.header(".of")[
            h.h1(class_="long" if len(at.brief.question) > LONG else None, dir="auto")[inert(at.brief.question)],
            h.p(".note")[inert(f"Answered as {MEDIA_WORDS[at.brief.medium]}: {at.brief.why}.")],
        ],
        h.nav(".sorts", aria_label="Sort and filter")[
            h.span["By ", (_choice(at, f"?sort={key}&show={show}", word, key == sort) for key, word in SORTS.items())],
            h.span[
                "Show ", (_choice(at, f"?sort={sort}&show={key}", word, key == show) for key, word in SHOWS.items())
            ],
        ],
        h.nav(".ways", aria_label="Ways to look at them")[
            h.a(".button", href=f"{ROOM}/{at.id}/compare", data_key="c")["Compare two"],
            h.a(".button", href=f"{ROOM}/{at.id}/standing", data_key="v")["Votes"],
            h.a(".button", href=f"{ROOM}/{at.id}/map", data_key="m")["Map"],
            h.a(".button", href=f"{ROOM}/{at.id}/fold", data_key="t")["Fold"],
            h.a(".button", href=f"{ROOM}/{at.id}/history")["Over time"],
            h.input(type="search", data_finds=True, placeholder="find", aria_label="Show those that say"),
        ],
        definitions.card(at, then=f"{ROOM}/{at.id}"),
        await contents(home, at.id, sort, show),
        _more(at),
    ]
    stream = f"{ROOM}/{at.id}/stream?sort={sort}&show={show}"
    return page(inert(at.brief.question[:60]), await rail(home, ROOM), main, stream=stream)


def _choice(at: Exploration, query: str, word: str, here: bool) -> h.Element:
    return h.a(href=f"{ROOM}/{at.id}{query}", aria_current="true" if here else None)[word]


@router.get(f"{ROOM}/{{name}}/stream")
async def changes(home: Here, pulse: Beats, name: str, sort: Sort = "number", show: Show = "all") -> StreamingResponse:
    at = await explorations.find(home, name)
    return of_room(home, pulse, "gallery", lambda: contents(home, at.id, sort, show))


async def contents(home: Home, name: str, sort: Sort, show: Show) -> h.Element:
    whole = await explorations.whole(home, name)
    at, known = whole.exploration, whole.attempts
    stands = await standing(whole)
    ranks = {rank.attempt: (place, rank) for place, rank in enumerate(stands.ranks, 1)} if stands else {}
    shown = [attempt for attempt in known if _is_shown(attempt, show)]
    if sort == "best":
        shown.sort(key=lambda attempt: ranks[attempt.number][0] if attempt.number in ranks else len(known) + 1)
    elif sort == "size":
        shown.sort(key=lambda attempt: (attempt.evidence is None, attempt.evidence.added if attempt.evidence else 0))
    elif sort == "approach":
        shown.sort(key=lambda attempt: (attempt.plan.approach, attempt.number))
    return h.section(id="gallery")[
        h.p(".sum", role="status")[f"{_state(at)}. {stands.says if stands else ''}"],
        [
            h.p(".regained")[
                f"Attempt {one.again} ({one.model}) passes now what {one.shelved} on the shelf failed: ",
                h.code[", ".join(one.checks)],
            ]
            for one in shelves.regained_of(known)
        ],
        not at.votes and _suggestion(known),
        used_up(at, known)
        and any(one.state is None and not one.stopped for one in known)
        and h.p(".note", role="status")[SPENT],
        at.gathered > 1 and await judges(home, at),
        (
            [
                why is not None and h.h2(".why")[why],
                h.ul(class_="gallery many" if len(shown) > MANY else "gallery")[
                    (
                        drawing.card(
                            attempt,
                            ranks[attempt.number][1] if attempt.number in ranks else None,
                            ranks[attempt.number][0] if attempt.number in ranks else 0,
                            picked=attempt.number == at.picked,
                        )
                        for attempt in some
                    )
                ],
            ]
            for why, some in await _parts(home, whole, shown, sort)
        ),
        not shown and h.p(".empty")["None is like that." if known else "There is none yet: have some made, below."],
    ]


def _suggestion(known: Sequence[Attempt]) -> h.Node:
    """What is looked at first, as long as nobody has voted."""
    found = suggestions.of_attempts(known)
    if len(found) < 2 or found[0].score - found[1].score < CLEAR:
        return None
    return h.p(".note")[f"The evidence alone speaks for {found[0].attempt}: {', '.join(found[0].why)}."]


async def _parts(
    home: Home, whole: Whole, shown: Sequence[Attempt], sort: Sort
) -> list[tuple[str | None, list[Attempt]]]:
    """All in one, or those that are alike together, each with what makes them so."""
    if sort != "alike":
        return [(None, [*shown])]
    by = {attempt.number: attempt for attempt in shown}
    parts: list[tuple[str | None, list[Attempt]]] = []
    alone: list[Attempt] = []
    for group in (await groups.alike(home, whole)).groups:
        some = [by.pop(number) for number in group.members if number in by]
        if len(some) > 1:
            parts.append((f"{len(some)} alike: {', '.join(group.why) or 'much the same'}", some))
        else:
            alone += some
    if left := [*alone, *by.values()]:
        parts.append(("like no other" if parts else None, left))
    return parts


def _is_shown(attempt: Attempt, show: Show) -> bool:
    match show:
        case "all":
            return not attempt.shelved
        case "passed" | "failed":
            return drawing.verdict(attempt) == show and not attempt.shelved
        case "open":
            return not attempt.known and not attempt.stopped
        case "shelf":
            return bool(attempt.shelved)
        case "candidate":
            return attempt.stage is not Stage.SKETCH and not attempt.shelved


async def standing(whole: Whole) -> votes.Standing | None:
    try:
        return await votes.stands(whole)
    except Refused:  # nothing has come of any yet
        return None


def _cap(name: str, held: int | Decimal | None) -> h.VoidElement:
    value = "" if held is None else str(held)
    return h.input(".sum", name=f"budget.{name}", value=value, placeholder="any", inputmode="decimal")


def _more(at: Exploration) -> h.Element:
    return h.details(".more")[
        h.summary["More attempts, your own, the shelf"],
        h.form(".say", data_api=f"/v1/explorations/{at.id}/extend", data_then=f"{ROOM}/{at.id}")[
            h.label[
                h.input(type="number", name="attempts", value="3", min="1", max="100", data_type="number"), " more"
            ],
            h.button["Have them made"],
            told(),
        ],
        h.form(".say", data_api=f"/v1/explorations/{at.id}", data_method="PATCH", data_then=f"{ROOM}/{at.id}")[
            h.label[
                h.input(type="number", name="at_once", value=str(at.at_once), min="1", max="200", data_type="number"),
                " at work at a time",
            ],
            h.label[
                "all of them up to ",
                _cap("tokens", at.budget.tokens),
                " tokens, $ ",
                _cap("money", at.budget.money),
            ],
            h.button["Set it so"],
            told(),
        ],
        h.form(".say", data_api=f"/v1/explorations/{at.id}/attempts", data_then=f"{ROOM}/{at.id}")[
            h.select(name="kind", aria_label="What you bring")[
                (h.option(value=kind)[f"my {kind}"] for kind in ("branch", "folder", "thread"))
            ],
            h.input(name="name", required=True, placeholder="its name, or a folder's path", aria_label="Its name"),
            h.button["Bring it in"],
            told(),
        ],
        h.Element("load-late")(src=f"{ROOM}/{at.id}/noticed", data_near=True)[
            h.p(".note")["Looking for what attempts the same…"]
        ],
        h.form(".say", data_api=f"/v1/explorations/{at.id}/shelve", data_then=f"{ROOM}/{at.id}")[
            h.input(
                name="why", placeholder="Why not now? Empty: take it up again", aria_label="Why it goes on the shelf"
            ),
            h.button["Put all of it on the shelf" if not at.shelved else "Put it otherwise"],
            told(),
        ],
    ]


@router.get(f"{ROOM}/{{name}}/noticed")
async def noticed(home: Here, name: str) -> HTMLResponse:
    """Threads and branches that seem to attempt the same, each with the way in."""
    at = await explorations.find(home, name)
    found = await explorations.noticed(home, at.id)
    offered = (
        h.li[
            f"{one.kind} ",
            h.b(dir="auto")[inert(one.name if one.kind == "branch" else one.told)],
            h.small[f"shares {', '.join(one.words)}"],
            h.form(data_api=f"/v1/explorations/{at.id}/attempts", data_then=f"{ROOM}/{at.id}")[
                given("kind", one.kind), given("name", one.name), h.button["Bring it in"], told()
            ],
        ]
        for one in found
    )
    none = "No thread or branch of the project seems to attempt the same."
    return HTMLResponse(str(h.ul(".lines")[offered] if found else h.p(".note")[none]))
