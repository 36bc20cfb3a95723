"""A copy of the database as it is at one moment, made while others write; and what is in one."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from maquette.store import dialects, soundness

NAME = "maquette.db"
"""Of the log's file in a state."""
_ALL = "SELECT cursor, stream, position, at, once, event FROM entries ORDER BY cursor"


class Sum(NamedTuple):
    """What a log comes to. `digest` is over every column of every entry, in order; `revision` of the tables."""

    entries: int
    streams: int
    digest: str
    revision: str


def copy(path: Path, target: Path) -> None:
    """Writes the database at `path` to `target` (0600), which isn't there yet. Blocks. Refused: `corrupt-state`."""
    with dialects.troubles():
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(_reading(path)) as source, closing(sqlite3.connect(target)) as copied:
            source.backup(copied)
            copied.execute("PRAGMA journal_mode = DELETE")  # one file; who opens it makes it WAL again
        if damage := soundness.damage(target, seconds=3600):
            raise damage


def summed(path: Path) -> Sum:
    """Of a database that nobody writes. Refused: `corrupt-state`."""
    digest = hashlib.sha256()
    entries = 0
    with dialects.troubles(), closing(_reading(path)) as raw:
        for row in raw.execute(_ALL):
            digest.update(repr(row).encode())
            entries += 1
        streams = raw.execute("SELECT count(DISTINCT stream) FROM entries").fetchone()[0]
        revision = raw.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    return Sum(entries, streams, digest.hexdigest(), revision)


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", dialects.sqlite.PATIENCE, uri=True)
