"""Boundaries: the places between intent, effect and result where a base can be made to die.

They are not listed anywhere: a run through a scene meets them one after another, and its names are the list.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Fuse:
    """A death at random: so many `seconds` behind the boundary that is met as number `after`, whichever that is."""

    after: int
    seconds: float


@dataclass
class Points:
    """Writes down each boundary it is told of, and kills this process at one of them, or by a fuse."""

    met: Path
    last: str = ""
    """The boundary to die at; "" for none."""
    fuse: Fuse | None = None
    _seen: Counter[str] = field(default_factory=Counter[str])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, what: str) -> None:
        """From any thread. Does not return from the boundary to die at."""
        with self._lock:
            self._seen[what] += 1
            name, number = f"{what} ({self._seen[what]})", self._seen.total()
        with self.met.open("a") as file:
            file.write(f"{name}\n")
        if name == self.last:
            die()
        if self.fuse and number == self.fuse.after:
            threading.Timer(self.fuse.seconds, die).start()

    def is_next(self, what: str) -> bool:
        """Whether the next boundary of this kind is the one to die at."""
        return self.last == f"{what} ({self._seen[what] + 1})"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


@dataclass
class Traces:
    """Which effects began and which came to their end, written on the host as they do."""

    path: Path

    def began(self, call: str) -> None:
        self._add("began", call)

    def ended(self, call: str) -> None:
        self._add("ended", call)

    def _add(self, what: str, call: str) -> None:
        with self.path.open("a") as file:
            file.write(f"{what} {call}\n")

    def read(self) -> tuple[Counter[str], Counter[str]]:
        """How often each call began, and ended."""
        lines = [line.split(" ", 1) for line in self.path.read_text().splitlines()] if self.path.exists() else []
        return Counter(call for what, call in lines if what == "began"), Counter(c for w, c in lines if w == "ended")


def names(met: Path) -> Sequence[str]:
    """The boundaries that were met, in order."""
    return list(dict.fromkeys(met.read_text().splitlines()))


async def middle(effect: asyncio.Task[object]) -> None:
    """Returns in the middle of an effect, if it takes long enough to have one."""
    await asyncio.wait({effect}, timeout=0.01)
