"""The inbox: one list of what needs a person, each answered, put off or done with where it stands."""

from __future__ import annotations

from collections.abc import Sequence, Set

import htpy as h
from starlette.responses import HTMLResponse, StreamingResponse

from maquette.actions import inbox as items
from maquette.actions import projects, reports
from maquette.actions.home import Home
from maquette.domain.explorations import Regained
from maquette.domain.projects import Project
from maquette.store.projections.failures import Again
from maquette.store.projections.inbox import Item, Kind, State
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.cards.markdown import prose
from maquette.web.views import later
from maquette.web.views.forms import given, told
from maquette.web.views.frame import Keys, faced, page
from maquette.web.views.here import Beats
from maquette.web.views.pieces import piece
from maquette.web.views.rail import rail, standing
from maquette.web.views.streaming import of_room
from maquette.web.views.waits import asked
from maquette.web.views.words import count, moment

router = routes.pages()

KEYS: Keys = (
    ("j  k", "next, previous"),
    ("Enter", "open it"),
    ("e", "done with it"),
    ("l", "later"),
    ("r", "reply, or answer"),
    ("z", "undo"),
)
SHOWN, LATELY = 100, 10
"""Items on the page; of those that are done, the last."""
STATES: tuple[State, ...] = ("open", "later", "done")
LABELS = {
    Kind.ASKS: "Asks you",
    Kind.FAILED: "Failed",
    Kind.REGAINED: "Works now",
    Kind.RESULT: "Result",
    Kind.REPORT: "Report",
}


@router.get("/inbox")
async def inbox(home: Here) -> HTMLResponse:
    main = h.fragment[await contents(home), later.dialog("Not now", "Put off until then"), _undo(), _notices()]
    return page("Inbox", await rail(home, "/inbox"), main, stream="/inbox/stream", keys=KEYS)


@router.get("/inbox/stream")
async def changes(home: Here, pulse: Beats) -> StreamingResponse:
    return of_room(home, pulse, "inbox", lambda: contents(home))


async def contents(home: Home) -> h.Element:
    """Merged into what is there (`static/elements/merging.js`): what stays as it was isn't touched."""
    open_, off, done = [await items.listed(home, state) for state in STATES]
    says = await items.said(home, open_[:SHOWN])
    known = {project.id: project for project in await projects.listed(home)}
    runs = {one.receipt.automation for one in open_[:SHOWN] if one.receipt}
    report = {run for run in runs if await reports.listed(home, run)}
    more = len(open_) - SHOWN
    return h.article(id="inbox", class_="inbox", data_merges=True)[
        h.h1(id="inbox-title", tabindex="-1")["Inbox"],
        not open_
        and h.p(".empty", id="inbox-empty")["Nothing needs you. What asks, fails or comes to an end shows up here."],
        h.ul(id="inbox-items", class_="items", data_merges=True)[
            (_item(one, says.get(one.thread.id, ""), known.get(one.thread.project), report) for one in open_[:SHOWN])
        ],
        more > 0 and piece(h.p, "inbox-more", "note", [f"And {more} more, once some of these are done with."]),
        off != [] and _fold("inbox-later", f"Put off ({len(off)})", off, "Back now"),
        done != [] and _fold("inbox-done", "Done with lately", done[:LATELY], "Put back"),
    ]


def _item(one: Item, says: str, project: Project | None, report: Set[str]) -> h.Element:
    """`report`: the automations whose runs give one."""
    at = one.thread
    body = [
        h.h2(".label")[LABELS[one.kind], not one.read and h.span(".said")[", not looked at yet"]],
        h.div(".body", faced(project))[
            h.header[
                h.h3[h.a(href=f"/threads/{at.id}", dir="auto")[at.title]],
                h.p(".note")[
                    one.part_of and ["a part of ", h.a(href=f"/threads/{at.parent}", dir="auto")[one.part_of], " · "],
                    one.receipt and [_of(one.receipt.automation), " · "],
                    project and project.name,
                    one.kind is not Kind.ASKS and f" · {standing(at)}",
                    " · ",
                    moment(one.at),
                ],
            ],
            [asked(at.id, ask) for ask in one.asks],
            one.reason and h.p(".reason")[one.reason],
            one.again and _again(one.again),
            one.regained and _regained(one.regained),
            one.receipt and one.receipt.proved and h.p(".note")["Checked: ", one.receipt.proved],
            says and h.div(".says")[prose(says)],
            at.added + at.removed > 0 and one.kind is not Kind.ASKS and _changes(at.id),
            _acts(one, one.receipt.automation if one.receipt and one.receipt.automation in report else ""),
        ],
    ]
    kind = f"block item {one.kind.value} {'read' if one.read else 'unread'}"
    return piece(h.li, f"item-{at.id}", kind, body)


def _of(automation: str) -> h.Element:
    return h.a(href=f"/automations/{automation}")["its automation"]


