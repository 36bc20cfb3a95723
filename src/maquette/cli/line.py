"""The line: what was said and waits for a turn of its own; changed, or taken back, until that is begun."""

from __future__ import annotations

import argparse

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link, segment
from maquette.cli.run import task_of
from maquette.cli.screen import short
from maquette.cli.threads import NAMED, at


def add(commands: Commands) -> None:
    line = commands.add("line", "What waits in line, in one thread or in all; change it, or take it back", _line)
    line.add_argument("thread", nargs="?", help=NAMED)
    line.add_argument("--message", metavar="ID", help="which, when several wait: its last four or more characters")
    either = line.add_mutually_exclusive_group()
    either.add_argument("--change", nargs="+", metavar="TEXT", help="what it says instead; - takes standard input")
    either.add_argument("--withdraw", action="store_true", help="take it back: it is never begun")
    line.add_argument("--json", action="store_true", help="as the base gives it")


def _line(link: Link, args: argparse.Namespace) -> int:
    if not args.change and not args.withdraw:
        return _list(link, args)
    if args.thread is None:
        raise Failed("Say in which thread: `maquette line` lists what waits.")
    thread = link.get(at(args.thread))["id"]
    one = _one(link.get(at(thread, "line")), args.message)
    to = at(thread, "line", segment(one["id"]))
    if args.withdraw:
        link.post(f"{to}/withdraw")
    else:
        link.patch(to, {"text": task_of(args.change)})
    screen.out().line("Taken back: " if args.withdraw else "Changed. It said: ", (one["text"], "dim"))
    return endings.DONE


def _list(link: Link, args: argparse.Namespace) -> int:
    threads = [link.get(at(args.thread))] if args.thread else [one for one in link.get("/threads") if one["turn"]]
    found = {one["id"]: link.get(at(one["id"], "line")) for one in threads}
    out = screen.out()
    if args.json:
        return screen.as_json(found[threads[0]["id"]] if args.thread else found)
    for thread in threads:
        for number, one in enumerate(found[thread["id"]]):
            if number == 0:
                out.line((short(thread["id"]), "bold"), f"  {thread['title']}")
            pictures = f" [{one['images']} images]" if one["images"] else ""
            out.line((f"  {short(one['id'])}  ", "dim"), one["text"].replace("\n", "\n" + " " * 10) + pictures)
    if not any(found.values()):
        out.line(("Nothing waits in line.", "dim"))
    return endings.DONE


def _one(waits: list[Json], name: str | None) -> Json:
    """That which is named, or the only one."""
    meant = [one for one in waits if name is None or (len(name) >= 4 and one["id"].endswith(name))]
    if len(meant) == 1:
        return meant[0]
    if not waits:
        raise Failed("Nothing waits in line in this thread: it has begun, or was taken back.", code="begun")
    which = "; ".join(f"{short(one['id'])} ({screen.line_of(one['text'], 40)})" for one in waits)
    raise Failed(f"Say which with --message: {which}.", code="which-message")
