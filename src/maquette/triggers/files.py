"""A file that changes in a folder. Looked for by its times: nothing is read, and nothing runs between two looks."""

from __future__ import annotations

import asyncio
import fnmatch
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from maquette.domain.errors import Refused
from maquette.domain.labels import Fact
from maquette.domain.triggers import Heard
from maquette.kinds.triggers import Look, Place
from maquette.triggers import marks
from maquette.triggers import options as of
from maquette.workspace.beneath import open_beneath

MOST = 20_000
"""Files of a folder; a look at so many takes some 0.1 s."""
SETTLES = 2.0
"""Seconds without a change, after which a file is taken for written."""
PATIENCE = 60.0
"""Seconds after which a folder that never settles is heard of all the same."""
NAMED = 20


class Mark(Fact):
    """`seen`: a digest of names, times and sizes; `newest`: the latest change, in ns; `stirs`: since when it stirs."""

    number: int
    seen: str
    newest: int
    stirs: float | None = None


@dataclass(frozen=True)
class Seen:
    digest: str
    newest: int
    names: tuple[tuple[int, str], ...]


class Files:
    """`path`: a folder, within the project or absolute; `names`: patterns between commas, like `*.csv, *.md`."""

    name = "files"
    every = 10.0

    def means(self, options: Mapping[str, str]) -> str:
        of.checked(self.name, options, must=("path",), may=("names",))
        like = " or ".join(of.words(options, "names"))
        return f"When a file{f' like {like}' if like else ''} changes in {options['path']}"

    async def look(self, options: Mapping[str, str], place: Place, mark: str, now: datetime) -> Look:
        path = options["path"]
        seen = await asyncio.to_thread(_seen, place.root, path, of.words(options, "names"))
        before = marks.read(mark, Mark)
        if before is None:
            return Look(Mark(number=0, seen=seen.digest, newest=seen.newest).model_dump_json())
        if seen.digest == before.seen:
            return Look(before.model_copy(update={"stirs": None}).model_dump_json())
        since = before.stirs if before.stirs is not None else now.timestamp()
        if 0 <= now.timestamp() - seen.newest / 1e9 < SETTLES and now.timestamp() - since < PATIENCE:
            return Look(before.model_copy(update={"stirs": since}).model_dump_json())
        number = before.number + 1
        after = Mark(number=number, seen=seen.digest, newest=max(seen.newest, before.newest))
        changed = [name for at, name in sorted(seen.names, reverse=True) if at > before.newest]
        about = {"folder": path, "files": "\n".join(changed[:NAMED]), "count": str(len(changed))}
        heard = Heard(trigger=self.name, key=f"{number}:{seen.digest[:16]}", told=_told(changed, path), about=about)
        return Look(after.model_dump_json(), heard)


def _told(changed: list[str], path: str) -> str:
    if not changed:
        return f"Files were taken away in {path}."
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    return f"In {path} changed {', '.join(changed[:3])}{more}."


def _seen(root: Path, path: str, patterns: tuple[str, ...]) -> Seen:
    digest = hashlib.sha256()
    names: list[tuple[int, str]] = []
    newest = 0
    for name, status in _beneath(root, path):
        if patterns and not any(fnmatch.fnmatchcase(Path(name).name, pattern) for pattern in patterns):
            continue
        if len(names) >= MOST:
            raise Refused(f"{path} has more than {MOST:,} such files: name a smaller folder.", code="too-many-files")
        changed = max(status.st_mtime_ns, status.st_ctime_ns)
        newest = max(newest, changed)
        names.append((changed, name))
        stamp = f"{name}\0{status.st_mtime_ns}\0{status.st_size}\0{status.st_ino}\n"
        digest.update(stamp.encode(errors="surrogateescape"))
    return Seen(digest.hexdigest(), newest, tuple(names))


def _beneath(root: Path, path: str) -> Iterator[tuple[str, os.stat_result]]:
    """The files of a folder, by their paths in it, but for what begins with a dot. Links aren't followed, and one that
    an agent puts in the place of the folder leads nowhere outside of the project.
    """
    named = Path(path).expanduser()
    home, within = (named, ".") if named.is_absolute() else (root, path)
    try:
        top = os.open(home, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            folder = open_beneath(top, within, os.O_RDONLY | os.O_DIRECTORY)
        finally:
            os.close(top)
    except OSError as error:
        raise Refused(f"{path} can't be looked into: {error.strerror}.", code="no-folder") from error
    try:
        for place, folders, files, descriptor in os.fwalk(".", dir_fd=folder, follow_symlinks=False):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                with suppress(FileNotFoundError):
                    status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode) and not name.startswith("."):
                        yield os.path.normpath(f"{place}/{name}"), status
    finally:
        os.close(folder)


TRIGGER = Files()
