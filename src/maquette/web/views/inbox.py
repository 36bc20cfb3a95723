"""What needs a person: questions, approvals, and what came of work and was not yet taken or put away."""

from __future__ import annotations

from collections.abc import Mapping

import htpy as h
from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import HTMLResponse, StreamingResponse

from maquette.actions import threads, waits
from maquette.actions.home import Home
from maquette.domain.threads import Mode, Outcome, Thread, ThreadState
from maquette.store.projections.waits import Wait
from maquette.web.api.home import Here
from maquette.web.views.frame import page
from maquette.web.views.here import Beats
from maquette.web.views.rail import rail, standing
from maquette.web.views.sheet import Drawn
from maquette.web.views.streaming import MEDIA, of_room
from maquette.web.views.waits import asked
from maquette.web.views.words import moment

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/inbox")
async def inbox(home: Here) -> HTMLResponse:
    main = h.fragment[await contents(home), _notices()]
    return page("Inbox", await rail(home, "/inbox"), main, stream="/inbox/stream")


@router.get("/inbox/stream")
async def changes(home: Here, pulse: Beats) -> StreamingResponse:
    async def also() -> Drawn:
        return Drawn("inbox", Markup(await contents(home)))

    return StreamingResponse(of_room(home, pulse, also), media_type=MEDIA)


async def contents(home: Home) -> h.Element:
    listed = await threads.listed(home)
    named = {thread.id: thread for thread in listed}
    family = await threads.family(home, *named)
    named |= {thread.id: thread for thread in family if not thread.archived}
    open_ = [wait for wait in await waits.listed(home) if wait.thread in named]
    came = [thread for thread in listed if _wants_a_look(thread)]
    return h.article(id="inbox", class_="inbox")[
        h.h1["Inbox"],
        not open_
        and not came
        and h.p(".empty")["Nothing needs you. What asks, fails or comes to an end shows up here."],
        [
            h.section(class_="block asks", id=f"w-{wait.asked.call}")[
                h.h2(".label")[_to(named[wait.thread]), _whose(wait, named), " asks, since ", moment(wait.at)],
                h.div(".body")[asked(wait.thread, wait.asked)],
            ]
            for wait in open_
        ],
        came and h.h2["Came to an end"],
        came
        and h.ul(".lines")[
            (h.li[_to(thread), h.small[standing(thread), " · ", moment(thread.changed)]] for thread in came)
        ],
    ]


def _notices() -> h.Element:
    """The browser's own (`static/elements/notices.js`); what is chosen stays in the browser."""
    return h.aside(".notices", aria_label="Notices")[
        h.button(type="button", data_notices=True)["Tell me when something needs me"],
        h.span(".hours", data_notices_on=True, hidden=True)[
            h.label["not from ", h.input(type="time", data_quiet="from")],
            h.label["to ", h.input(type="time", data_quiet="to")],
        ],
        h.p(".note")[
            h.b(data_notices_on=True, hidden=True)["Notices are on. "],
            "A notice of your browser's when a thread needs you, fails or comes to its end, as long as a page of this "
            "base is open. Each thread's page can leave it out.",
        ],
        h.p(".alert", role="alert", data_notices_say=True),
    ]


def _whose(wait: Wait, named: Mapping[str, Thread]) -> h.Node:
    return wait.parent is not None and wait.parent in named and [", a part of ", _to(named[wait.parent]), ","]


def _to(thread: Thread) -> h.Element:
    return h.a(href=f"/threads/{thread.id}")[thread.title]


def _wants_a_look(thread: Thread) -> bool:
    if thread.state is not ThreadState.IDLE or thread.merged:
        return False
    unfinished = thread.outcome in (Outcome.FAILED, Outcome.BUDGET)
    return unfinished or (thread.mode is Mode.WORKTREE and bool(thread.added or thread.removed))
