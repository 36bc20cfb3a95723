"""What came of a thread: look at it, merge it, put it away."""

from __future__ import annotations

import argparse
import os
import shutil
from typing import TextIO, cast

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.link import Json, Link
from maquette.cli.screen import Screen, inert, short
from maquette.cli.threads import NAMED, at

STYLES = (("+++", "bold"), ("---", "bold"), ("@@", "cyan"), ("+", "green"), ("-", "red"), ("diff ", "bold"))


def add(commands: Commands) -> None:
    diff = commands.add("diff", "Show how a thread's result differs from where it began", _diff)
    diff.add_argument("--stat", action="store_true", help="only which files, how much, and what the checks say")
    diff.add_argument("--json", action="store_true", help="as the base gives it")
    merge = commands.add("merge", "Merge a thread's result into the branch that you have checked out", _merge)
    merge.add_argument("--message", metavar="TEXT", help="of the commit; else the thread's title")
    merge.add_argument("--unchecked", action="store_true", help="although checks failed")
    merge.add_argument("--acting", action="store_true", help="although it brings files that make other programs act")
    discard = commands.add("discard", "Remove a thread's work tree; what it holds is kept at a rescue ref", _discard)
    told = "Take up again a thread that was kept for later or discarded, its work tree as it was"
    reopen = commands.add("reopen", told, _reopen)
    for one in (diff, merge, discard, reopen):
        one.add_argument("thread", help=NAMED)


def _diff(link: Link, args: argparse.Namespace) -> int:
    from maquette.cli.following import tell_check, tell_size

    result: Json = link.get(at(args.thread, "result"))
    out = screen.out()
    if args.json:
        return screen.as_json(result)
    if args.stat:
        tell_size(out, result["kept"])
        for check in result["checks"]["checks"] if result["checks"] else ():
            tell_check(out, check)
        if result["merged"]:
            out.line((f"merged into {result['merged']['into']}", "green"))
    elif not result["diff"]:
        screen.err().line(("Nothing differs.", "dim"))
    else:
        _page(out, result["diff"])
    return endings.DONE


def _page(out: Screen, diff: str) -> None:
    """Through the person's pager at a terminal (colours are ours, everything else is inert), else as it is."""
    import subprocess

    pager = os.environ.get("PAGER") or "less"
    program = shutil.which(pager.split()[0])
    if not out.live or program is None or diff.count("\n") < shutil.get_terminal_size().lines:
        for line in diff.splitlines():
            out.line((line, _style(line)) if out.colour else line)
        return
    with subprocess.Popen(
        [program, *pager.split()[1:]], stdin=subprocess.PIPE, text=True, env={"LESS": "FRX", **os.environ}
    ) as paging:
        assert paging.stdin is not None
        through = Screen(cast("TextIO", paging.stdin))
        through.colour = out.colour
        try:
            for line in diff.splitlines():
                through.line((line, _style(line)))
            paging.stdin.close()
        except BrokenPipeError:
            pass


def _style(line: str) -> str:
    return next((style for start, style in STYLES if line.startswith(start)), "")


def _merge(link: Link, args: argparse.Namespace) -> int:
    merged = link.post(
        at(args.thread, "merge"), {"message": args.message, "unchecked": args.unchecked, "acting": args.acting}
    )
    out = screen.out()
    out.line(("Merged", "green"), f" into {merged['into']}: {merged['before'][:10]} → {merged['after'][:10]}")
    return endings.DONE


def _discard(link: Link, args: argparse.Namespace) -> int:
    kept = link.post(at(args.thread, "discard"))
    told = f"Put away. What it held is kept at {kept['ref']}." if kept else "Put away; it held nothing of its own."
    screen.out().line(inert(told), (f" To undo: maquette reopen {args.thread}", "dim"))
    return endings.DONE


def _reopen(link: Link, args: argparse.Namespace) -> int:
    opened = link.post(at(args.thread, "reopen"))
    screen.out().line(f"Open again: {short(opened['id'])}  {opened['title']}")
    return endings.DONE
