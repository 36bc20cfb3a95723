"""What a person answers back to a report, and what came of each reply: on the report's page, and on a thread's."""

from __future__ import annotations

from collections.abc import Sequence

import htpy as h

from maquette.curation.reports.replies import FORMS
from maquette.domain.cards import ReportCard
from maquette.domain.events import ChangeOffered, InterestChanged, PlanAmended, QuestionsPut, ReplyGiven, ReplyLeft
from maquette.domain.interests import Asked
from maquette.web.cards.report import draw
from maquette.web.views.forms import given, told
from maquette.web.views.words import count

Heard = InterestChanged | ChangeOffered | QuestionsPut | PlanAmended | ReplyLeft


def to(of: str) -> str:
    """Where it is answered. `of`: whose it is, a thread's or an automation's id."""
    return f"/v1/reports/{of}/replies"


def report(of: str, card: ReportCard) -> h.Element:
    by_line = h.p[h.a(href=f"/reports/{of}")["Line by line, why each is in, and what it knows of you"]]
    return h.div[draw(card), answer(of), by_line]


def answer(of: str) -> h.Fragment:
    """Where the last report is answered."""
    return h.fragment[
        h.form(".say.back", data_api=to(of), data_waits=f"answer-{of}")[
            h.textarea(
                name="text",
                rows="2",
                required=True,
                maxlength="10000",
                aria_label="Your answer to the report",
                placeholder="less #random · you missed … · shorter",
            ),
            h.button(".main")["Say it"],
            h.button(data_api=f"/v1/reports/{of}/foreseen", data_tells="says")["What would that change?"],
            h.output,
            told(),
        ],
        h.form(".acts", data_api=to(of))[
            given("text", "give me five questions"), h.button["Give me five questions"], told()
        ],
        h.details(".forms")[
            h.summary["What is understood by rule"],
            h.p(".note")["In plain words, several at once if you like:"],
            h.ul(".said-so")[(h.li[form] for form in FORMS)],
        ],
    ]


def said(event: ReplyGiven) -> h.Element:
    where = f"To line {event.line}: " if event.line else ""
    return h.p[where, event.text]


def came(of: str, event: Heard, *, undone: bool = False, open_: bool = True, below: str = "") -> h.Node:
    """`open_`: nothing was said since, so it can be answered. `below`: what was said, where that stands above."""
    match event:
        case InterestChanged():
            return changed(of, event, undone=undone, below=below)
        case ChangeOffered():
            return [h.p[event.sentence], open_ and _ways(of, event)]
        case QuestionsPut():
            said = f"{count(len(event.questions), 'question')} whose answers would change the report most."
            return [h.p[said], open_ and h.p[h.a(href=f"/reports/{of}#r-asked")["Answer them, each by one press"]]]
        case PlanAmended():
            return _amended(of, event, open_=open_)
        case ReplyLeft():
            return h.p(".note")[event.sentence]


def changed(of: str, event: InterestChanged, *, undone: bool = False, below: str = "") -> h.Element:
    replayed = (
        f" On past days: {count(event.gained, 'line')} gained, {event.lost:,} lost."
        if event.gained or event.lost
        else ""
    )
    return h.form(".changed", data_api=to(of))[
        given("text", f"undo {event.version}"),
        h.p[
            h.b[event.sentence],
            replayed,
            h.small[
                f" version {event.version}",
                event.said != below and [", because you said ", h.q(dir="auto")[event.said]],
            ],
            undone and h.em[" · undone"],
        ],
        event.undoes is None and not undone and h.button(".quiet", aria_label=f"Undo version {event.version}")["Undo"],
        told(),
    ]


def _amended(of: str, event: PlanAmended, *, open_: bool) -> h.Element:
    return h.form(".changed", data_api=to(of))[
        given("text", "undo"),
        h.p[
            h.b[event.sentence],
            h.small[f" version {event.version} of the automation, because you said ", h.q(dir="auto")[event.said]],
        ],
        open_ and not event.undoes and h.button(".quiet", aria_label="Undo that change")["Undo"],
        told(),
    ]


def _ways(of: str, event: ChangeOffered) -> h.Element:
    return h.form(".asks", data_api=to(of))[
        h.div(".acts")[(h.button(name="text", value=str(n))[way.sentence] for n, way in enumerate(event.ways, 1))],
        told(),
    ]


def question(of: str, number: int, asked: Asked, answer: bool | None, by: InterestChanged | None) -> list[h.Node]:
    """Answered by one press, at once; `by`: the change that came of it."""
    if answer is not None:
        return [h.p[asked.about, h.b[" Yes" if answer else " No"]], by and changed(of, by)]
    ways: Sequence[tuple[str, str]] = (("yes", "Yes"), ("no", "No"))
    return [
        h.p[asked.text],
        h.form(".verdicts", data_api=to(of), aria_label=asked.about)[
            (h.button(name="text", value=f"{number} {way}")[says] for way, says in ways), told()
        ],
    ]
