"""Ids that sort by the time they were made, so that first in is first out."""

from __future__ import annotations

import secrets
import threading
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_lock = threading.Lock()
_last = 0


def new_id(prefix: str) -> str:
    """`prefix_` and 20 characters: 10 of milliseconds and a counter, 10 of chance.

    Ids made in one process are strictly increasing, also within a millisecond.
    """
    global _last
    with _lock:
        _last = max(_last + 1, time.time_ns() // 1_000_000 << 6)
        ticks = _last
    number = (ticks & (1 << 50) - 1) << 50 | secrets.randbits(50)
    digits = [_ALPHABET[number >> shift & 31] for shift in range(95, -1, -5)]
    return f"{prefix}_{''.join(digits)}"
