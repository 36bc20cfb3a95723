"""When a schedule is due: told without a base, before anything is set up by it."""

from __future__ import annotations

import argparse
import json
from datetime import datetime

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed
from maquette.cli.link import Json, Link


def add(commands: Commands) -> None:
    when = commands.add("when", "The times that a schedule means, by the clocks of a place", _when)
    when.add_argument("words", nargs="+", metavar="schedule", help='"weekdays at 7", "0 7 * * 1-5", an RRULE')
    when.add_argument("--tz", metavar="ZONE", help="Europe/Berlin, say; else this machine's")
    when.add_argument("--after", metavar="TIME", help="2026-03-27 or 2026-03-27T14:30; else now")
    when.add_argument("-n", "--count", type=int, default=5, metavar="COUNT", help="how many (5)")
    when.add_argument("--json", action="store_true", help="what was understood, and each time's name and moment")


def _when(_link: Link, args: argparse.Namespace) -> int:
    found = foretold(" ".join(args.words), args.count, tz=args.tz, after=args.after)
    out = screen.out()
    if args.json:
        return screen.as_json(found)
    out.line((found["means"], "bold"))
    for note in found["notes"]:
        out.line(("· ", "yellow"), note)
    for slot in found["slots"]:
        clock, offset = slot["clock"][:-6], slot["clock"][-6:]
        day = f"{datetime.fromisoformat(clock):%a}"
        out.line(f"{day} {clock.replace('T', ' ')}", (f"  {offset}", "dim"), (_belated(slot), "yellow"))
    return endings.DONE


def _belated(slot: Json) -> str:
    named = slot["local"][: len(slot["clock"]) - 6]
    return "" if slot["clock"].startswith(named) else f"  for {named.replace('T', ' ')}, which clocks leave out"


def foretold(words: str, count: int, **given: str | None) -> Json:
    """`given`: `tz`, `after`. Raises `Failed`.

    Worked out by a process of its own, since it takes what the command line doesn't load.
    """
    import subprocess
    import sys

    program = [sys.executable, "-P", "-m", "maquette.actions.schedules"]
    asked = [f"--count={count}", *(f"--{name}={one}" for name, one in given.items() if one)]
    ended = subprocess.run([*program, *asked, "--", words], capture_output=True, text=True, check=False)
    if ended.returncode not in (endings.DONE, endings.REFUSED):
        raise RuntimeError(ended.stderr)
    if ended.returncode:
        raise Failed(ended.stderr.strip().rpartition("\n")[2].removeprefix("maquette: "))
    return json.loads(ended.stdout)
