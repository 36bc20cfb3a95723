"""A command as it is started, and its end as it is told."""

from __future__ import annotations

import re
from pathlib import Path

from maquette.kinds.sandboxes import Exit
from maquette.kinds.tools import ToolContext

ENV = {"PAGER": "cat", "GIT_PAGER": "cat", "GIT_TERMINAL_PROMPT": "0", "PYTHONUNBUFFERED": "1"}
"""Nobody sits at a terminal: nothing should page or ask, and output should come when it is made."""

_ENDED = {"time": "stopped: out of time", "stopped": "stopped", "lost": "the sandbox died under it"}


def argv(command: str) -> tuple[str, ...]:
    return ("bash", "-c", command)


def ending(exit: Exit) -> str:
    """`exit 1`, or how else it ended; the time where it was long."""
    said = _ENDED.get(exit.why) or f"exit {exit.status}" + (f", {exit.why}" if exit.why else "")
    long = f" after {exit.seconds:.0f} s" if exit.seconds >= 5 else ""
    return said + long + ("; what it put into the background still runs" if exit.lives_on else "")


def output_file(ctx: ToolContext, name: str) -> Path:
    """Where a whole output goes. A call's id is a provider's: only what is harmless of it names a file."""
    return ctx.outputs / f"{re.sub(r'[^A-Za-z0-9_-]', '', name)[-80:] or 'output'}.txt"
