"""Runs attempts at puzzles: `python -I solving.py`, in a box, for what it runs may do anything.

On stdin a list of [source, inputs]; on stdout, for each, the outputs as text, null where it failed or took too long.
"""

from __future__ import annotations

import copy
import json
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

LONG = 0.01
"""Seconds of CPU for one input. Whoever needs more is asked no more."""


class Late(BaseException):
    """Not to be caught by what is run."""


def late(number: int, frame: FrameType | None) -> None:
    raise Late


def once(function: Callable[..., Any], given: list[Any]) -> str | None:
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, LONG)
        try:
            return repr(function(*copy.deepcopy(given)))[:2_000]
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except Exception:
        return None


def outputs(source: str, inputs: list[list[Any]]) -> list[str | None]:
    space: dict[str, Any] = {}
    exec(source, space)
    found: list[str | None] = []
    try:
        for given in inputs:
            found.append(once(space["f"], given))
    except Late:
        pass
    return found + [None] * (len(inputs) - len(found))


if __name__ == "__main__":
    signal.signal(signal.SIGVTALRM, late)
    json.dump([outputs(source, inputs) for source, inputs in json.load(sys.stdin)], sys.stdout)
