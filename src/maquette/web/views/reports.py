"""A report as a page: its lines, what a person answers back, and what that changed, each with the way back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence, Set
from datetime import datetime

import htpy as h
from markupsafe import Markup
from starlette.responses import HTMLResponse, StreamingResponse

from maquette.actions import automations, reports, threads
from maquette.actions.home import Home
from maquette.actions.reports import Kept, Taught
from maquette.curation.reports.replies import FORMS
from maquette.domain.errors import Refused
from maquette.domain.events import ChangeOffered, InterestChanged, QuestionsPut, ReplyGiven, ReplyLeft
from maquette.domain.reports import Line, Report
from maquette.store.interests import Heard
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.cards.report import source
from maquette.web.views.charts import Bar, bars
from maquette.web.views.forms import given, told
from maquette.web.views.frame import page
from maquette.web.views.here import Beats
from maquette.web.views.pieces import piece
from maquette.web.views.rail import rail
from maquette.web.views.sheet import Drawn
from maquette.web.views.streaming import MEDIA, of_room
from maquette.web.views.words import count, moment

router = routes.pages()

Came = InterestChanged | ChangeOffered | QuestionsPut | ReplyLeft
BARS = 30
"""Reports in a chart."""
VERDICTS = (("good", "Good"), ("less like", "Less of this"), ("bad", "Wrong"))
"""What is said of a line, and what its button says."""


@router.get("/reports/{of}")
async def one(home: Here, of: str, report: str = "") -> HTMLResponse:
    """The last, or a former one."""
    stream, title, _ = await _whose(home, of)
    here = f"/automations/{stream}" if stream.startswith("automation_") else ""
    query = f"?report={report}" if report else ""
    main = await _whole(home, of, report)
    return page(title, await rail(home, here), main, stream=f"/reports/{of}/stream{query}")


@router.get("/reports/{of}/stream")
async def changes(home: Here, pulse: Beats, of: str, report: str = "") -> StreamingResponse:
    stream, _, _ = await _whose(home, of)
    seen, drawn = -1, Markup()

    async def also() -> Drawn:
        """Anew once something happened in its stream: every case is replayed for it."""
        nonlocal seen, drawn
        last = await asyncio.to_thread(home.store.log.last, stream)
        if last != seen:
            drawn = Markup(await _whole(home, of, report))
            seen = last
        return Drawn("report", drawn)

    return StreamingResponse(of_room(home, pulse, also), media_type=MEDIA)


async def _whose(home: Home, of: str) -> tuple[str, str, h.Element]:
    """Whose reports these are: its id, its title, and the way to it."""
    stream = await reports.stream_of(home, of)
    try:
        name = (await automations.find(home, stream)).plan.name
        return stream, name, h.a(href=f"/automations/{stream}")[name]
    except Refused:
        thread = await threads.find(home, stream)
        return stream, thread.title, h.a(href=f"/threads/{stream}", dir="auto")[thread.title]


async def _whole(home: Home, of: str, report: str) -> h.Element:
    stream, title, way = await _whose(home, of)
    every = await reports.listed(home, stream)
    shown = next((each for each in every if each.id == report), every[0] if every else None)
    if shown is None:
        return h.article(id="report", class_="reported", data_merges=True)[
            h.h1(id="r-title")[title],
            piece(h.p, "r-none", "empty", ["There is no report yet. ", way, " gives one when it has run."]),
        ]
    taught = await reports.taught(home, stream)
    cases = await reports.cases(home, stream) if any(change.cases for _, change in taught.changes) else []
    last = shown.id == every[0].id
    to = f"/v1/reports/{stream}/replies"
    return h.article(id="report", class_="reported", data_merges=True)[
        piece(h.header, "r-head", "", _head(shown, way)),
        h.ol(id="r-lines", class_="report-lines", data_merges=True)[
            (_line(number, line, to if last else "") for number, line in enumerate(shown.lines, 1))
        ],
        not shown.lines and h.p(".empty", id="r-empty")["Nothing that matters was written."],
        piece(h.p, "r-note", "note", _note(shown)),
        _answer(to, last),
        piece(h.section, "r-told", "answered", _told(taught.told, to)),
        _fold("r-knows", "What it knows of you", _knows(taught)),
        cases != [] and _fold("r-cases", f"Cases ({len(cases)})", [_cases(cases)]),
        len(every) > 1 and _fold("r-charts", "Over time", [_charts(every[:BARS][::-1], taught)]),
        len(every) > 1 and _fold("r-former", "Former reports", [_former(stream, every, shown)]),
    ]


def _head(shown: Report, way: h.Element) -> list[h.Element]:
    since, until = moment(shown.since), moment(shown.until)
    return [
        h.p(".crumb")["Report of ", way],
        h.h1[shown.title],
        h.p(".note")["What was written from ", since, " to ", until],
    ]


def _line(number: int, line: Line, to: str) -> h.Element:
    body = [
        h.p(".text", dir="auto")[line.text],
        h.p(".note")[
            [source(cited) for cited in line.cites],
            line.more > 0 and f"and {line.more} more like this",
        ],
        h.div(".of-line")[
            (line.why or line.gist)
            and h.details[h.summary["Why?"], h.p[line.why], line.gist and h.p(".note")["Read as: ", line.gist]],
            to and _verdicts(to, number),
        ],
    ]
    return piece(h.li, f"r-line-{number}", "report-line", body, value=str(number))


def _verdicts(to: str, number: int) -> h.Element:
    return h.form(".verdicts", data_api=to, aria_label=f"Line {number}")[
        given("line", number),
        [h.button(".quiet", name="text", value=f"{said} {number}")[says] for said, says in VERDICTS],
        told(),
    ]


def _note(shown: Report) -> list[h.Node]:
    return [
        f"{count(len(shown.lines), 'line')} out of {shown.looked:,} posts",
        shown.read > 0 and f", of which a model read {shown.read:,}",
        ". ",
        shown.rules and "Chosen by rule; the lines are the posts’ own words, as no model wrote them.",
    ]


def _answer(to: str, last: bool) -> h.Element | None:
    """It isn't drawn anew while somebody writes."""
    if not last:
        return h.p(".note", id="r-answer")["It is a former one: the last is the one to answer."]
    return h.section(id="r-answer", class_="answer-back")[
        h.h2["Answer back"],
        h.form(".say", data_api=to, data_waits="answer-back")[
            h.textarea(
                name="text",
                rows="2",
                required=True,
                aria_label="Your answer to the report",
                placeholder="less #random · you missed … · shorter · give me five questions",
            ),
            h.button(".main")["Say it"],
            told(),
        ],
        h.details[
            h.summary["What is understood by rule"],
            h.p(".note")["In plain words, several at once if you like:"],
            h.ul(".said-so")[(h.li[form] for form in FORMS)],
        ],
    ]


