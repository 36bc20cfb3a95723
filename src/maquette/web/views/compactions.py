"""What requests leave out of a thread's past: a card where that was done, what it is, and putting it back."""

from __future__ import annotations

import htpy as h
from starlette.responses import HTMLResponse

from maquette.actions import compactions
from maquette.domain.errors import Refused
from maquette.domain.events import Compacted
from maquette.domain.messages import FromModel, Message
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.cards.terminal import plain
from maquette.web.views.forms import given, told
from maquette.web.views.words import count

router = routes.pages()
TEXT = 2_000
"""Characters of a message that are shown."""


def card(thread: str, event: Compacted) -> h.Element:
    what = f"{count(event.left, 'answer or result', 'answers and results')}, {count(event.characters, 'character')}"
    where = f"/threads/{thread}/compactions/{event.turn}/{event.step}"
    return h.div[
        h.p["Left out of what the model sees from here on, to make room: ", what if event.left else "old parts", "."],
        h.Element("load-late")(src=where)[h.details[h.summary["What was left out"], h.p(".note")["One moment…"]]],
    ]


@router.get("/threads/{name}/compactions/{turn}/{step}")
async def left_out(home: Here, name: str, turn: str, step: int) -> HTMLResponse:
    """What a compaction left out, and how to have it said again."""
    found = await compactions.listed(home, name)
    one = next((one for one in reversed(found) if (one.turn, one.step) == (turn, step)), None)
    if one is None:
        raise Refused("There was no such compaction in this thread.", code="unknown-compaction")
    body = h.div(".gone")[
        h.p(".note")[one.why, " In the thread itself nothing is missing, and the model can read all of it in files."],
        one.stands
        and h.form(data_api=f"/v1/threads/{name}/compactions/undo")[
            given("turn", one.turn), given("step", one.step), h.button["Put it back"], told()
        ],
        h.ol[(_left_out(gone) for gone in one.left_out)],
    ]
    return HTMLResponse(str(body))


def _left_out(gone: compactions.LeftOut) -> h.Element:
    text = plain(_text(gone.message))
    short = text if len(text) <= TEXT else f"{text[:TEXT]}…"
    return h.li(value=str(gone.position))[h.pre(tabindex="0")[short]]


def _text(message: Message) -> str:
    if not isinstance(message, FromModel):
        return message.text
    return "\n".join([message.text, *(f"{call.name} {call.arguments}" for call in message.calls)]).strip()
