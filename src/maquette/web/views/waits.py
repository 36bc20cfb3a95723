"""What is asked of the person, as cards: a question to answer, a call to approve.

What an approval is bound to is shown to the byte; `approvals/shown.py` has seen to it that none of it is invisible.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import htpy as h

from maquette.approvals.shown import visible
from maquette.domain.events import ApprovalAsked, ApprovalDeclined, ApprovalGiven, QuestionAnswered, QuestionAsked
from maquette.domain.messages import Call
from maquette.web.cards.markdown import prose
from maquette.web.views.forms import given, told
from maquette.web.views.words import moment

ELSEWHERE = (
    "It would do something that only who reads commands can judge, so it waits: for somebody who turns this card over, "
    "or for you to say what it should do instead."
)
"""In the plain face, where nobody is asked about a command."""


def asked(thread: str, event: QuestionAsked | ApprovalAsked, call: Call | None = None) -> h.Element:
    """`call`: what an approval is asked for, where it is to be changed."""
    return _question(thread, event) if isinstance(event, QuestionAsked) else _approval(thread, event, call)


def _question(thread: str, event: QuestionAsked) -> h.Element:
    choices = [h.button(name="text", value=choice)[choice] for choice in event.choices]
    return h.form(data_api=f"/v1/threads/{thread}/answer", data_waits=event.call)[
        prose(event.question),
        given("call", event.call),
        choices and h.div(".acts")[choices],
        h.div(".say")[
            h.input(
                name="text",
                required=not choices,
                autocomplete="off",
                placeholder="Say something else…" if choices else "Your answer…",
                aria_label="Your answer",
            ),
            h.button(".main")["Answer"],
        ],
        told(),
    ]


def _approval(thread: str, event: ApprovalAsked, call: Call | None) -> h.Element:
    return h.div[event.runs and h.p(".plain")[ELSEWHERE], _detailed(thread, event, call)]


def _detailed(thread: str, event: ApprovalAsked, call: Call | None) -> h.Element:
    shown = [h.div[h.dt[name], h.dd[h.pre(tabindex="0")[value]]] for name, value in event.shown]
    return h.div(class_="approval detail" if event.runs else "approval")[
        h.h3["May it do this?"],
        h.p[event.why, " Until you decide, nothing of it is done."],
        h.details(".exact", open=True)[h.summary["What exactly"], h.dl[shown]],
        h.form(data_api=f"/v1/threads/{thread}/approve", data_waits=event.call)[
            given("call", event.call),
            given("digest", event.digest),
            h.div(".acts")[h.button(".main")["Allow once"]],
            told(),
        ],
        call and _changing(thread, event, _words(event, call)),
        h.form(".say", data_api=f"/v1/threads/{thread}/decline", data_waits=event.call)[
            given("call", event.call),
            h.input(name="reason", autocomplete="off", placeholder="Why not, or what instead…", aria_label="Reason"),
            h.button["Decline"],
            told(),
        ],
        h.p(".note")["It waits for you. After ", moment(event.expires), " it is asked anew."],
    ]


def _changing(thread: str, event: ApprovalAsked, words: Mapping[str, str]) -> h.Node:
    """What it is to do instead, in the person's own words."""
    if not words:
        return None
    return h.details[
        h.summary["Change it first"],
        h.form(".settings", data_api=f"/v1/threads/{thread}/approve", data_waits=f"{event.call}-changed")[
            given("call", event.call),
            given("digest", event.digest),
            (h.label[name, h.textarea(name=f"instead.{name}", rows="2")[text]] for name, text in words.items()),
            h.button["Allow it so, once"],
            told(),
        ],
    ]


def _words(event: ApprovalAsked, call: Call) -> dict[str, str]:
    """The arguments that are words and hide nothing; of a call of the very tool that is shown."""
    try:
        held: Any = json.loads(call.arguments)
    except ValueError:
        return {}
    if not isinstance(held, dict) or event.shown[:1] != (("what", call.name),):
        return {}
    words = {name: text for name, text in cast("dict[str, Any]", held).items() if isinstance(text, str)}
    return {name: text for name, text in words.items() if visible(text) == text.replace("\\", "\\\\")}


def decided(
    event: QuestionAsked | ApprovalAsked | None, by: QuestionAnswered | ApprovalGiven | ApprovalDeclined
) -> h.Element:
    match by:
        case QuestionAnswered(text=text):
            said = h.p(".text")[text]
        case ApprovalGiven():
            said = h.p["You allowed it, once."]
            if by.instead:
                changed = (h.div[h.dt[name], h.dd[h.pre[text]]] for name, text in by.instead.items())
                said = h.div[h.p["You changed it, and allowed it, once."], h.dl(".detail")[changed]]
        case ApprovalDeclined(reason=reason):
            said = h.p[f"Declined{f': {reason}' if reason else '.'}"]
    about = None
    if isinstance(event, QuestionAsked):
        about = prose(event.question)
    elif event is not None:
        about = h.details(class_="detail" if event.runs else None)[
            h.summary[event.why], h.dl[(h.div[h.dt[name], h.dd[h.pre[value]]] for name, value in event.shown)]
        ]
    return h.div[about, said]
