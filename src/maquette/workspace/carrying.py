"""What of a state's folders goes into a backup, and what in it names the place where it lay."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from maquette.workspace.places import Place

FOLDERS = ("projects", "trees")
ALTERNATES = ["work", ".git", "objects", "info", "alternates"]
_OURS = ("lock", "landing.json")
"""Beside a project's store: of who is at work on it now, and of a merge under way on this machine."""


@dataclass(frozen=True)
class Found:
    """A file, folder or link at `name` below the state. A file is open at `descriptor`.

    `stat` is None for what can't be taken: of another kind, or not to be read.
    """

    name: str
    stat: os.stat_result | None
    link: str = ""
    descriptor: int = -1


def found(state: Path, folder: str) -> Generator[Found]:
    """All that lies in a folder of the state, without following a link: an agent may change what is being read.

    Of a store, refs come before objects: all that a ref copied before names is there when objects are copied. What
    is only half made isn't there yet.
    """
    top = state / folder
    if not top.is_dir() or top.is_symlink():
        return
    yield Found(folder, top.stat())
    closed: list[OSError] = []
    for at, folders, files, descriptor in os.fwalk(top, onerror=closed.append, follow_symlinks=False):
        inside = os.path.relpath(at, state)
        store = inside.split("/")[:1] == ["projects"]
        folders[:] = sorted((f for f in folders if not f.endswith((".making", ".removing"))), key=_refs_first)
        for name in [*_kept(files, store, inside), *folders]:
            if (one := _opened(f"{inside}/{name}", name, descriptor)) is not None:
                try:
                    yield one
                finally:
                    if one.descriptor >= 0:
                        os.close(one.descriptor)
    for error in closed:
        yield Found(str(error.filename), None)


def _refs_first(name: str) -> tuple[bool, str]:
    return name == "objects", name


def _kept(files: list[str], store: bool, inside: str) -> Iterator[str]:
    for name in sorted(files):
        beside = store and inside.count("/") == 1 and name in _OURS
        half = store and (name.endswith(".lock") or name.startswith("tmp_"))
        if not (beside or half):
            yield name


def _opened(at: str, name: str, folder: int) -> Found | None:
    """None for what went away."""
    try:
        how = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISLNK(how.st_mode):
            return Found(at, how, os.readlink(name, dir_fd=folder))
        if stat.S_ISDIR(how.st_mode):
            return Found(at, how)
        if not stat.S_ISREG(how.st_mode):
            return Found(at, None)
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        return None if error.errno == errno.ENOENT else Found(at, None)
    return Found(at, os.fstat(descriptor), descriptor=descriptor)


def rehomed(name: str, content: bytes, before: str, now: Path) -> bytes:
    """What a file that names the state it lies in, `before`, says where the state is `now`."""
    if name.endswith("/place.json"):
        place = Place.model_validate_json(content)
        if place.work.is_relative_to(before):
            place = place.model_copy(update={"work": now / place.work.relative_to(before)})
        return place.model_dump_json().encode()
    return content.replace(f"{before}/projects/".encode(), f"{now}/projects/".encode())


def names_its_place(name: str) -> bool:
    """Whether `rehomed` must see this file: a tree's note, and where its clone borrows objects."""
    parts = name.split("/")
    return parts[:1] == ["trees"] and parts[2:] in (["place.json"], ALTERNATES)
