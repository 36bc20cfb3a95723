"""A folder's bytes as a commit in the store, and back.

The folder's own `.git`, if there is one, is neither read nor written: git works with the store, with an index of ours
and with attributes that leave each byte as it is.
"""

from __future__ import annotations

import asyncio
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from maquette.domain.errors import Refused
from maquette.workspace.git import Git, GitFailed, joined

LARGEST = 50 << 20
"""Bytes. Larger files are left out, and named."""

MOST = 2 << 30
"""Bytes of what is new or changed, together; beyond it the largest files are left out."""

REBUILT = (
    "node_modules", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", ".nox",
    ".gradle", ".DS_Store",
)  # fmt: skip
"""What tools make again by themselves: not looked at, also where no ignore file says so, unless it is in a commit."""

UNFINISHED = f".{'[0-9a-f]' * 16}.part"
"""What a tool was writing when the base was killed (`workspace/files.py::replace`); what was meant is in the log."""

AGAIN = tuple(f"--exclude={name}" for name in (*REBUILT, UNFINISHED))
KEPT = ("--exclude-standard", *AGAIN)
"""What is left out of a result: what ignore files name, and what is made again."""


@dataclass(frozen=True)
class Staged:
    """`left_out`: paths that are too large or can't be read; what the tree has for them is what it had before."""

    tree: str
    left_out: tuple[str, ...] = ()


async def stage(git: Git, *, ignores: Sequence[str] = KEPT, within_links: bool = False) -> Staged:
    """Everything in the work tree that isn't ignored, as a tree. `git` is at the store, with work tree and index.

    Files in the folder of a submodule are left out, for it stands for a commit; unless `within_links`, and then they
    stand in its place.
    """
    for last in (False, False, True):
        try:
            return await _stage(git, ignores, within_links)
        except GitFailed:
            # Something in there may still be writing: a file that was listed is gone.
            if last:
                raise
    raise AssertionError("unreachable")


async def _stage(git: Git, ignores: Sequence[str], within_links: bool) -> Staged:
    work = git.work_tree
    assert work is not None
    await git.run("update-index", "-q", "--refresh", ok=(0, 1))
    listed = await git.run("ls-files", "-z", "--others", "--modified", "--deleted", "--deduplicate", *ignores)
    paths = [path for path in listed.parts if not path.endswith("/")]
    for nested in (path for path in listed.parts if path.endswith("/")):
        paths += await _inside(git, nested, ignores)
    links = await _submodules(git)
    linked = [path for link in links for path in await _inside(git, f"{link}/", ignores)]
    sorting = _Sorting(work)
    await asyncio.to_thread(sorting.add_all, [*paths, *linked] if within_links else paths)
    if not within_links:
        sorting.left_out += linked
    sorting.gone += [path for path in sorting.folders if path not in links]
    return await _sorted(git, sorting)


async def add(git: Git, paths: Sequence[str]) -> Staged:
    """The same, of what is in the index and these files, whether ignored or not."""
    assert git.work_tree is not None
    sorting = _Sorting(git.work_tree)
    await asyncio.to_thread(sorting.add_all, paths)
    return await _sorted(git, sorting)


async def _sorted(git: Git, sorting: _Sorting) -> Staged:
    if sorting.gone:
        await git.run("update-index", "--force-remove", "-z", "--stdin", stdin=joined(sorting.gone))
    if sorting.put:
        await git.run("update-index", "--add", "--replace", "-z", "--stdin", stdin=joined(sorting.put))
    return Staged(await git.text("write-tree"), tuple(sorting.left_out))


_NOT_TAKEN = re.compile(r"(?:^|/)(?:\.git|git~1)[ .]*(?:$|[/\\:])", re.IGNORECASE)
"""Names that some file system takes for `.git`: git passes them over, and says so to nobody."""


class _Sorting:
    """What to do about each path: put it into the index, take it out, or leave it be."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._plain: dict[PurePosixPath, bool] = {PurePosixPath(): True}
        self.put: list[str] = []
        self._sizes: dict[str, int] = {}
        self.gone: list[str] = []
        self.folders: list[str] = []
        self.left_out: list[str] = []

    def add_all(self, paths: Sequence[str]) -> None:
        for path in dict.fromkeys(paths):
            self._add(path)
        total = sum(self._sizes.values())
        for path, size in sorted(self._sizes.items(), key=lambda entry: -entry[1]):
            if total <= MOST:
                break
            total -= size
            self.put.remove(path)
            self.left_out.append(path)

    def _add(self, path: str) -> None:
        if _NOT_TAKEN.search(path):
            self.left_out.append(path)
            return
        try:
            found = (self._work / path).lstat() if self._is_plain(PurePosixPath(path).parent) else None
        except (FileNotFoundError, NotADirectoryError):
            found = None
        except OSError:  # a name too long for the kernel, which git reaches step by step
            self.left_out.append(path)
            return
        if found is None:
            self.gone.append(path)
        elif stat.S_ISDIR(found.st_mode):
            self.folders.append(path)
        elif stat.S_ISREG(found.st_mode) and (found.st_size > LARGEST or not found.st_mode & stat.S_IRUSR):
            self.left_out.append(path)
        elif stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode):
            self.put.append(path)
            self._sizes[path] = found.st_size
        else:
            self.gone.append(path)

    def _is_plain(self, folder: PurePosixPath) -> bool:
        """Whether it is reached through folders only, not through a link."""
        way: list[PurePosixPath] = []
        at = folder
        while at not in self._plain:
            way.append(at)
            at = at.parent
        for at in reversed(way):
            self._plain[at] = self._plain[at.parent] and stat.S_ISDIR((self._work / at).lstat().st_mode)
        return self._plain[folder]


async def _inside(git: Git, nested: str, ignores: Sequence[str]) -> list[str]:
    """The files of a repo within the tree, which git would take as one thing or stumble over."""
    assert git.work_tree is not None
    if not (git.work_tree / nested).is_dir():
        return []
    listed = await git.at(git.git_dir, work_tree=git.work_tree / nested, index=git.git_dir / "no-such-index").run(
        "ls-files", "-z", "--others", *ignores
    )
    paths = [nested + path for path in listed.parts]
    found = [path for path in paths if not path.endswith("/")]
    for path in (path for path in paths if path.endswith("/")):
        found += await _inside(git, path, ignores)
    return found


async def _submodules(git: Git) -> set[str]:
    listed = await git.run("ls-files", "-z", "--stage")
    return {entry.partition("\t")[2] for entry in listed.parts if entry.startswith("160000 ")}


async def commit(git: Git, tree: str, parents: Sequence[str], message: str) -> str:
    """A commit of a tree; the parent itself, when there is one and it holds the same tree."""
    if len(parents) == 1:
        held, parent = (await git.text("rev-parse", f"{parents[0]}^{{tree}}", f"{parents[0]}^{{commit}}")).split()
        if held == tree:
            return parent
    named = [word for parent in parents for word in ("-p", parent)]
    return await git.text("commit-tree", tree, *named, "-F", "-", stdin=message.encode())


async def put_back(git: Git, now: str, then: str) -> None:
    """Makes the work tree hold `then`, given that it holds `now` (both commits or trees, `now` just staged).

    Files that are the same in both aren't touched. Raises `Refused` when a file that isn't in `now` is in the way.
    """
    try:
        await git.run("read-tree", "-m", "-u", now, then)
    except GitFailed as failed:
        raise Refused(
            f"It can't be put back: {failed}. Move that file away and try again.", code="in-the-way"
        ) from failed