def _again(again: Again) -> h.Element:
    """For which it stands: the last is this one."""
    return h.details(".again")[
        h.summary[f"{count(again.times, 'time')} since ", moment(again.since), ", for the same reason"],
        h.ul(".known")[
            (h.li[h.a(href=f"/threads/{one.thread}")[moment(one.at, day=True)]] for one in again.earlier),
            (more := again.times - 1 - len(again.earlier)) > 0 and h.li(".note")[f"and {more} before these"],
        ],
        h.p(".note")["It leaves the inbox by itself once a run succeeds."],
    ]


def _regained(back: Regained) -> h.Element:
    """What passes now, beside how it came out when it was put on the shelf."""
    was = {check.command: check for check in back.was}
    of = f"/explore/{back.exploration}"
    return h.div(".regained")[
        h.p[
            h.a(href=f"{of}/attempts/{back.again}")[f"Attempt {back.again}"],
            f" ({back.model}) passes what ",
            h.a(href=f"{of}/attempts/{back.shelved}")[f"attempt {back.shelved}"],
            " on the shelf failed: ",
            h.a(href=f"{of}/compare?left={back.shelved}&right={back.again}")["both, side by side"],
            f". Still failing: {', '.join(back.still)}." if back.still else ".",
        ],
        [
            h.details[
                h.summary[h.code[now.command], " passes now"],
                h.p(".note")[f"Then, status {was[now.command].status}:"] if now.command in was else None,
                h.pre[was[now.command].output] if now.command in was else None,
                h.p(".note")[f"Now, status {now.status}, {now.seconds:.1f} s:"],
                h.pre[now.output],
            ]
            for now in back.now
        ],
    ]


def _changes(thread: str) -> h.Element:
    return h.Element("load-late")(".detail", src=f"/threads/{thread}/difference")[
        h.details[h.summary["The changes"], h.p(".note")["Loading…"]]
    ]


def _acts(one: Item, report: str) -> h.Element:
    """A question is answered where it stands, so nothing more can be said to it, and it can't be done with."""
    thread, asks = one.thread.id, one.kind is Kind.ASKS
    return h.div(".acts")[
        not asks
        and h.form(data_api=f"/v1/inbox/{thread}/done", data_item="Done")[
            given("of", one.of), h.button["Done"], told()
        ],
        later.puts_off(f"/v1/inbox/{thread}/later", one.thread.title, "Later", of=one.of, kind="quiet" if asks else ""),
        one.kind is Kind.FAILED and h.form(data_api=f"/v1/threads/{thread}/resume")[h.button["Go on"], told()],
        _answer(report) if report else not asks and _reply(thread),
    ]


def _answer(automation: str) -> h.Element:
    """What is said to a report teaches the next one; it is no task."""
    return h.a(".say", href=f"/reports/{automation}")["Say what was right or wrong with it"]


def _reply(thread: str) -> h.Element:
    return h.details(".drawer")[
        h.summary["Reply"],
        h.form(
            ".say",
            data_api=f"/v1/threads/{thread}/messages",
            data_draft=f"reply-{thread}",
            data_waits=f"reply-{thread}",
        )[
            h.textarea(
                name="text", rows="2", required=True, aria_label="Your reply", placeholder="Say what comes next…"
            ),
            h.button(".main")["Send"],
            told(),
        ],
    ]


def _fold(id: str, title: str, some: Sequence[Item], says: str) -> h.Element:
    """What is out of sight, and the way back."""
    lines = [
        h.li(".away")[
            h.div[
                h.a(href=f"/threads/{one.thread.id}", dir="auto")[one.thread.title],
                h.small["until ", moment(one.until)] if one.until and not one.done else h.small[moment(one.at)],
            ],
            _made_good(one.again.by) if one.again and one.again.over else _back(one, says),
        ]
        for one in some
    ]
    return piece(h.details, id, "fold", [h.summary[title], h.ul(".lines")[lines]])


def _back(one: Item, says: str) -> h.Element:
    return h.form(data_api=f"/v1/inbox/{one.thread.id}/back")[given("of", one.of), h.button[says], told()]


def _made_good(thread: str | None) -> h.Element:
    return h.small(".made-good")["over by itself: ", h.a(href=f"/threads/{thread}")["a later run succeeded"]]


def _undo() -> h.Element:
    return h.aside(id="undo", class_="undo", role="status", hidden=True)[
        h.p[h.b(dir="auto")],
        h.form[h.input(type="hidden", name="of"), h.button["Undo"], " ", h.kbd["z"], told()],
    ]


def _notices() -> h.Element:
    """The browser's own (`static/elements/notices.js`); what is chosen stays in the browser."""
    return h.aside(".notices", id="notices", aria_label="Notices")[
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
        h.p(".note", role="status", data_notices_say=True),
    ]
