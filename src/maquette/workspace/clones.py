"""The repo in an agent's tree, whose every byte the agent may have chosen: its settings, its index, its links.

A git that reads it does so in a box which can write nowhere but to a scratch folder; what comes of it is a pack, and is
checked object by object before the store takes it. So what such a git could be made to do, the agent could do before.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from maquette.domain.errors import Refused, Unavailable
from maquette.workspace.files import BeneathFiles
from maquette.workspace.git import Git, Gits
from maquette.workspace.owners import entrust

_PACK = re.compile(r"[0-9a-f]{40,64}")


def is_real_folder(path: Path) -> bool:
    """And not a link to one."""
    return path.is_dir() and not path.is_symlink()


def stands_at(work: Path, commit: str) -> bool:
    """Whether the repo of `work` plainly is at a commit: its HEAD says so, or the branch that it names.

    So it is where an agent committed nothing, which then needs no box with a git. False also where that isn't plain.
    """
    files, said = BeneathFiles(work / ".git"), commit.encode()
    try:
        head = files.read("HEAD", limit=4096)
        if not head.startswith(b"ref: refs/heads/"):
            return head == said + b"\n"
        branch = head[5:].rstrip(b"\n")
        if files.stat(os.fsdecode(branch)) is not None:
            return files.read(os.fsdecode(branch), limit=4096) == said + b"\n"
        return said + b" " + branch in files.read("packed-refs").split(b"\n")
    except (Refused, ValueError):
        return False


@asynccontextmanager
async def opened(gits: Gits, store: Path, work: Path, scratch: Path, repo: Path | None = None) -> AsyncGenerator[Git]:
    """Git at the repo of `work`, or at another `repo` within it, in a box of its own.

    New objects, and a copy of its index, go to a new `scratch`.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "objects").mkdir(mode=0o700, parents=True)
    entrust(scratch, scratch.parent)
    async with gits.open(
        repo or work / ".git", index=scratch / "index", readable=(work, store / "objects"), writable=(scratch,)
    ) as git:
        yield replace(git, aside=scratch / "objects")


async def copy_index(own: Git) -> None:
    """In the box: there it leads nowhere, should it be a link."""
    assert own.index is not None
    await own.box.run(["cp", "--", str(own.git_dir / "index"), str(own.index)], sink=lambda _: None, seconds=60)


async def pack(own: Git, scratch: Path, commits: Sequence[str], without: str) -> str:
    """All that the commits hold and `without`, where it is known there, doesn't: as a pack in `scratch`, by its name.

    `own`: of `opened`.
    """
    known = [f"^{without}"] if await own.commit_of(without) else []
    wanted = "".join(f"{commit}\n" for commit in (*commits, *known))
    made = await own.run("pack-objects", "--quiet", "--revs", str(scratch / "pack"), stdin=wanted.encode())
    if not _PACK.fullmatch(made.text):
        raise Unavailable("The repo in the tree couldn't be read.")
    return made.text


async def take(git: Git, scratch: Path, name: str) -> None:
    """Brings a pack into the store that `git` is at, once every object in it has been checked."""
    made = scratch / f"pack-{name}.pack"
    if made.is_symlink():
        raise Unavailable("The repo in the tree couldn't be read.")
    await git.run("index-pack", "--strict", str(made))
    fresh = git.git_dir / "objects" / "pack" / f"pack-{secrets.token_hex(20)}.pack"
    made.rename(fresh)
    made.with_suffix(".idx").rename(fresh.with_suffix(".idx"))
    shutil.rmtree(scratch)
