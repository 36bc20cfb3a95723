"""The rail: the rooms there are, and the threads, those that need somebody first."""

from __future__ import annotations

from collections.abc import Set

import htpy as h

from maquette.actions import inbox, projects, threads
from maquette.actions.home import Home
from maquette.domain.threads import Outcome, Thread, ThreadState
from maquette.web.views.forms import told
from maquette.web.views.words import moment

SHOWN = 60
"""Threads in the rail; the others are found by search."""
AWAY = "/away"
SESSIONS = "/sessions"
COLOURS = (("", "System colours"), ("light", "Light"), ("dark", "Dark"))
ROOMS = (
    ("/", "New work"),
    ("/inbox", "Inbox"),
    ("/automations", "Automations"),
    ("/sources", "Sources"),
    ("/explore", "Explore"),
    ("/search", "Search"),
    ("/projects", "Projects"),
    ("/costs", "Costs"),
    ("/models", "Models"),
)


async def rail(home: Home, here: str = "") -> h.Element:
    listed = await threads.listed(home, limit=SHOWN)
    named = {project.id: project.name for project in await projects.listed(home)}
    away = await threads.listed(home, archived=True, limit=1)
    waiting = await inbox.looked_at(home)
    unread = {thread for thread, seen in waiting.items() if not seen}
    by: dict[str, list[Thread]] = {}
    for thread in listed:
        if thread.automation and _is_settled(thread, unread):
            continue
        by.setdefault("Pinned" if thread.pinned else named.get(thread.project, ""), []).append(thread)
    return h.nav(
        id="rail",
        class_="rail",
        aria_label="Maquette",
        data_waits=str(len(waiting)),
        data_unread=" ".join(sorted(unread)),
    )[
        h.a(".brand", href="/")["Maquette"],
        h.ul(".rooms")[(_room(path, name, here, len(waiting)) for path, name in ROOMS)],
        h.div(".faces", role="group", aria_label="How much is shown")[
            h.button(type="button", data_face_is="plain")["Plain"],
            h.button(type="button", data_face_is="detail")["Detail"],
            h.select(aria_label="Colours", data_chooses_colours=True)[
                (h.option(value=value)[name] for value, name in COLOURS)
            ],
        ],
        h.div(".leave")[
            away and h.a(href=AWAY, aria_current="page" if here == AWAY else None)["Put away"],
            h.a(href=SESSIONS, aria_current="page" if here == SESSIONS else None)["Who is in"],
            h.form(data_api="/v1/sessions/current/end", data_then="/")[h.button(".quiet")["Log out"], told()],
        ],
        (
            [h.h2[name], h.ul(".threads")[(_line(thread, here, thread.id in unread) for thread in some)]]
            for name, some in by.items()
        ),
    ]


def _room(path: str, name: str, here: str, waiting: int) -> h.Element:
    badge = path == "/inbox" and waiting > 0 and h.span(".badge")[str(waiting), h.span(".said")[" waiting"]]
    return h.li[h.a(href=path, aria_current="page" if path == here else None)[name, badge]]


def _line(thread: Thread, here: str, unread: bool) -> h.Element:
    path = f"/threads/{thread.id}"
    return h.li(class_=f"thread {_kind(thread)}{' unread' if unread else ''}")[
        h.a(href=path, aria_current="page" if path == here else None)[
            h.b(dir="auto")[thread.title],
            h.small[h.span[standing(thread)], " ", thread.state is ThreadState.IDLE and moment(thread.changed)],
            unread and h.span(".said")["not looked at yet"],
        ]
    ]


def _is_settled(run: Thread, unread: Set[str]) -> bool:
    """A run that needs nobody is found on its automation's page: there is one each day."""
    return run.state is ThreadState.IDLE and not run.pinned and run.id not in unread


def _kind(thread: Thread) -> str:
    if thread.state is ThreadState.IDLE:
        return "failed" if thread.outcome is Outcome.FAILED or thread.checked is False else "idle"
    return thread.state.value


def standing(thread: Thread) -> str:
    """Where a thread is, in a few words."""
    match thread.state:
        case ThreadState.WAITING:
            return "needs you"
        case ThreadState.RUNNING:
            return "at work"
        case ThreadState.QUEUED:
            return "in line"
        case ThreadState.IDLE:
            pass
    if thread.merged:
        return "merged"
    said = {Outcome.FAILED: "failed", Outcome.STOPPED: "stopped", Outcome.BUDGET: "out of budget"}
    parts = [said[thread.outcome]] if thread.outcome and thread.outcome in said else []
    if thread.added or thread.removed:
        parts += [thread.stage.value, f"+{thread.added} −{thread.removed}"]
    if thread.checked is not None:
        parts.append("checks passed" if thread.checked else "checks failed")
    return " · ".join(parts) or ("done" if thread.outcome else "nothing done yet")
