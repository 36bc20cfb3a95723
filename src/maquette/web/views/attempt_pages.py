"""An attempt's own page: what was seen and is known of it, where its lines are from, its stage, and the choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import htpy as h
from starlette.responses import HTMLResponse, StreamingResponse

from maquette.actions import attempts, explorations, folds, votes
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.explorations import Attempt, Exploration
from maquette.domain.folds import BASE
from maquette.domain.inert import inert
from maquette.domain.threads import ThreadState
from maquette.store.explorations import Whole
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views import definitions
from maquette.web.views.attempts import back, checks, facets, facts, own_words, page_of, probes
from maquette.web.views.forms import told
from maquette.web.views.frame import page
from maquette.web.views.here import Beats
from maquette.web.views.rail import rail
from maquette.web.views.shots import films, picture, stands
from maquette.web.views.staging import staging
from maquette.web.views.streaming import of_room
from maquette.web.views.words import count

router = routes.pages()
ROOM = "/explore"
AROUND = 2
"""Lines of the base that are shown around others."""


@router.get(f"{ROOM}/{{name}}/attempts/{{number}}")
async def one(home: Here, name: str, number: int) -> HTMLResponse:
    whole = await explorations.whole(home, name)
    at, attempt = whole.exploration, attempts.among(whole.attempts, number)
    moves = await attempts.moves(home, at.id, number)
    main = h.article(".attempt-page")[
        h.header(".of")[
            back(at),
            h.h1[f"Attempt {number}"],
            _neighbours(whole.attempts, number),
        ],
        known(attempt),
        attempt.source.kind == "fold"
        and h.Element("load-late")(src=f"{page_of(attempt)}/lines", data_near=True)[
            h.p(".note")["Looking where its lines are from…"]
        ],
        staging(attempt, moves, await _evidence(whole, attempt)),
        _picking(at, attempt),
        at.picked == number and definitions.card(at, then=page_of(attempt)),
        attempt.state is not None
        and h.p[h.a(href=f"/threads/{attempt.thread}")["Its thread: what was done, and the diff"]],
    ]
    stream = f"{page_of(attempt)}/stream"
    return page(f"Attempt {number}", await rail(home, ROOM), main, stream=stream)


@router.get(f"{ROOM}/{{name}}/attempts/{{number}}/stream")
async def changes(home: Here, pulse: Beats, name: str, number: int) -> StreamingResponse:
    at = await explorations.find(home, name)

    async def draw() -> h.Element:
        return known(await attempts.find(home, at.id, number))

    return of_room(home, pulse, "known", draw)


def known(attempt: Attempt) -> h.Element:
    """All that was found out about it; it changes while it is looked at."""
    shown = attempt.evidence.pictures if attempt.evidence else ()
    return h.div(".known", id="known")[
        not attempt.known and h.p(".note", role="status")[f"It is {stands(attempt) or 'known'}."],
        _going(attempt),
        h.div(".shots")[
            ([picture(attempt, which, late=False), h.small[view.view]] for which, view in enumerate(shown)),
            not shown and not attempt.known and picture(attempt),
        ],
        films([attempt]),
        own_words(attempt),
        facts(attempt),
        h.section(".block", aria_label="Checks")[
            h.h2(".label")["Checks"],
            h.div(".body")[
                checks(attempt.evidence.checks if attempt.evidence else ()),
                probes(attempt.evidence.probes if attempt.evidence else ()),
            ],
        ],
    ]


def _going(attempt: Attempt) -> h.Node:
    """Why it is away, and the way to stop it, or to have it go on although it was stopped."""
    to = f"/v1/explorations/{attempt.exploration}/attempts/{attempt.number}"
    if attempt.shelved:
        failed = f" It failed then: {', '.join(attempt.lacked)}." if attempt.lacked else ""
        return h.p(".note")[inert(f"On the shelf: {attempt.shelved}"), inert(failed)]
    if attempt.stopped:
        return h.form(data_api=f"{to}/go-on")[
            h.p(".note")[inert(attempt.stopped)], h.button["Go on all the same"], told()
        ]
    if attempt.known or attempt.state is ThreadState.IDLE:
        return None
    return h.form(data_api=f"{to}/stop")[h.button(".quiet")["Stop it"], told()]


def _neighbours(known: Sequence[Attempt], number: int) -> h.Node:
    """The ones before and after it, by keys."""
    numbers = [one.number for one in known]
    place = numbers.index(number)
    base = f"{ROOM}/{known[0].exploration}/attempts"
    return h.nav(".row", aria_label="Attempts")[
        place > 0
        and h.a(href=f"{base}/{numbers[place - 1]}", data_key="ArrowLeft", rel="prev")[f"← {numbers[place - 1]}"],
        place + 1 < len(numbers)
        and h.a(href=f"{base}/{numbers[place + 1]}", data_key="ArrowRight", rel="next")[f"{numbers[place + 1]} →"],
        h.a(href=f"{ROOM}/{known[0].exploration}/fold?into={number}", data_key="t")["Take others' parts into it"],
    ]


async def _evidence(whole: Whole, attempt: Attempt) -> list[str]:
    """What is known that may close a risk, in words."""
    found = [f"passes {one.command}" for one in (attempt.evidence.checks if attempt.evidence else ()) if one.passed]
    if whole.votes:
        try:
            ranks = (await votes.stands(whole)).ranks
        except Refused:
            return found
        place = next((place for place, rank in enumerate(ranks, 1) if rank.attempt == attempt.number), None)
        if place is not None:
            found.append(f"place {place} of {len(ranks)} after {count(len(whole.votes), 'vote')}")
    if whole.exploration.picked == attempt.number and whole.exploration.definition:
        found.append(f"picked: {whole.exploration.definition.why}")
    return found


def _picking(at: Exploration, attempt: Attempt) -> h.Element:
    base = f"/v1/explorations/{attempt.exploration}/attempts/{attempt.number}"
    return h.section(".block", aria_label="Choose")[
        h.h2(".label")["Choose"],
        h.div(".body")[
            h.form(".say", data_api=f"{base}/pick", data_then=page_of(attempt))[
                h.input(name="reason", required=True, placeholder="Why this one?", aria_label="Why this one"),
                h.input(name="feature", placeholder="Part of which feature?", aria_label="Feature it belongs to"),
                facets(),
                h.button(".main")["Pick it"],
                told(),
            ],
            h.p(".note")["A decision with its reason: the project's taste, which later attempts are told."],
            at.picked == attempt.number
            and h.form(data_api=f"{base}/merge", data_then=page_of(attempt))[h.button["Merge it"], told()],
            h.form(".say", data_api=f"{base}/shelve", data_then=page_of(attempt))[
                h.input(
                    name="why",
                    required=not attempt.shelved,
                    placeholder="Empty: take it up again" if attempt.shelved else "Why not now?",
                    aria_label="Why it goes on the shelf",
                ),
                h.button["Take it up again" if attempt.shelved else "Put it on the shelf"],
                told(),
            ],
        ],
    ]


@router.get(f"{ROOM}/{{name}}/attempts/{{number}}/lines")
async def lines(home: Here, name: str, number: int) -> HTMLResponse:
    """Where each line of a fold is from, file by file."""
    return HTMLResponse(str(await _lines(home, name, number)))


async def _lines(home: Home, name: str, number: int) -> h.Element:
    found = await folds.origins(home, name, number)
    return h.section(".block", aria_label="Where its lines are from")[
        h.h2(".label")["Lines"],
        h.div(".body")[
            (
                h.details(open=len(found) <= 3)[
                    h.summary[h.code[path], " ", h.small[_told(traced.origins)]],
                    h.table(".origins", tabindex="0", aria_label=f"Lines of {path}")[
                        _runs([*zip(traced.origins, traced.lines, strict=True)])
                    ],
                ]
                for path, traced in found.items()
            )
        ],
    ]


def _told(origins: Sequence[str]) -> str:
    named = {name: origins.count(name) for name in dict.fromkeys(origins) if name != BASE}
    return "; ".join(f"{count(many, 'line')} from attempt {name}" for name, many in named.items()) or "as at the base"


def _runs(lines: Sequence[tuple[str, str]]) -> Iterator[h.Element]:
    """Of what is as at the base only what is near others."""
    runs = [(origin, [line for _, line in run]) for origin, run in groupby(lines, key=lambda pair: pair[0])]
    for place, (origin, some) in enumerate(runs):
        if origin != BASE:
            yield from (_line(f"from {origin}", line, "taken") for line in some)
            continue
        before, after = place > 0, place + 1 < len(runs)
        if len(some) <= AROUND * (before + after) + 1:
            yield from (_line("", line) for line in some)
            continue
        first, last = some[: AROUND if before else 0], some[len(some) - AROUND if after else len(some) :]
        yield from (_line("", line) for line in first)
        yield _line("", f"… {count(len(some) - len(first) - len(last), 'line')} as at the base", "left-out")
        yield from (_line("", line) for line in last)


def _line(origin: str, line: str, kind: str = "") -> h.Element:
    whose = h.th(scope="row")[origin] if origin else h.td
    return h.tr(class_=kind or None)[whose, h.td[h.code[line.rstrip("\n")]]]
