"""One at a time, also among processes: the kernel lets go when the one that holds it dies."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from maquette.domain.errors import Unavailable

SECONDS = 300.0


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
