"""A thread's page: its sheet, and what is said next."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import htpy as h
from fastapi import Header, Query
from markupsafe import Markup
from starlette.responses import HTMLResponse, StreamingResponse

from maquette.actions import line, projects, reviews, threads
from maquette.actions.home import Home
from maquette.domain.cards import DiffCard
from maquette.domain.events import MessageChanged, MessageSent
from maquette.domain.projects import Project, ProjectKind
from maquette.domain.threads import Mode, Thread, ThreadState
from maquette.web import routes
from maquette.web.api.home import LAST, Here
from maquette.web.cards import draw
from maquette.web.views.away import reopening
from maquette.web.views.children import family
from maquette.web.views.composer import composer
from maquette.web.views.forms import given, told
from maquette.web.views.frame import page
from maquette.web.views.here import Beats
from maquette.web.views.line import in_line
from maquette.web.views.messages import LONG, says
from maquette.web.views.rail import rail, standing
from maquette.web.views.results import Standing
from maquette.web.views.sheet import LIVE, WINDOW, Drawn, Sheet, Turn
from maquette.web.views.streaming import MEDIA, of_thread
from maquette.web.views.words import price

router = routes.pages()

Cursor = Annotated[int, Query(ge=0, le=LAST)]
LastEvent = Annotated[int | None, Header(ge=0, le=LAST)]


@router.get("/threads/{name}")
async def one(home: Here, name: str) -> HTMLResponse:
    id = (await threads.find(home, name)).id
    entries = await threads.tail(home, id, WINDOW)
    at = await threads.find(home, id)  # after them: the stream goes on from the last, and draws nothing that is older
    project = await projects.resolve(home, at.project)
    cursor = entries[-1].cursor if entries else 0
    older = len(entries) == WINDOW and _older(at.id, entries[0].cursor)
    sheet = await _sheet(home, at)
    happened = h.div(id="sheet", class_="sheet", role="log", aria_label="What happened", aria_live="off")[
        older, sheet.whole(entries), _live()
    ]
    waits = await line.listed(home, at.id)
    around = (await family(home, at.id)).html
    main = h.article(".thread")[
        header(at, project, sheet.going(at)),
        around,
        happened,
        in_line(at.id, waits),
        composer(at),
        _renaming(at),
        _terms(at),
    ]
    stream = f"/threads/{at.id}/stream?after={cursor}"
    return page(at.title, await rail(home, f"/threads/{at.id}"), main, of=project, stream=stream)


@router.get("/threads/{name}/older")
async def older(home: Here, name: str, before: Cursor) -> HTMLResponse:
    """What comes above what is shown."""
    at = await threads.find(home, name)
    entries = await threads.tail(home, at.id, WINDOW, before=before)
    more = len(entries) == WINDOW and _older(at.id, entries[0].cursor)
    sheet = await _sheet(home, at)
    drawn = sheet.whole(entries)
    unheard = sheet.unheard(await line.became(home, at.id, entries))
    return HTMLResponse(str(h.fragment[more, drawn, [said.html for said in unheard]]))


@router.get("/threads/{name}/said/{message}")
async def said(home: Here, name: str, message: str) -> HTMLResponse:
    """The rest of a message that is very long, as it was changed last."""
    at = await threads.find(home, name)
    events = (entry.event for entry in await threads.history(home, at.id))
    texts = [one.text for one in events if isinstance(one, MessageSent | MessageChanged) and one.id == message]
    return HTMLResponse(str(says(texts[-1][LONG:] if texts else "")))


@router.get("/threads/{name}/difference")
async def difference(home: Here, name: str) -> HTMLResponse:
    """The diff of the last result, file by file."""
    came = await reviews.result(home, name)
    kept = came.kept
    size = [f"{came.lines:+} line{'s' * (abs(came.lines) != 1)} that hold{'s' * (abs(came.lines) == 1)} something"]
    if came.complexity is not None:
        size.append(f"{came.complexity:+} in complexity")
    card = DiffCard(diff=came.diff, added=kept.added, removed=kept.removed, files=kept.files)
    return HTMLResponse(str(h.div[h.p(".note")[" · ".join(size)], draw(card)]))


@router.get("/threads/{name}/stream")
async def changes(
    home: Here, pulse: Beats, name: str, after: Cursor = 0, last_event_id: LastEvent = None
) -> StreamingResponse:
    at = await threads.find(home, name)

    sheet = await _sheet(home, at)

    async def head() -> Drawn:
        now = await threads.find(home, at.id)
        return Drawn("head", Markup(header(now, await projects.resolve(home, now.project), sheet.going(now))))

    cursor = after if last_event_id is None else last_event_id
    also = partial(family, home, at.id)
    return StreamingResponse(of_thread(home, pulse, sheet, cursor, head, also), media_type=MEDIA)


async def _sheet(home: Home, at: Thread) -> Sheet:
    return Sheet(at.id, bool(at.parent), Standing(baby=await reviews.makes_baby(home, at), stage=at.stage))


def _live() -> h.Element:
    """Where text streams, last of what happened (`static/elements/saying.js`)."""
    return h.section(id=LIVE, class_="block said", hidden=True)[
        h.h2(".label")["Answer"], h.div(".body")[h.Element("mark-down")(".prose")]
    ]


def header(at: Thread, project: Project, going: Turn | None = None) -> h.Element:
    """`going`: the turn at work, as far as it was read."""
    places = {Mode.WORKTREE: "on a copy of its own", Mode.READ: "looks at another's", Mode.LOCAL: f"in {project.path}"}
    where = "" if project.kind is ProjectKind.DESK else f" · {places[at.mode]}"
    to = f"/v1/threads/{at.id}"
    busy = at.state is not ThreadState.IDLE
    is_settled = not busy and not at.archived and (at.merged or at.added + at.removed == 0)
    return h.header(id="head", class_="head", data_state=at.state.value)[
        h.p(".crumb")[
            at.automation and [h.a(href=f"/automations/{at.automation}")["its automation"], " · "],
            f"{project.name}{where} · ",
            h.span(".model")[at.model],
        ],
        h.h1(dir="auto")[at.title],
        h.div(".now")[
            h.span(class_=f"state {at.state.value}", role="status")[at.archived and "put away · ", standing(at)],
            at.archived and reopening(at.id, "Reopen", "reopen"),
            going and _goes(going),
            at.tokens > 0 and h.span[f"{at.tokens:,} tokens"],
            at.tokens > 0 and h.span[price(at.price)],
            busy and h.form(data_api=f"{to}/stop", data_command="stop")[h.button(".quiet")["Stop"], told()],
            h.button(".quiet", type="button", data_notices_here=True, hidden=True)["Notices off"],
            not busy
            and h.form(data_api=to, data_method="PATCH", data_command="unpin" if at.pinned else "pin")[
                given("pinned", not at.pinned), h.button(".quiet")["Unpin" if at.pinned else "Pin"], told()
            ],
            h.button(".quiet", type="button", data_opens="rename", data_command="rename")["Rename"],
            is_settled and _away(to, at),
            h.button(".quiet", type="button", data_opens="terms", data_command="model")["Model and caps"],
        ],
    ]


def _away(to: str, at: Thread) -> h.Element:
    """Where no result waits: with that comes a way of its own."""
    return h.form(data_api=to, data_method="PATCH", data_then=f"/?away={at.id}", data_command="keep")[
        given("archived", True), h.button(".quiet")["Put away"], told()
    ]


def _goes(turn: Turn) -> h.Node:
    return [
        h.span[f"step {turn.step}"],
        turn.began and h.Element("time-going")(data_since=turn.began.isoformat(timespec="seconds")),
    ]


def _renaming(at: Thread) -> h.Element:
    """Beside the head and not in it, so that it stays while that is drawn anew."""
    return h.dialog(id="rename", aria_label="Rename this thread")[
        h.form(data_api=f"/v1/threads/{at.id}", data_method="PATCH")[
            h.label[
                "Its name ", h.input(name="title", required=True, maxlength="200", autocomplete="off", data_of="h1")
            ],
            h.div(".acts")[h.button(".main")["Rename"], h.button(type="button", data_closes=True)["Leave it"]],
            told(),
        ]
    ]


def _terms(at: Thread) -> h.Element:
    return h.dialog(id="terms", aria_label="Model and caps")[
        h.Element("load-late")(src=f"/threads/{at.id}/terms", data_near=True)[h.p(".note")["Loading…"]]
    ]


def _older(thread: str, before: int) -> h.Element:
    return h.Element("load-late")(src=f"/threads/{thread}/older?before={before}", data_instead="above")[
        h.button(".quiet", type="button")["Show what came before"]
    ]
