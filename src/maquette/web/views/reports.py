"""A report as a page: its lines, what a person answers back, and what that changed, each with the way back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import htpy as h
from markupsafe import Markup
from starlette.responses import HTMLResponse, StreamingResponse

from maquette.actions import automations, replays, reports, threads
from maquette.actions.home import Home
from maquette.actions.replays import Moved, Otherwise
from maquette.actions.reports import Kept, Taught, Weight
from maquette.curation.reports.replies import Verdicts
from maquette.domain.errors import Refused
from maquette.domain.events import InterestChanged, ReplyGiven
from maquette.domain.interests import Asked
from maquette.domain.reports import Line, Report
from maquette.store.interests import Heard
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.cards.report import made_of, source
from maquette.web.views import replies
from maquette.web.views.charts import Bar, bars
from maquette.web.views.forms import given, told
from maquette.web.views.frame import page
from maquette.web.views.here import Beats
from maquette.web.views.pieces import piece
from maquette.web.views.rail import rail
from maquette.web.views.streaming import of_room
from maquette.web.views.words import moment

router = routes.pages()

BARS = 30
"""Reports in a chart."""
HALF = 0.5
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

    async def draw() -> Markup:
        """Anew once something happened in its stream: every case is replayed for it. An element is drawn only once."""
        nonlocal seen, drawn
        last = await asyncio.to_thread(home.store.log.last, stream)
        if last != seen:
            drawn = Markup(await _whole(home, of, report))
            seen = last
        return drawn

    return of_room(home, pulse, "report", draw)


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
    changed = await replays.since(home, stream, shown.id) if taught.version > shown.version else None
    return h.article(id="report", class_="reported", data_merges=True)[
        piece(h.header, "r-head", "", _head(shown, way)),
        h.ol(id="r-lines", class_="report-lines", data_merges=True)[
            (_line(number, line, replies.to(stream) if last else "") for number, line in enumerate(shown.lines, 1))
        ],
        not shown.lines and h.p(".empty", id="r-empty")["Nothing that matters was written."],
        piece(h.p, "r-note", "note", made_of(shown)),
        h.section(id="r-answer", class_="answer-back")[h.h2["Answer back"], replies.answer(stream)]
        if last
        else h.p(".note", id="r-answer")["It is a former one: the last is the one to answer."],
        last and taught.asked != [] and _asked(taught, stream),
        changed and piece(h.section, "r-since", "since", _since(changed, last and _anew(stream))),
        piece(h.section, "r-told", "answered", _told(taught.told, stream)),
        _fold("r-knows", "What it knows of you", _knows(taught)),
        cases != [] and _fold("r-cases", f"Cases ({len(cases)})", [_cases(cases)]),
        _fold("r-charts", "Over time", [_charts(every[:BARS][::-1], taught.verdicts)]),
        len(every) > 1 and _fold("r-former", "Former reports", [_former(stream, every, shown)]),
    ]


def _head(shown: Report, way: h.Element) -> list[h.Element]:
    since, until = moment(shown.since, day=True), moment(shown.until, day=True)
    return [
        h.p(".crumb")["Report of ", way],
        h.h1[shown.title],
        h.p(".note")["What was written from ", since, " to ", until],
    ]


def _line(number: int, line: Line, to: str) -> h.Element:
    body = [
        h.p(".text", dir="auto")[line.text],
        h.p(".note")[
            [[number > 0 and " · ", source(cited)] for number, cited in enumerate(line.cites)],
            line.more > 0 and f" · and {line.more} more like this",
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


def _told(told_: Sequence[tuple[datetime, Heard]], of: str) -> list[h.Node]:
    """The latest reply first; below each what came of it."""
    if not told_:
        return [h.p(".note")["What you say here changes the next report, at once; and each change can be undone."]]
    undone = {event.undoes for _, event in told_ if isinstance(event, InterestChanged)}
    latest = told_[-1][1]
    came: dict[str, list[h.Node]] = {}
    said: dict[str, str] = {}
    for at, event in told_:
        if isinstance(event, ReplyGiven):
            said[event.id] = event.text
            came[event.id] = [h.div(".you")[replies.said(event), h.small[moment(at)]]]
        else:
            gone = isinstance(event, InterestChanged) and event.version in undone
            below = said.get(event.reply, "")
            heard = replies.came(of, event, undone=gone, open_=event is latest, below=below)
            came.setdefault(event.reply, []).append(heard)
    return [
        h.h2["What you said, and what came of it"],
        h.ol(".heard")[(h.li[each] for each in reversed(came.values()))],
    ]


def _asked(taught: Taught, of: str) -> h.Element:
    """What was asked last. Each question is a piece of its own, so that those below stay where they are."""
    by = [change for _, change in taught.changes]
    return h.section(id="r-asked", class_="asked", data_merges=True)[
        h.h2(id="r-asked-title")["Questions whose answers change the report most"],
        h.ol(id="r-asked-all", class_="asks-all", data_merges=True)[
            (
                piece(h.li, f"r-asked-{n}", "", replies.question(of, n, one, answer, _by(one, by)))
                for n, (one, answer) in enumerate(taught.asked, 1)
            )
        ],
    ]


def _by(asked: Asked, changes: Sequence[InterestChanged]) -> InterestChanged | None:
    """The change in which it was answered."""
    answers = (each for each in reversed(changes) if any(asked.answered_by(c) is not None for c in each.changes))
    return next(answers, None)


def _since(changed: Otherwise, anew: h.Node) -> list[h.Node]:
    """The report that is shown, by what was taught since it was made."""
    if not changed.gained and not changed.lost:
        return [h.h2["What you said since"], h.p(".note")["It leaves the lines of this report as they are."], anew]
    return [
        h.h2["What you said since changes this report"],
        h.ul(".moved")[
            (_moved("comes in", "good", each) for each in changed.gained),
            (_moved("goes", "bad", each) for each in changed.lost),
        ],
        anew,
    ]


def _moved(way: str, kind: str, one: Moved) -> h.Element:
    return h.li[
        h.b(class_=kind)[way],
        " ",
        h.span(dir="auto")[one.text],
        h.small[f" {one.author}, {one.channel} · {one.why}"],
    ]


def _anew(stream: str) -> h.Element:
    """A report of the same time where nothing was read since, else of the next."""
    if stream.startswith("automation_"):
        return h.form(data_api=f"/v1/automations/{stream}/run")[h.button["Report anew"], told()]
    return h.form(data_api=f"/v1/threads/{stream}/messages")[
        given("text", "Report what matters."), h.button["Report anew"], told()
    ]


def _fold(id: str, title: str, body: h.Node) -> h.Element:
    return piece(h.details, id, "fold", [h.summary[title], body])


def _knows(taught: Taught) -> list[h.Node]:
    names = [h.li[f"you are called {name}"] for name in taught.names]
    every = [*([taught.length] if taught.length.version else []), *taught.rules, *taught.weights]
    return [
        h.p(".note")[f"Version {taught.version}; {taught.length.about}."],
        h.ul(".known")[(_known(each) for each in every), names],
    ]


def _known(one: Weight) -> h.Element:
    counts = f"counts {'more' if one.worth > 0 else 'less'}: {one.about} ({one.worth:+.1f})" if one.worth else one.about
    return h.li[
        counts,
        one.since is not None
        and h.small[" since ", moment(one.since), one.said and [", because you said ", h.q(dir="auto")[one.said]]],
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
                    each.title, ", ", moment(each.until, day=True)
                ]
            ]
            for each in every
        )
    ]


def _charts(every: Sequence[Report], verdicts: Mapping[str, Verdicts]) -> h.Element:
    """Oldest at the left. Of a report that was answered, what wasn't said to be wrong counts as right."""
    shares = [100 * len(each.lines) / (each.looked or 1) for each in every]
    kept = [
        Bar(share, (f"{each.until:%d %b %Y}", str(len(each.lines)), f"{each.looked:,}"))
        for each, share in zip(every, shares, strict=True)
    ]
    right = [_right(each, verdicts[each.id]) for each in every if each.id in verdicts and each.lines]
    return h.div(".charts")[
        bars(kept, "Of what was read, kept", f"at most {max(shares):.2g} %", ("Until", "Lines", "Posts read")),
        right != []
        and bars(
            right,
            "Right, by your replies",
            f"of the last that you answered {right[-1].size:.0%} of the lines",
            ("Until", "Lines", "You said right", "wrong", "missed"),
            most=1,
        ),
    ]


def _right(of: Report, said: Verdicts) -> Bar:
    share = 1 - len(said.bad) / len(of.lines)
    row = (f"{of.until:%d %b %Y}", *map(str, (len(of.lines), len(said.good), len(said.bad), said.missed)))
    return Bar(max(0.0, share), row, "good" if share >= HALF else "bad")
