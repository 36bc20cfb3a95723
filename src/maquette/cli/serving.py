"""The base itself, and what works without one: serve, down, doctor, rebuild, tool."""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress

from maquette.cli import endings, lock, screen, starting
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link
from maquette.cli.opening import open_page

PATIENCE = 20.0
"""Seconds for a base to go down: turns at work are left where they are, to be picked up."""


def add(commands: Commands) -> None:
    serve = commands.add("serve", "Be the base, here in the foreground", _serve)
    serve.add_argument("--port", type=int, help="its port on loopback (0: a free one); else MAQUETTE_PORT says")
    serve.add_argument("--open", action="store_true", help="open it in the browser, at a terminal")
    serve.add_argument("--host", default="127.0.0.1", help="loopback only; anything else is refused")
    serve.add_argument("--worker", action="store_true", help="only work on what is due, beside the base (Postgres)")
    commands.add("down", "End the base; what is at work goes on when it is started again", _down)
    doctor = commands.add("doctor", "What this machine lacks, and the command that mends it", _doctor)
    doctor.add_argument("--json", action="store_true")
    commands.add("rebuild", "Make all that is derived from the log again, and compare (with the base down)", _rebuild)
    tool = commands.add("tool", "Use one tool by hand", _tool)
    tool.add_argument("name")
    tool.add_argument("arguments", nargs="?", help="as JSON; else standard input: JSON, or a patch for apply_patch")
    tool.add_argument("--root", required=True, metavar="DIR", help="the folder it works in")


def _serve(link: Link, args: argparse.Namespace) -> int:
    if args.worker:
        return starting.become("serve", "--worker")
    port = [] if args.port is None else ["--port", str(args.port)]
    words = ["serve", "--host", args.host, *port]
    return _opened(link, words) if args.open and screen.out().live else starting.become(*words)


def _opened(link: Link, words: Sequence[str]) -> int:
    """A base in the foreground, and its page. Where one is up already, only its page."""
    import subprocess

    if link.up():
        screen.out().line(("A base is up already, so it is only opened.", "dim"))
        return open_page(link)
    with subprocess.Popen(starting.command(*words)) as base:

        def end(_number: int, _frame: object) -> None:
            base.terminate()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        while base.poll() is None and not link.up():
            time.sleep(0.02)
        if base.poll() is None:
            with suppress(Failed):  # it has no port, say; it is the base all the same
                open_page(link)
            screen.out().flush()
    return base.returncode


def _down(link: Link, _args: argparse.Namespace) -> int:
    pid = lock.holder(link.settings.state)
    out = screen.out()
    if not pid:
        out.line(("No base is up.", "dim"))
        return endings.DONE
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        pass
    except PermissionError as error:
        raise Failed(f"The base (process {pid}) is somebody else's.") from error
    until = time.monotonic() + PATIENCE
    while lock.holder(link.settings.state) == pid:
        if time.monotonic() > until:
            raise Failed(f"The base (process {pid}) doesn't go down; `kill -9 {pid}` ends it, and loses nothing.")
        time.sleep(0.02)
    out.line("The base is down.")
    return endings.DONE


def _doctor(link: Link, args: argparse.Namespace) -> int:
    pid = lock.holder(link.settings.state)
    found: list[Json] = link.get("/doctor") if pid and link.up() else _examined()
    up = {"what": "base", "ok": True, "detail": f"up, as process {pid}" if pid else "not up", "mend": ""}
    found.insert(2, up)
    out = screen.out()
    if args.json:
        out.line(json.dumps(found))
    width = max(len(one["what"]) for one in found) + 1
    for one in [] if args.json else found:
        mark, style = ("✓", "green") if one["ok"] else ("✗", "yellow")
        out.line((mark, style), " ", (f"{one['what']:<{width}}", "bold"), one["detail"])
        if one["mend"]:
            out.line(" " * (width + 2), "mend it: ", (one["mend"], "cyan"))
    return endings.DONE


def _examined() -> list[Json]:
    """Without a base: looked at by a process of its own, since it takes what the command line doesn't load."""
    import subprocess

    ended = subprocess.run(starting.command("doctor"), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Failed(ended.stderr.strip().rpartition("\n")[2].removeprefix("maquette: "), endings.FAILED)
    return json.loads(ended.stdout)


def _rebuild(_link: Link, _args: argparse.Namespace) -> int:
    return starting.become("rebuild")


def _tool(_link: Link, args: argparse.Namespace) -> int:
    arguments = [] if args.arguments is None else [args.arguments]
    return starting.become("tool", "--root", args.root, "--", args.name, *arguments)
