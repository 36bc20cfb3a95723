"""Where the refs of a person's repo point. git is only run where something of them stirred since the last time."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from maquette.workspace.git import Gits
from maquette.workspace.repos import Where, locate

MOST = 8 << 20
"""Bytes of a list of refs."""


class Refs:
    """Of any number of repos; remembers for each what it found, and the times of the files that it is in."""

    def __init__(self, gits: Gits) -> None:
        self._gits = gits
        self._found: dict[Path, tuple[str, dict[str, str]]] = {}

    async def read(self, folder: Path) -> dict[str, str]:
        """Each by its whole name, and `HEAD`, with the object it points to; empty where `folder` is in no repo.

        Raises `Refused`, `Unavailable`.
        """
        where = await asyncio.to_thread(locate, folder)
        if where is None:
            return {}
        stirred = await asyncio.to_thread(_stirred, where)
        known = self._found.get(where.git_dir)
        if known is None or known[0] != stirred:
            known = self._found[where.git_dir] = stirred, await self._listed(where)
        return known[1]

    async def _listed(self, where: Where) -> dict[str, str]:
        async with self._gits.open(where.git_dir, work_tree=where.top, readable=where.places) as git:
            listed = await git.run("for-each-ref", "--format=%(refname) %(objectname)", limit=MOST)
            head = await git.commit_of("HEAD")
        refs = dict(line.split(" ", 1) for line in listed.text.splitlines() if " " in line)
        return {**refs, "HEAD": head} if head else refs


def _stirred(where: Where) -> str:
    """Changes whenever a ref does, be they loose, packed or in tables."""
    digest = hashlib.sha256()
    for path in _kept(where):
        try:
            status = path.lstat()
        except OSError:
            continue
        digest.update(os.fsencode(path) + f"\0{status.st_mtime_ns}\0{status.st_size}\0{status.st_ino}\n".encode())
    return digest.hexdigest()


def _kept(where: Where) -> Iterator[Path]:
    yield from (where.git_dir / "HEAD", where.common / "packed-refs", where.common / "reftable" / "tables.list")
    for home, folders, files in os.walk(where.common / "refs"):
        yield Path(home)
        yield from (Path(home, name) for name in sorted(files))
        folders.sort()
