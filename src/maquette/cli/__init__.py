"""The terminal face: a thin client of the base. Standard library only, and rich once there is something to draw."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from maquette.cli import (
    automations,
    babies,
    backups,
    budgets,
    compactions,
    completion,
    demo,
    endings,
    explore,
    exports,
    horizons,
    inbox,
    knowledge,
    line,
    models,
    opening,
    projects,
    reports,
    reviews,
    run,
    schedules,
    serving,
    sources,
    threads,
    waits,
)
from maquette.cli.commands import Commands
from maquette.cli.endings import Failed

NOUNS = (
    run,
    opening,
    threads,
    line,
    waits,
    inbox,
    automations,
    compactions,
    reviews,
    reports,
    explore,
    babies,
    horizons,
    projects,
    models,
    knowledge,
    sources,
    budgets,
    backups,
    exports,
    schedules,
    serving,
    completion,
    demo,
)


def all_commands() -> Commands:
    """Every command, with its arguments; `run` of what `top` parses does it."""
    added = Commands()
    for noun in NOUNS:
        noun.add(added)
    return added


def parser() -> argparse.ArgumentParser:
    return all_commands().top


def main(argv: Sequence[str] | None = None) -> int:
    """Does what the words say; returns the exit status (`cli/endings.py`)."""
    from maquette.cli.link import Link
    from maquette.settings import settings

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a text stream of ours
    args = parser().parse_args(argv)
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
    screen.err().line(f"maquette: {sentence}")
    return status