def _told(told_: Sequence[tuple[datetime, Heard]], to: str) -> list[h.Node]:
    """The latest reply first; below each what came of it."""
    if not told_:
        return [h.p(".note")["What you say here changes the next report, at once; and each change can be undone."]]
    undone = {event.undoes for _, event in told_ if isinstance(event, InterestChanged)}
    latest = told_[-1][1]
    came: dict[str, list[h.Node]] = {}
    for at, event in told_:
        if isinstance(event, ReplyGiven):
            came[event.id] = [h.p(".you")[h.q(dir="auto")[event.text], h.small[moment(at)]]]
        else:
            came.setdefault(event.reply, []).append(_heard(event, to, open_=event is latest, undone=undone))
    replies = [h.li[each] for each in reversed(came.values())]
    return [h.h2["What you said, and what came of it"], h.ol(".heard")[replies]]


def _heard(event: Came, to: str, *, open_: bool, undone: Set[int | None]) -> h.Node:
    """`open_`: nothing was said since, so it can be answered."""
    match event:
        case InterestChanged():
            return _changed(event, to, event.version in undone)
        case ReplyLeft(sentence=sentence):
            return h.p(".note")[sentence]
        case ChangeOffered():
            return [h.p[event.sentence], open_ and _ways(event, to)]
        case QuestionsPut():
            said = f"{count(len(event.questions), 'question')} whose answers would change the report most."
            return [h.p[said], open_ and _questions(event, to)]


