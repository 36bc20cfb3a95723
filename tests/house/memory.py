"""Where tests write: in memory where that may be, since bases and git wait for a disk again and again."""

from __future__ import annotations

import ctypes
import os
import re
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

ENOUGH = 8 << 30
"""Bytes of memory that must be free: what tests write stays until the end."""
NEW_MOUNTS = 0x20000
NO_SUID, NO_DEVICES, RECURSIVE, PRIVATE = 0x2, 0x4, 0x4000, 0x40000
DETACHED = 0x2


@contextmanager
def written_in_memory() -> Generator[str]:
    """Where temporary files of this process, and of all that it starts, come to lie; for root alone, who may mount.
    Nobody else sees it.

    "" where it can't be had, or not for the first time; whoever names a `TMPDIR` has theirs.
    """
    if os.geteuid() != 0 or "TMPDIR" in os.environ or available() < ENOUGH:
        yield ""
        return
    libc = ctypes.CDLL(None)
    place = tempfile.mkdtemp(prefix="mq-")
    is_mounted = (
        libc.unshare(NEW_MOUNTS) == 0
        and libc.mount(None, b"/", None, RECURSIVE | PRIVATE, None) == 0
        and libc.mount(b"tmpfs", place.encode(), b"tmpfs", NO_SUID | NO_DEVICES, b"mode=1777") == 0
    )
    if is_mounted:
        os.environ["TMPDIR"] = tempfile.tempdir = place
    try:
        yield place if is_mounted else ""
    finally:
        libc.umount2(place.encode(), DETACHED)
        Path(place).rmdir()


def available() -> int:
    found = re.search(r"^MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text(), re.M)
    return int(found[1]) << 10 if found else 0
