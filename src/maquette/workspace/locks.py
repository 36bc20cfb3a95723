"""One at a time, also among processes: the kernel lets go when the one that holds it dies.

The locks of other gits are files, which are waited for, and never taken.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from maquette.domain.errors import Refused, Unavailable

SECONDS = 300.0

WAITS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds between looks at a lock of another git's, which is never taken."""


@asynccontextmanager
async def alone(path: Path, seconds: float = SECONDS) -> AsyncGenerator[None]:
    """Holds the lock on a file of ours. Raises `Unavailable` when another holds it for `seconds`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        until = time.monotonic() + seconds
        while not _taken(descriptor):
            if time.monotonic() > until:
                raise Unavailable(
                    f"Another thread of this project has been fetching or merging for {seconds:.0f} seconds."
                )
            await asyncio.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def locked(where: Path, said: str) -> Refused:
    """What is told once a lock of another git's was waited for in vain; `said` names it."""
    return Refused(
        f"Another git is at work in {where}: let it end and try again. If none is running, remove the lock that git"
        f" names: {said}",
        code="git-locked",
    )


async def unlocked(lock: Path, where: Path) -> None:
    """Returns once there is no such lock. Raises `Refused` (`git-locked`) when it stays."""
    for delay in (*WAITS, None):
        if not await asyncio.to_thread(lock.exists):
            return
        if delay is None:
            raise locked(where, str(lock))
        await asyncio.sleep(delay)
