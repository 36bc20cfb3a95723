"""What is asked of the person, as cards: a question to answer, a call to approve.

What an approval is bound to is shown to the byte; `approvals/shown.py` has seen to it that none of it is invisible.
"""

from __future__ import annotations

import htpy as h

from maquette.domain.events import ApprovalAsked, ApprovalDeclined, ApprovalGiven, QuestionAnswered, QuestionAsked
from maquette.web.cards.markdown import prose
from maquette.web.views.forms import given, told
from maquette.web.views.words import moment

ELSEWHERE = (
    "It would do something that only who reads commands can judge, so it waits: for somebody who turns to Detail, "
    "or for you to say what it should do instead."
)
"""In the plain face, where nobody is asked about a command."""


def asked(thread: str, event: QuestionAsked | ApprovalAsked) -> h.Element:
    return _question(thread, event) if isinstance(event, QuestionAsked) else _approval(thread, event)


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


def _approval(thread: str, event: ApprovalAsked) -> h.Element:
    return h.div[h.p(".plain")[ELSEWHERE], _detailed(thread, event)]


def _detailed(thread: str, event: ApprovalAsked) -> h.Element:
    shown = [h.div[h.dt[name], h.dd[h.pre(tabindex="0")[value]]] for name, value in event.shown]
    return h.div(".approval.detail")[
        h.h3["May it do this?"],
        h.p[event.why, " Until you decide, nothing of it is done."],
        h.details(".exact", open=True)[h.summary["What exactly"], h.dl[shown]],
        h.form(data_api=f"/v1/threads/{thread}/approve", data_waits=event.call)[
            given("call", event.call),
            given("digest", event.digest),
            h.div(".acts")[h.button(".main")["Allow once"]],
            told(),
        ],
        h.form(".say", data_api=f"/v1/threads/{thread}/decline", data_waits=event.call)[
            given("call", event.call),
            h.input(name="reason", autocomplete="off", placeholder="Why not, or what instead…", aria_label="Reason"),
            h.button["Decline"],
            told(),
        ],
        h.p(".note")["It waits for you. After ", moment(event.expires), " it is asked anew."],
    ]


def decided(
    event: QuestionAsked | ApprovalAsked | None, by: QuestionAnswered | ApprovalGiven | ApprovalDeclined
) -> h.Element:
    match by:
        case QuestionAnswered(text=text):
            said = h.p(".text")[text]
        case ApprovalGiven():
            said = h.p["You allowed it, once."]
        case ApprovalDeclined(reason=reason):
            said = h.p[f"Declined{f': {reason}' if reason else '.'}"]
    about = None
    if isinstance(event, QuestionAsked):
        about = prose(event.question)
    elif event is not None:
        about = h.details(".detail")[
            h.summary[event.why], h.dl[(h.div[h.dt[name], h.dd[h.pre[value]]] for name, value in event.shown)]
        ]
    return h.div[about, said]
