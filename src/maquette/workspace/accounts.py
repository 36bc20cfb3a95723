"""What is known of a result by its bytes alone, against what it began with."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maquette.workspace import diffs
from maquette.workspace.diffs import Change, Touched
from maquette.workspace.git import Git
from maquette.workspace.sizes import Size, measured

LIMIT = 64 << 20
"""Bytes of all that is measured."""
_FILE = ("100", "000")
"""How the mode of a file, or of none, begins."""


@dataclass(frozen=True)
class Account:
    """`tree` names what a result holds: the same for the same bytes. `diff` is unified, with git's headers."""

    tree: str
    changes: tuple[Change, ...]
    sizes: tuple[Size, ...]
    diff: str


async def account(git: Git, base: str, commit: str) -> Account:
    """All of it, read in one box."""
    return Account(
        await git.text("rev-parse", f"{commit}^{{tree}}"),
        await diffs.changes(git, base, commit),
        await sizes(git, base, commit),
        await diffs.unified(git, base, commit),
    )


async def sizes(git: Git, base: str, commit: str) -> tuple[Size, ...]:
    """What a result adds to each file it touches: lines and, for Python, complexity."""
    differing = await diffs.touched(git, base, commit)
    files = [change for change in differing if change.after[:3] in _FILE and change.before[:3] in _FILE]
    held = await diffs.contents(git, [blob for one in files for blob in (one.blob_before, one.blob)], LIMIT)
    return await asyncio.to_thread(_sized, files, held)


def shown(path: str) -> str:
    """A path that can be stored as text, also where its bytes are no UTF-8."""
    return path.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _sized(files: Sequence[Touched], held: Mapping[str, bytes]) -> tuple[Size, ...]:
    found: list[Size] = []
    for change in files:
        before, after = (measured(change.path, held.get(blob)) for blob in (change.blob_before, change.blob))
        if before or after:
            found.append(Size(shown(change.path), before, after))
    return tuple(found)
