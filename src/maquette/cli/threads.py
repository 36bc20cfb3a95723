"""Threads: list, look, say more, stop, resume, fork, change."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link, segment
from maquette.cli.run import add_budget, add_following, images_of, project_of, task_of, went
from maquette.cli.screen import count, short

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from maquette.cli.screen import Screen
    from maquette.cli.telling import Account

NAMED = "an id, its last four or more characters, or `latest`"


def add(commands: Commands) -> None:
    told = "List threads: pinned first, then what is at work or waits, then the latest"
    threads = commands.add("threads", told, _list)
    threads.add_argument("-p", "--project")
    threads.add_argument("--archived", action="store_true", help="those put away")
    threads.add_argument("-n", type=int, default=30, metavar="COUNT", help="how many (30)")
    threads.add_argument("--json", action="store_true", help="as the base gives it")
    show = commands.add("show", "Show what happened in a thread", _show)
    show.add_argument("-f", "--follow", action="store_true", help="and what happens from now on")
    show.add_argument("--json", action="store_true", help="one event a line")
    send = commands.add("send", "Say more in a thread: a turn of its own, after what is in line", _send)
    steer = commands.add("steer", "Say something into the turn that is at work", _steer)
    stop = commands.add("stop", "End the turn that is queued, at work or waiting; what was done is kept", _stop)
    resume = commands.add("resume", "Go on after a stop, a failure or a spent budget", _resume)
    fork = commands.add("fork", "A new thread with the past of this one", _fork)
    set_ = commands.add("set", "Rename, pin or archive a thread, or give it another model or budget", _set)
    for one in (show, send, steer, stop, resume, fork, set_):
        one.add_argument("thread", help=NAMED)
    for one in (send, steer):
        one.add_argument("text", nargs="+", help="- takes it from standard input")
        one.add_argument("--image", action="append", default=[], metavar="FILE")
    for one in (send, resume):
        add_following(one)
    fork.add_argument("--at", type=int, metavar="POSITION", help="up to the last turn that had ended there")
    set_.add_argument("--title")
    for word, against in (("pin", "unpin"), ("archive", "unarchive")):
        either = set_.add_mutually_exclusive_group()
        either.add_argument(f"--{word}", action="store_true", default=None, dest=f"{word}")
        either.add_argument(f"--{against}", action="store_false", default=None, dest=f"{word}")
    set_.add_argument("-m", "--model")
    add_budget(set_)


def at(thread: str, *more: str) -> str:
    """The address of a thread, or of something of it."""
    return "/".join(["/threads", segment(thread), *more])


def _list(link: Link, args: argparse.Namespace) -> int:
    found = link.get(
        "/threads", project=project_of(args.project or "") or None, archived=args.archived, limit=args.n, children=True
    )
    out = screen.out()
    if args.json:
        return screen.as_json(found)
    if halted := link.get("/health")["halted"]:
        screen.err().line((halted, "yellow"))
    names = {project["id"]: project["name"] for project in link.get("/projects")} if found else {}
    columns = ("thread", "state", "project", "title", "change", "checks", "tokens", "price", "when")
    out.table(columns, [_row(thread, names, mark) for thread, mark in _as_tree(found)])
    if any(thread["state"] == "running" for thread in found):
        for silent in link.get("/health")["silent"]:
            screen.err().line((silent, "yellow"))
    return endings.DONE


def _as_tree(found: Sequence[Json]) -> Iterator[tuple[Json, str]]:
    """Each with what stands before its title: how deep below its parent, which it follows."""
    depth: dict[str, int] = {}
    for thread in found:
        depth[thread["id"]] = deep = depth.get(thread["parent"], -1) + 1
        yield thread, f"{'  ' * (deep - 1)}└ " if deep else ""


def _row(thread: Json, names: Json, mark: str) -> tuple[str, ...]:
    state = thread["state"] if thread["state"] != "idle" else thread["outcome"] or "new"
    changed = f"+{thread['added']} −{thread['removed']}" if thread["added"] or thread["removed"] else ""
    return (
        short(thread["id"]) + ("*" if thread["pinned"] else ""),
        "merged" if thread["merged"] else state,
        names.get(thread["project"], thread["project"]),
        f"{mark}{thread['title']}",
        changed,
        "" if thread["checked"] is None else "pass" if thread["checked"] else "fail",
        count(thread["tokens"]),
        "?" if thread["price"] is None else f"${float(thread['price']):.2f}",
        ago(thread["changed"]),
    )


def _tell_family(link: Link, out: Screen, thread: Json) -> None:
    if thread["parent"]:
        out.line((f"a part of {short(thread['parent'])}", "dim"))
    for child, mark in _as_tree([thread, *link.get(at(thread["id"], "children"))]):
        if mark:
            name, state, *_ = _row(child, {}, mark)
            spent = f"{count(child['tokens'])} tokens"
            out.line((f"{mark}{name}  {state}  {spent}  ", "dim"), child["title"])


def ago(moment: str) -> str:
    """How long since, in the largest unit that fits."""
    from datetime import UTC, datetime

    seconds = (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return "now"


def _show(link: Link, args: argparse.Namespace) -> int:
    from maquette.cli.following import follow, seen
    from maquette.cli.telling import Teller

    thread = link.get(at(args.thread))
    last = waits = 0
    cursor: int | None = 0
    out = screen.out()
    teller = Teller(out)
    if not args.json:
        out.line((thread["title"], "bold"))
        out.line((f"{thread['id']}  {thread['mode']}  {thread['model']}", "dim"))
        _tell_family(link, out, thread)
    while cursor is not None:
        page = link.get(at(thread["id"], "entries"), after=cursor)
        for entry in page["entries"]:
            if args.json:
                out.line(json.dumps(entry))
            else:
                teller.tell("entry", entry)
            if (kind := entry["event"]["type"]).startswith("turn."):
                waits = entry["cursor"] if kind == "turn.waiting" else 0
        last = page["entries"][-1]["cursor"] if page["entries"] else last
        cursor = page["next"]
    teller.pause()
    # Asked again: whatever turn is open now ends, or waits, behind what was read, unless it waited there already.
    if args.follow and (turn := link.get(at(thread["id"]))["turn"]):
        sent = {"thread": thread["id"], "turn": turn, "cursor": waits - 1 if waits else last, "told": last}
        return follow(link, sent, as_json=args.json, teller=teller)
    if not args.json:
        _stands(link, thread, teller.account)
        seen(link, thread["id"])
    return endings.DONE


def _stands(link: Link, thread: Json, account: Account) -> None:
    from maquette.cli import waits
    from maquette.cli.following import sum_up

    out = screen.out()
    if thread["state"] == "waiting":
        for wait in link.get("/waits", thread=thread["id"]):
            waits.show(out, wait["asked"])
            waits.say_how(out, thread["id"], wait["asked"])
    elif thread["state"] != "idle":
        out.line(("It is at work: ", "dim"), f"maquette show --follow {short(thread['id'])}")
    elif account.outcome:
        sum_up(out, thread["id"], account)


def _send(link: Link, args: argparse.Namespace) -> int:
    return went(link, _say(link, args, steer=False), args)


def _say(link: Link, args: argparse.Namespace, *, steer: bool) -> Json:
    message = {"text": task_of(args.text), "images": images_of(args.image), "steer": steer}
    return link.post(at(args.thread, "messages"), message)


def _steer(link: Link, args: argparse.Namespace) -> int:
    sent = _say(link, args, steer=True)
    told = "It hears this before its next step." if sent["steers"] else "Nothing ran, so this began a turn."
    screen.out().line((told, "dim"))
    return endings.DONE


def _stop(link: Link, args: argparse.Namespace) -> int:
    stopped = link.post(at(args.thread, "stop"))
    screen.out().line(f"Stopping {short(stopped['id'])}: {stopped['title']}")
    return endings.DONE


def _resume(link: Link, args: argparse.Namespace) -> int:
    return went(link, link.post(at(args.thread, "resume")), args)


def _fork(link: Link, args: argparse.Namespace) -> int:
    forked = link.post(at(args.thread, "fork"), {"at": args.at})
    screen.out().line(forked["id"])
    return endings.DONE


def _set(link: Link, args: argparse.Namespace) -> int:
    given = {
        "title": args.title,
        "pinned": args.pin,
        "archived": args.archive,
        "model": args.model,
        "budget": args.budget,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise Failed("Say what to change: --title, --pin, --archive, --model or --budget.")
    changed = link.patch(at(args.thread), changes)
    screen.out().line(f"{short(changed['id'])}: {changed['title']}")
    return endings.DONE
