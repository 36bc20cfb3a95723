"""Garbage collection, put off while many objects are made none of which is garbage: it would look at all, many times.

Reading 100,000 entries takes a quarter of the time so.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Generator
from contextlib import contextmanager

_lock = threading.Lock()
_holders = 0
_was_on = True


@contextmanager
def collecting_later() -> Generator[None]:
    """For all threads, until the last of those inside is done; so not for long."""
    global _holders, _was_on
    with _lock:
        if _holders == 0:
            _was_on = gc.isenabled()
            gc.disable()
        _holders += 1
    try:
        yield
    finally:
        with _lock:
            _holders -= 1
            if _holders == 0 and _was_on:
                gc.enable()
