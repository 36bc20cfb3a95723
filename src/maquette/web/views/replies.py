"""A report on a thread's page, where it is answered, and what came of each reply."""

from __future__ import annotations

import htpy as h

from maquette.domain.cards import ReportCard
from maquette.domain.events import ChangeOffered, InterestChanged, QuestionsPut, ReplyGiven, ReplyLeft
from maquette.web.cards.report import draw
from maquette.web.views.forms import given, told
from maquette.web.views.words import count

Heard = InterestChanged | ChangeOffered | QuestionsPut | ReplyLeft


def report(of: str, card: ReportCard) -> h.Element:
    """`of`: whose it is, a thread's or an automation's id."""
    by_line = h.p[h.a(href=f"/reports/{of}")["Line by line, why each is in, and what it knows of you"]]
    return h.div[draw(card), answer(of), by_line]


def answer(of: str) -> h.Element:
    """Where the last report is answered."""
    return h.form(".reply", data_api=f"/v1/reports/{of}/replies")[
        h.label[
            "What was right or wrong with it?",
            h.input(
                name="text",
                required=True,
                maxlength="10000",
                autocomplete="off",
                placeholder="less #random; more about refunds; missed: …",
            ),
        ],
        h.button["Reply"],
        told(),
    ]


def said(event: ReplyGiven) -> h.Element:
    where = f"To line {event.line}: " if event.line else ""
    return h.p[where, event.text]


def came(of: str, event: Heard) -> h.Element:
    match event:
        case InterestChanged():
            return _changed(of, event)
        case ChangeOffered():
            ways = ((number, way.sentence) for number, way in enumerate(event.ways, 1))
            return h.div[
                h.p[event.sentence],
                h.ul(".ways")[(h.li[_says(of, str(number), sentence)] for number, sentence in ways)],
            ]
        case QuestionsPut():
            return h.div[
                h.ol[(h.li[one.text] for one in event.questions)],
                h.p(".note")["Answer them in order in a reply, as “yes no skip yes no”."],
            ]
        case ReplyLeft():
            return h.p[event.sentence]


def _changed(of: str, event: InterestChanged) -> h.Element:
    past = [f"{count(event.gained, 'line')} more", f"{event.lost} fewer"]
    return h.div[
        h.p[event.sentence],
        h.p(".note")[
            f"Version {event.version}, because you said “{event.said}”.",
            event.changes and f" Past reports would have had {' and '.join(past)}.",
        ],
        event.undoes is None and _says(of, f"undo {event.version}", "Undo"),
    ]


def _says(of: str, text: str, label: str) -> h.Element:
    """A button that says this in reply."""
    return h.form(data_api=f"/v1/reports/{of}/replies")[given("text", text), h.button[label], told()]
