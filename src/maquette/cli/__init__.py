"""The terminal face: a thin client of the base. Standard library only, and rich once there is something to draw."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from maquette.cli import endings
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed

NOUNS = {
    "run": ("run",),
    "opening": ("open", "sessions"),
    "threads": ("threads", "show", "send", "steer", "stop", "resume", "fork", "set"),
    "line": ("line",),
    "waits": ("waits", "answer", "approve", "decline"),
    "inbox": ("inbox",),
    "automations": ("automations",),
    "compactions": ("compactions",),
    "reviews": ("diff", "merge", "discard", "reopen"),
    "reports": ("reports", "reply", "interests"),
    "explore": ("explore",),
    "babies": ("baby",),
    "horizons": ("horizons",),
    "projects": ("projects",),
    "models": ("models",),
    "knowledge": ("skills", "search", "cost"),
    "sources": ("sources",),
    "hooks": ("hooks",),
    "budgets": ("budget",),
    "backups": ("backup", "restore"),
    "exports": ("export",),
    "schedules": ("when",),
    "serving": ("serve", "down", "doctor", "rebuild", "tool"),
    "completion": ("completion",),
    "demo": ("demo",),
}
"""The commands that each file adds: a start is felt, and most of it would be the files that aren't asked for."""
FIRST = """\
Maquette: a home base for agents.

  maquette run "task"   have something done, in this folder
  maquette open         work in the browser
  maquette inbox        what needs you
  maquette doctor       what is missing here, and what mends it
  maquette --help       every command
"""
"""What whoever names no command is told."""


def all_commands(word: str = "") -> Commands:
    """Every command, with its arguments, or only the file's that has `word`; `run` of what `top` parses does it."""
    added = Commands()
    for noun in [noun for noun, words in NOUNS.items() if word in words] or NOUNS:
        importlib.import_module(f"maquette.cli.{noun}").add(added)
    return added


def main(argv: Sequence[str] | None = None) -> int:
    """Does what the words say; returns the exit status (`cli/endings.py`)."""
    from maquette.cli.link import Link
    from maquette.settings import settings

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a text stream of ours
    words = sys.argv[1:] if argv is None else argv
    if not words:
        sys.stdout.write(FIRST)
        return 0
    args = all_commands(*words[:1]).top.parse_args(words)
    try:
        of = settings()
    except ValueError as error:
        return _told(str(error), endings.REFUSED)
    try:
        status = args.run(Link(of), args)
        sys.stdout.flush()
        return status
    except Failed as failed:
        return _told(str(failed), failed.status)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return endings.FAILED
    except KeyboardInterrupt:
        return endings.DETACHED
    except Exception as error:
        return _told(endings.mistake(error, of.state), endings.FAILED)


def _told(sentence: str, status: int) -> int:
    from maquette.cli import screen

    sys.stdout.flush()
    screen.err().line(f"maquette: {screen.line_of(sentence, 10_000)}")
    return status
