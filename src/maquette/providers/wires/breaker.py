"""A server that doesn't answer is left alone for a while by all threads together: one tries, the others wait."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime

from maquette.domain.errors import Refused, Unavailable, Unspent

MANY = 5
"""Failures in a row, of all threads together, after which nothing more is sent for a while."""
FIRST, CAP = 5.0, 60.0
"""Seconds until somebody tries again: at first, and at most."""
MEANWHILE = 2.0
"""Seconds after which those who wait while somebody tries look again."""


class Busy(Unspent):
    """It answered: not now. That says nothing against the server."""


class Breaker:
    """For one address of one provider. In memory only, and from any thread; a base that starts anew tries anew."""

    def __init__(self, wire: str) -> None:
        self._wire = wire
        self._lock = threading.Lock()
        self._failures = 0
        self._since = ""
        self._pause = 0.0
        """How long the present pause is; 0 while requests are sent."""
        self._until = 0.0
        self._trying = False

    @property
    def told(self) -> str:
        """Since when there is no answer and when it is tried again; "" while requests are sent."""
        with self._lock:
            if not self._pause:
                return ""
            left = self._until - time.monotonic()
            when = "being tried again now" if self._trying or left <= 0 else f"tried again in {math.ceil(left)} s"
            return f"{self._wire}: not answering since {self._since}, {when}"

    @contextmanager
    def asking(self) -> Generator[None]:
        """Around one request. Raises `Unavailable` without asking while the server is left alone."""
        trying = self._admit()
        try:
            yield
        except (Busy, Refused):
            self.heard(whole=True)
            raise
        except Unavailable as error:
            self._failed(trying)
            self._tell(error)
            raise
        except BaseException:
            with self._lock:
                self._trying = self._trying and not trying
            raise

    def heard(self, *, whole: bool) -> None:
        """Of an answer that has begun the others need not wait for the end; but if it breaks off, the pause goes on."""
        with self._lock:
            self._trying, self._pause = False, 0.0
            self._failures = 0 if whole else min(self._failures, MANY - 1)

    def _admit(self) -> bool:
        with self._lock:
            left = self._until - time.monotonic()
            if self._pause and (self._trying or left > 0):
                raise Unspent(f"{self._silent}.", retry_after=max(left, MEANWHILE))
            self._trying = bool(self._pause)
            return self._trying

    def _failed(self, trying: bool) -> None:
        with self._lock:
            if not self._failures:
                self._since = f"{datetime.now(UTC).astimezone():%H:%M}"
            self._failures += 1
            if trying or (not self._pause and self._failures >= MANY):
                self._pause = min(CAP, 2 * self._pause or FIRST)
                self._until, self._trying = time.monotonic() + self._pause, False

    def _tell(self, error: Unavailable) -> None:
        with self._lock:
            if self._pause:
                error.args = (f"{self._silent}. {error}",)
                error.retry_after = max(self._until - time.monotonic(), MEANWHILE)

    @property
    def _silent(self) -> str:
        return f"{self._wire}: not answering since {self._since}"
