"""One base a state: whoever holds the lock is it. The kernel lets go of it however the holder ends."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

NAME = "base.lock"
PATIENCE = 1.0
"""Seconds to keep trying: somebody who only looks holds it for a moment."""


class Taken(Exception):
    """Another process is the base of this state."""

    def __init__(self, pid: int) -> None:
        super().__init__(pid)
        self.pid = pid


class Lock:
    """A context in which this process is the base of `state`. Raises `Taken`."""

    def __init__(self, state: Path) -> None:
        self._path = state / NAME
        self._file = -1

    def __enter__(self) -> Lock:
        until = time.monotonic() + PATIENCE
        while not self._take(until):
            os.close(self._file)
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, b"%d\n" % os.getpid(), 0)
        except OSError:  # no room, say
            os.close(self._file)
            raise
        return self

    def _take(self, until: float) -> bool:
        """False when it was that of a state in whose place another was put meanwhile."""
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    pid = _pid(self._file)
                    os.close(self._file)
                    raise Taken(pid) from None
                time.sleep(0.02)
        try:
            return os.path.samestat(os.fstat(self._file), self._path.stat())
        except FileNotFoundError:
            return False

    def __exit__(self, *_: object) -> None:
        os.ftruncate(self._file, 0)
        os.close(self._file)


def holder(state: Path) -> int | None:
    """The process that is the base of `state`; None when there is none."""
    try:
        file = os.open(state / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid(file)
    finally:
        os.close(file)
    return None


def _pid(file: int) -> int:
    """0 in the moment between taking the lock and saying who did."""
    return int(os.pread(file, 20, 0) or 0)
