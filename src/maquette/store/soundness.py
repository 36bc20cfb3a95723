"""Whether a database is sound, looked at before it is opened."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from maquette.domain.errors import Refused
from maquette.settings import backups
from maquette.store.dialects import CORRUPT

AFTER_A_CRASH = 10.0
"""Seconds that a look may take where the last base didn't come to its own end. (400 MB take 0.3, read from memory.)"""
USUAL = 0.2
"""Seconds otherwise: who starts a base waits for it."""


def damage(path: Path, seconds: float | None = None) -> Refused | None:
    """What is wrong with a database (`corrupt-state`); None when nothing was found in `seconds`.

    Without `seconds` it is as long as the last end of its base calls for: only a clean one takes the write-ahead log
    away. Writes nothing.
    """
    if seconds is None:
        wal = path.with_name(f"{path.name}-wal")
        seconds = AFTER_A_CRASH if wal.exists() and wal.stat().st_size else USUAL
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)) as raw:
        end = threading.Timer(seconds, raw.interrupt)
        end.start()
        try:
            found = raw.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
                return None  # out of time, or locked: whoever opens it will hear of that
            found = str(error)
        finally:
            end.cancel()
    return None if found == "ok" else damaged(path.parent, found)


def damaged(state: Path, found: str) -> Refused:
    """Says so, and what can be done."""
    told = " ".join(found.split())[:200]
    made = sorted(backups(state).glob("*.tar"))
    newest = f", and the newest there is lies at {made[-1]}" if made else ""
    return Refused(
        f"The state's database is damaged ({told}): it is only read, nothing is written and no turn runs. "
        f"`maquette restore --aside FILE` puts a backup in its place{newest}.",
        code=CORRUPT,
    )
