"""The names of a folder's files, for a person to choose from: looked at within bounds, and no link is followed."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from maquette.workspace.beneath import open_beneath
from maquette.workspace.files import FOLDER, closing, is_git
from maquette.workspace.snapshots import REBUILT

ENTRIES = 20_000
"""Names that are looked at, at most."""
SECONDS = 0.5


def paths(root: Path, *, entries: int = ENTRIES, seconds: float = SECONDS) -> list[str]:
    """Relative paths of the ordinary files below `root`, the nearest first; as many as the bounds allow.

    Left out are git's own, what tools make again (`snapshots.REBUILT`), links, and names that hold what can't be seen.
    A folder that can't be read holds nothing. Blocks.
    """
    found: list[str] = []
    waiting, until = deque([""]), time.monotonic() + seconds
    try:
        top = os.open(root, FOLDER | os.O_CLOEXEC)
    except OSError:
        return found
    with closing(top):
        while waiting:
            folder = waiting.popleft()
            for name, is_folder in _within(top, folder):
                entries -= 1
                if entries < 0 or time.monotonic() > until:
                    return found
                (waiting if is_folder else found).append(f"{folder}{name}{'/' if is_folder else ''}")
    return found


def _within(top: int, folder: str) -> Iterator[tuple[str, bool]]:
    try:
        with closing(open_beneath(top, folder or ".", FOLDER)) as descriptor, os.scandir(descriptor) as listed:
            for one in listed:
                if is_git(one.name) or one.name in REBUILT or not one.name.isprintable():
                    continue
                if (is_folder := one.is_dir(follow_symlinks=False)) or one.is_file(follow_symlinks=False):
                    yield one.name, is_folder
    except OSError:
        return
