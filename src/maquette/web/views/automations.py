"""Automations: what is done by itself, when, within what, and what became of each time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import htpy as h
from starlette.responses import HTMLResponse, StreamingResponse

from maquette.actions import automations, hooks, projects, reports, sources
from maquette.actions.amending import FORMS
from maquette.actions.automations import Told, Version
from maquette.actions.home import Home
from maquette.actions.hooks import Hook
from maquette.domain.automations import Automation, Plan, Receipt, State, When
from maquette.domain.events import ReplyGiven
from maquette.domain.gardening import BRIEF
from maquette.domain.projects import Project, ProjectKind
from maquette.domain.reports import Report
from maquette.schedules import zones
from maquette.store.interests import Heard
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.views import hooks as told_by
from maquette.web.views import later, plans, receipts, replies
from maquette.web.views.forms import given, told
from maquette.web.views.frame import page
from maquette.web.views.here import Beats
from maquette.web.views.pieces import piece
from maquette.web.views.rail import rail
from maquette.web.views.streaming import of_room
from maquette.web.views.words import count, moment

router = routes.pages()

ROOM = "/automations"
SHOWN = 60
"""Receipts of one."""
SAID_ABOVE = ("does", "when")
"""Of what was approved."""
IDEAS = (
    (
        "What matters",
        "weekdays at 7",
        "Report what matters.",
        "the few of your sources’ many messages that matter; you answer back, and the next is another",
    ),
    (
        "What changed",
        "weekdays at 8",
        "What changed in the last day?",
        "a digest of a repo’s history before the day begins",
    ),
    ("Dead code", "Fridays at 22:00", "Delete the dead code.", "offered as a change, for you to merge or not"),
)
"""A name, when, what to say, and what comes of it."""


@router.get(ROOM)
async def every(home: Here) -> HTMLResponse:
    return page("Automations", await rail(home, ROOM), await _list(home), stream=f"{ROOM}/stream")


@router.get(f"{ROOM}/stream")
async def changes(home: Here, pulse: Beats) -> StreamingResponse:
    return of_room(home, pulse, "automations", lambda: _list(home))


@router.get(f"{ROOM}/new")
async def new(home: Here, idea: int | None = None) -> HTMLResponse:
    like = Plan.model_construct(name="", brief="", when=When(zone=zones.here() or "UTC"))
    if idea is not None and 0 <= idea < len(IDEAS):
        name, when, brief, _ = IDEAS[idea]
        like = Plan(name=name, brief=brief, when=When(schedule=when, zone=zones.here() or "UTC"))
    main = h.article(".automation")[
        h.h1["A new automation"],
        h.p(".note")[
            "Say it in a thread (“every weekday at 7, tell me what changed here”) and a draft comes of it; ",
            "or fill this in.",
        ],
        plans.form(None, await projects.listed(home), like=like),
        plans.zone_names(),
    ]
    return page("New automation", await rail(home, ROOM), main, stream="/stream")


@router.get(f"{ROOM}/{{name}}")
async def one(home: Here, name: str) -> HTMLResponse:
    at = await automations.find(home, name)
    main = h.fragment[
        await _whole(home, at.id), later.dialog("Not for a while", "Pause until then"), plans.zone_names()
    ]
    return page(at.plan.name, await rail(home, ROOM), main, stream=f"{ROOM}/{at.id}/stream")


@router.get(f"{ROOM}/{{name}}/card")
async def card(home: Here, name: str) -> HTMLResponse:
    """How it stands, within the thread in which it was drafted."""
    each = await automations.show(home, name)
    at = each.automation
    link = h.p[h.a(href=f"{ROOM}/{at.id}")["Change it, try it, and see what came of it"]]
    if at.state not in (State.DRAFT, State.OFF):
        return HTMLResponse(str(h.div[h.p[_state(each)], link]))
    return HTMLResponse(str(h.div(".asks")[_asks(each, then=f"{ROOM}/{at.id}"), link]))


@router.get(f"{ROOM}/{{name}}/stream")
async def of_one(home: Here, pulse: Beats, name: str) -> StreamingResponse:
    at = await automations.find(home, name)
    return of_room(home, pulse, "automation", lambda: _whole(home, at.id))


async def _list(home: Home) -> h.Element:
    found = await automations.listed(home)
    return h.article(id="automations", class_="automations", data_merges=True)[
        h.h1(id="automations-title")["Automations"],
        h.p(id="automations-new", class_="acts")[h.a(".button", href=f"{ROOM}/new")["New automation"]],
        not found and _none_yet(),
        h.ul(id="automations-all", class_="lines", data_merges=True)[(_line(each) for each in found)],
        _gardener(found, await projects.listed(home)),
    ]


def _gardener(found: Sequence[Told], known: Sequence[Project]) -> h.Element | None:
    """Offered for each repo that has none."""
    tended = {each.automation.plan.project for each in found if each.automation.plan.brief == BRIEF}
    repos = [one for one in known if one.kind is ProjectKind.REPO and one.id not in tended]
    if not repos:
        return None
    unproved = [one.name for one in repos if not one.checks]
    body = [
        h.h2["The night gardener"],
        h.p[
            "Code that nothing uses, functions that are there twice, dependencies that nothing needs: each is deleted "
            "in a work tree of its own, proved by the project’s checks, and in the morning offered as one difference, "
            "with the lines that it saves. By rule, so it costs nothing; and it learns from what you decline."
        ],
        h.form(".acts", data_api="/v1/automations/gardener", data_then=f"{ROOM}/{{id}}")[
            h.label["In ", h.select(name="project")[(h.option(value=one.id)[one.name] for one in repos)]],
            h.button["Draft the gardener"],
            told(),
        ],
        unproved != [] and h.p(".note")[f"Without checks it offers nothing; these have none: {', '.join(unproved)}."],
    ]
    return piece(h.section, "automations-garden", "garden", body)


def _none_yet() -> h.Element:
    """What can be made, each a form that is filled in already."""
    return h.section(id="automations-none", class_="tries")[
        h.h2["Nothing is done by itself yet"],
        h.p[
            "Say in a thread what should be done, and when: a draft comes of it, which does nothing until you turn it "
            "on. What it finds comes into the inbox, and you answer back. Or begin with one of these:"
        ],
        h.ul[
            (
                h.li[h.a(".idea", href=f"{ROOM}/new?idea={number}")[h.b[name], h.small[f"{when}: {what}"]]]
                for number, (name, when, _, what) in enumerate(IDEAS)
            )
        ],
    ]


def _line(each: Told) -> h.Element:
    at = each.automation
    coming = at.state is State.ON and each.next and [" Next: ", plans.wall(each.next[0].local), "."]
    body = [
        h.div[h.a(href=f"{ROOM}/{at.id}", dir="auto")[at.plan.name], h.small[_state(each)]],
        h.p[each.means or "Runs when you say so.", coming],
        each.last and h.p[_last(each.last)],
    ]
    return piece(h.li, f"a-{at.id}", f"automation-line {at.state.value}", body)


def _state(each: Told) -> h.Node:
    at = each.automation
    words = {State.DRAFT: "a draft", State.ON: "on", State.PAUSED: "paused", State.OFF: "off"}
    until = at.state is State.PAUSED and at.until is not None and [" until ", moment(at.until)]
    waits = each.waits > 0 and h.b(".bad")[" · needs you"]
    return h.span(class_=f"state {'good' if at.state is State.ON else ''}")[words[at.state], until, waits]


def _last(last: Receipt) -> h.Node:
    came = h.b(class_=receipts.kind(last))[receipts.came(last)]
    said = ["Last: ", came, ", ", moment(last.ended or last.at)]
    return h.a(href=f"/threads/{last.thread}")[said] if last.thread else said


async def _whole(home: Home, automation: str) -> h.Element:
    each = await automations.show(home, automation)
    found = await automations.receipts(home, automation, SHOWN)
    former = await automations.versions(home, automation)
    known = await projects.listed(home)
    given_ = await reports.listed(home, automation)
    at = each.automation
    hook = await hooks.of(home, at)
    plan, asks = at.plan, at.state in (State.DRAFT, State.OFF)
    return h.article(id="automation", class_="automation", data_merges=True)[
        piece(h.header, "a-head", "", _head(each)),
        asks and _section("asks", "Asks you", _asks(each)),
        _section("what", "What", h.p(".text", dir="auto")[plan.brief]),
        _section("when", "When", _when(home, plan)),
        _section("from", "Where from", _comes(each, await sources.named(home))),
        hook is not None and _hook(hook),
        _section("to", "Where to", h.p[_goes(at)]),
        given_ != [] and _section("reports", "Report", _last_report(at, given_[0])),
        not asks and _section("may", "May", _shown(each, *SAID_ABOVE)),
        found != [] and _section("answer", "Answer back", _say(at, (await reports.taught(home, automation)).told)),
        _section("receipts", "Receipts", [receipts.table(found), receipts.charts(found)]),
        piece(h.details, "a-edit", "fold", _edit(at, known)),
        piece(h.details, "a-versions", "fold", _versions(at, former)),
    ]


def _comes(each: Told, read: Sequence[str]) -> h.Element:
    posts = f"; for reports, what is written in {', '.join(read)}" if read else ""
    return h.p[f"What is in {each.project}{posts}."]


def _say(at: Automation, told_: Sequence[tuple[datetime, Heard]]) -> list[h.Node]:
    """Whatever its runs do. Below it what came of the last thing that was said."""
    last = told_[-1][1] if told_ else None
    return [
        h.form(".say.back", data_api=replies.to(at.id), data_waits=f"say-{at.id}")[
            h.textarea(
                name="text",
                rows="1",
                required=True,
                maxlength="10000",
                aria_label="What is to be otherwise from now on",
                placeholder=" · ".join(FORMS),
            ),
            h.button["Say it"],
            told(),
        ],
        last is not None and not isinstance(last, ReplyGiven) and replies.came(at.id, last),
    ]


def _goes(at: Automation) -> str:
    one = "All runs go on in one thread" if at.plan.goes_on else "Each run has a thread of its own"
    return f"{one}; what it finds comes into the inbox. A run that finds nothing new puts itself away."


def _last_report(at: Automation, last: Report) -> h.Element:
    said = f"{count(len(last.lines), 'line')} out of {last.looked:,} posts"
    return h.p[h.a(href=f"/reports/{at.id}")["The last one, and your answers to it"], f": {said}, ", moment(last.until)]


def _when(home: Home, plan: Plan) -> list[h.Node]:
    """By its schedule, and by what else begins a run."""
    when = plan.when
    wakes = [h.p[f"{home.triggers[wake.trigger].means(wake.options)}."] for wake in when.wakes]
    return [(when.schedule or not wakes) and plans.meant(when.schedule, when.zone), wakes]


def _hook(hook: Hook) -> h.Element:
    """Merged by its pieces: in one of them a secret may stand, which is shown once."""
    body = h.div(id="a-hook-body", class_="body", data_merges=True)[told_by.part(hook)]
    return h.section(id="a-hook", class_="block hook", data_merges=True)[
        h.h2(".label", id="a-hook-says")["Webhook"], body
    ]


def _section(id: str, label: str, body: h.Node) -> h.Element:
    return piece(h.section, f"a-{id}", f"block {id}", [h.h2(".label")[label], h.div(".body")[body]])


def _head(each: Told) -> list[h.Element]:
    return [
        h.p(".crumb")[h.a(href=ROOM)["Automations"], f" · {each.project}"],
        h.h1(dir="auto")[each.automation.plan.name],
        h.p(".now")[_state(each)],
        _acts(each),
    ]


def _acts(each: Told) -> h.Element:
    at = each.automation
    to = f"/v1/automations/{at.id}"
    paused, on = at.state is State.PAUSED, at.state is State.ON
    return h.div(".acts")[
        (on or paused) and h.form(data_api=f"{to}/run", data_command="run now")[h.button["Run now"], told()],
        _trial(at),
        on and h.form(data_api=f"{to}/pause", data_command="pause")[h.button["Pause"], told()],
        (on or paused) and later.puts_off(f"{to}/pause", at.plan.name, "Snooze"),
        paused and h.form(data_api=f"{to}/resume", data_command="resume")[h.button(".main")["Go on"], told()],
        (on or paused)
        and h.form(data_api=f"{to}/off", data_command="turn off")[h.button(".quiet")["Turn off"], told()],
    ]


def _trial(at: Automation) -> h.Element:
    return h.form(data_api=f"/v1/automations/{at.id}/trial", data_command="trial run")[
        h.button["Make a trial run"], told()
    ]


def _asks(each: Told, then: str | None = None) -> list[h.Node]:
    """Turning it on is the approval: of exactly these lines. `then`: where that leads from another page, on which it is
    tried as well.
    """
    at = each.automation
    changed = at.state is State.DRAFT and at.version > 1
    return [
        h.h3["May it run by itself?"],
        h.p[
            changed and "What it may do or cost may be other than what you approved once. ",
            "Within these lines it asks nobody. What needs more waits for you in the inbox.",
        ],
        _shown(each),
        then is not None and _trial(at),
        h.form(
            data_api=f"/v1/automations/{at.id}/on", data_then=then, data_waits=f"on-{at.id}", data_command="turn on"
        )[
            given("digest", each.digest),
            h.div(".acts")[h.button(".main")["Turn it on"]],
            told(),
        ],
    ]


def _shown(each: Told, *but: str) -> h.Element:
    return h.dl(".manifest")[(h.div[h.dt[name], h.dd[said]] for name, said in each.shown if name not in but)]


def _edit(at: Automation, known: Sequence[Project]) -> list[h.Element]:
    return [h.summary["Change it"], plans.form(at.plan, known, like=at.plan, automation=at)]


def _versions(at: Automation, former: Sequence[Version]) -> list[h.Element]:
    return [
        h.summary[f"Versions ({len(former)})"],
        h.ol(".versions", reversed=True)[(_version(at, one) for one in former)],
    ]


def _version(at: Automation, one: Version) -> h.Element:
    what = f"version {one.restores} again" if one.restores else ", ".join(one.changed) or "drafted"
    return h.li(value=str(one.version))[
        h.p[
            h.b[what[0].upper() + what[1:]],
            one.because and f": {one.because}",
            " · ",
            moment(one.at),
            one.said and [" · ", h.a(href=f"/threads/{one.said}")["where it was said"]],
        ],
        one.version != at.version
        and h.form(
            data_api=f"/v1/automations/{at.id}/versions/{one.version}/restore", data_waits=f"back-{one.version}"
        )[h.button(".quiet", aria_label=f"Bring version {one.version} back")["Bring this back"], told()],
    ]
