"""How long to wait before a model is asked again, and when to give up. In seconds."""

from __future__ import annotations

import random
import time

FIRST, CAP = 0.5, 30.0
"""The wait after the first failure, doubled with each, and what it never exceeds."""
BOUND = 120.0
"""How far what the other side asks for (Retry-After) is honoured."""
PATIENCE = 600.0
"""How long one answer is tried for, from its first failure on."""
BROKEN = 6
"""Answers that begin and come to nothing are given up after so many: unlike an outage, each may cost money."""


def pause(failures: int, asked: float | None, lasts: float) -> float | None:
    """How long to wait after so many failures in a row, of which the first was `lasts` seconds ago; None: give up."""
    if asked is not None and asked >= 0:
        wait = min(asked, BOUND) * random.uniform(1, 1.1)
    else:
        wait = min(CAP, FIRST * 2.0 ** min(failures - 1, 16)) * random.uniform(0.5, 1)
    return None if lasts + wait > PATIENCE else wait


class Tries:
    """The tries of one answer."""

    def __init__(self) -> None:
        self._failures = 0
        self._broken = 0
        self._since = 0.0

    def wait(self, asked: float | None, *, began: bool) -> float | None:
        """After a failed try: until the next, None when there shall be none. `began`: something of an answer came."""
        now = time.monotonic()
        self._since = self._since or now
        self._failures += 1
        self._broken += began
        wait = pause(self._failures, asked, now - self._since)
        return None if self._broken >= BROKEN else wait

    @property
    def told(self) -> str:
        """What was tried, and what to do now."""
        minutes = (time.monotonic() - self._since) / 60
        how = f"{self._failures} times" if minutes < 1 else f"for {minutes:.0f} minutes"
        return f"It was tried {how}; `maquette resume` tries again, `maquette set --model` takes another model."
