"""Workers of pytest-xdist without the seconds that their imports take: each is forked from the nursery.

As a program this stands in for the interpreter that a worker would run in: it hands on what that is given.
"""

from __future__ import annotations

import ctypes
import os
import random
import shlex
import signal
import sys
from pathlib import Path

PROGRAM = shlex.join([sys.executable, "-P", __file__])
DIES_WITH_ITS_PARENT = 1


def main(words: list[str]) -> None:
    """As `python -u -c LINE` does it."""
    import anyio

    anyio.__doc__ = "PYTEST_DONT_REWRITE"  # it is a plugin of pytest as well, which wants to be the first to load it
    ctypes.CDLL(None).prctl(DIES_WITH_ITS_PARENT, signal.SIGKILL, 0, 0, 0)
    random.seed()
    sys.argv = ["-c"]
    exec(words[-1], {"__name__": "__main__"})


def hand_on(words: list[str]) -> int:
    from house.nursery import Nursery

    nursery, streams = Nursery(Path(os.environ["NURSERY"])), (0, 1, 2)
    born = nursery.bear("house.workers:main", words, os.environ, Path.cwd(), streams, patience=None)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)  # so that the other end hears when the worker is gone
    return born.status()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(hand_on(sys.argv[1:]))
