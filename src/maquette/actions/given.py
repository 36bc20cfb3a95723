"""Files that a person gives with what they say: put where the thread can read them, and named in the message."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from maquette.actions.home import Home
from maquette.domain.messages import Given
from maquette.domain.projects import Project, ProjectKind

LONGEST = 60
"""Characters of a name: of any, few enough for a file's."""


async def named(home: Home, thread: str, of: Project, text: str, files: Sequence[Given]) -> str:
    """What was said, and where each of the files is: on the desk, or else beside the thread's tree, so that no result
    holds them.
    """
    if not files:
        return text
    desk = of.kind is ProjectKind.DESK
    folder = Path(of.path) if desk else home.settings.state / "outputs" / thread / "given"
    kept = await asyncio.to_thread(lambda: [_kept(folder, file) for file in files])
    lines = [f"- {path.name if desk else path} ({path.stat().st_size:,} bytes)" for path in kept]
    return "\n".join([text.rstrip(), "", "Given with this:", *lines]).lstrip()


def _kept(folder: Path, file: Given) -> Path:
    """In a place that nothing has yet."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = PurePosixPath(_plain(file.name))
    for number in itertools.count(1):
        path = folder / (f"{name.stem}-{number}{name.suffix}" if number > 1 else name)
        try:
            out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(out, "wb") as held:
            held.write(file.data)
        return path
    raise AssertionError


def _plain(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable()).strip(". ")[-LONGEST:] or "file"