def _changed(event: InterestChanged, to: str, undone: bool) -> h.Element:
    replayed = (
        f"On past days: {count(event.gained, 'line')} gained, {event.lost:,} lost."
        if event.gained or event.lost
        else ""
    )
    return h.form(".changed", data_api=to)[
        given("text", f"undo {event.version}"),
        h.p[h.b[event.sentence], f" {replayed}", h.small[f" version {event.version}"], undone and h.em[" · undone"]],
        event.undoes is None and not undone and h.button(".quiet", aria_label=f"Undo version {event.version}")["Undo"],
        told(),
    ]


def _ways(event: ChangeOffered, to: str) -> h.Element:
    return h.form(".asks", data_api=to)[
        h.div(".acts")[(h.button(name="text", value=str(n))[way.sentence] for n, way in enumerate(event.ways, 1))],
        told(),
    ]


def _questions(event: QuestionsPut, to: str) -> h.Element:
    """`static/elements/answers.js` says the answers as a person would: “yes, no, skip”."""
    return h.form(".questions", data_api=to, data_answers=True)[
        h.input(type="hidden", name="text", value=", ".join("skip" for _ in event.questions)),
        h.ol[
            (
                h.li[
                    h.label[
                        asked.text,
                        " ",
                        h.select(aria_label=asked.text)[(h.option[says] for says in ("skip", "yes", "no"))],
                    ]
                ]
                for asked in event.questions
            )
        ],
        h.button(".main")["Answer"],
        told(),
    ]


def _fold(id: str, title: str, body: h.Node) -> h.Element:
    return piece(h.details, id, "fold", [h.summary[title], body])


def _knows(taught: Taught) -> list[h.Node]:
    weights = [
        h.li[
            f"counts {'more' if each.worth > 0 else 'less'}: {each.about} ({each.worth:+.1f})",
            each.said and h.small[" because you said ", h.q(dir="auto")[each.said]],
        ]
        for each in taught.weights
    ]
    rules = [h.li[rule] for rule in taught.rules]
    names = [h.li[f"you are called {name}"] for name in taught.names]
    return [
        h.p(".note")[f"Version {taught.version}; a report has at most {count(taught.lines, 'line')}."],
        h.ul(".known")[rules, weights, names],
    ]


def _cases(cases: Sequence[Kept]) -> h.Element:
    """What was said to be missed, or wrong, replayed on its day by what is known now."""
    return h.ul(".known")[
        (
            h.li[
                h.b(class_="good" if each.kept else "bad")["kept" if each.kept else "lost"],
                " in: " if each.case.wanted else " out: ",
                h.span(dir="auto")[each.text[:200] or each.case.post],
            ]
            for each in cases
        )
    ]


def _former(stream: str, every: Sequence[Report], shown: Report) -> h.Element:
    return h.ul(".known")[
        (
            h.li[
                h.a(href=f"/reports/{stream}?report={each.id}", aria_current="page" if each.id == shown.id else None)[
                    each.title, ", ", moment(each.until)
                ]
            ]
            for each in every
        )
    ]


def _charts(every: Sequence[Report], taught: Taught) -> h.Element:
    """Oldest at the left."""
    shares = [100 * len(each.lines) / (each.looked or 1) for each in every]
    kept = [
        Bar(share, f"{each.until:%d %b}: {len(each.lines)} of {each.looked:,}")
        for each, share in zip(every, shares, strict=True)
    ]
    verdicts = [(each, *_judged(each, taught)) for each in every]
    right = [
        Bar(good / (good + bad), f"{each.until:%d %b}: {good} good, {bad} not", "good" if good >= bad else "bad")
        for each, good, bad in verdicts
        if good or bad
    ]
    return h.div(".charts")[
        bars(kept, "Of what was read, kept", f"at most {max(shares):.2g} %"),
        right != [] and bars(right, "Right, by your replies", f"the last: {right[-1].told}", most=1),
    ]


def _judged(of: Report, taught: Taught) -> tuple[int, int]:
    """Of a report, how many lines were said to be good, and how many to be wrong, or missed."""
    lines = {post for line in of.lines for post in line.posts} | {c.post for line in of.lines for c in line.cites}
    cases = [case for _, change in taught.changes for case in change.cases if case.report == of.id]
    good = sum(case.wanted and case.post in lines for case in cases)
    return good, len(cases) - good
