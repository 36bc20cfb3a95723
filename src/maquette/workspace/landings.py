"""The one moment when the person's repo is written: a prepared commit lands on the branch they have checked out.

Killed at any point, `recover` leaves either what was before or what comes after: objects and refs of our own come
first, then a note of what is about to happen, then the work tree, the index in one rename, and the branch last. Git's
own lock on the index is held throughout, with a token in it by which it is known again as ours.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import Field

from maquette.domain.errors import Refused
from maquette.domain.labels import Fact
from maquette.workspace import locks
from maquette.workspace.git import Git, GitFailed, joined
from maquette.workspace.owners import entrust
from maquette.workspace.stores import free, refs_of

COMING = "refs/maquette/coming"
"""Holds what a landing brings until the branch does. It stays: a git killed while it deletes a ref leaves a lock on all
of the repo's packed refs, which nothing could tell from another git's.
"""


class Landing(Fact):
    """The note, on disk for as long as a landing isn't over."""

    thread: str
    top: Path
    git_dir: Path
    common: Path
    branch: str
    before: str
    after: str
    result: str
    """The commit that is merged, as the thread left it."""
    token: str = Field(default_factory=lambda: f"maquette {secrets.token_hex(16)}\n")
    touching: bool = False
    """The lock is ours, and files may have been written."""

    @property
    def lock(self) -> Path:
        return self.git_dir / "index.lock"

    @property
    def next_index(self) -> Path:
        return self.git_dir / "maquette-index"


@dataclass(frozen=True)
class Notes:
    """Where a project's note is kept, and after it those of what landed, until the log has it."""

    path: Path

    def read(self) -> Landing | None:
        return Landing.model_validate_json(self.path.read_bytes()) if self.path.exists() else None

    def write(self, landing: Landing) -> None:
        fresh = self.path.with_suffix(".new")
        with fresh.open("w") as file:
            file.write(landing.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)

    def land(self, landing: Landing) -> None:
        """It is over, and is to be entered in the log."""
        self.path.replace(self._landed(landing.after))

    def landed(self) -> tuple[Landing, ...]:
        """What is in its branch, and isn't known to be in the log."""
        found = sorted(self.path.parent.glob(f"{self.path.stem}.*.json"))
        return tuple(Landing.model_validate_json(path.read_bytes()) for path in found)

    def entered(self, after: str) -> None:
        """It is in the log."""
        self._landed(after).unlink(missing_ok=True)

    def _landed(self, after: str) -> Path:
        return self.path.with_suffix(f".{after}.json")


async def land(git: Git, landing: Landing, notes: Notes, store: Path) -> None:
    """`git` is at the person's repo, tamed, in a box that may write to it and read the store.

    The head that was is kept at `refs/maquette/before/THREAD`. Raises `Refused`, with nothing changed, when another git
    holds a lock, or the branch or a file has changed meanwhile.
    """
    notes.write(landing)
    try:
        await git.run(
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", str(store),
            f"+{landing.after}:{COMING}",
        )  # fmt: skip
        await git.run("update-ref", refs_of(landing.thread, "before"), landing.before)
        await _lock(landing)
        landing = landing.model_copy(update={"touching": True})
        notes.write(landing)
        await _update_files(git, landing)
        landing.next_index.replace(landing.git_dir / "index")
        await _move_branch(git, landing)
    except BaseException:
        # Also when the merge is cancelled: nobody waits for a half of it.
        await asyncio.shield(recover(git, landing, notes, onward=False))
        raise
    _tidy(landing)
    notes.land(landing)


async def recover(git: Git, landing: Landing, notes: Notes, *, onward: bool = True) -> bool:
    """Brings a landing that was cut short to an end. Returns whether the branch holds it.

    `onward`: once the files are all there, the branch follows; otherwise they go back. Files that the person changed
    meanwhile are left as they are. Raises `Refused` (`git-locked`), to be tried again, while another git is at work.
    """
    branch = f"refs/heads/{landing.branch}"
    free(landing.common, "refs/maquette")
    _unlock(landing.common / f"{branch}.lock", f"{landing.after}\n")
    on_branch = (await git.run("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))).text == branch
    head = await git.commit_of("HEAD")
    holds = await git.run("merge-base", "--is-ancestor", landing.after, branch, ok=(0, 1, 128))
    landed = holds.status == 0
    if landing.touching and on_branch and head == landing.before:
        if _held(landing.lock) == landing.token:
            await _free_head(landing)
        else:
            await _lock(landing)
        if not await _is_indexed(git, landing):
            await _files_back(git, landing)
        elif onward:
            await _move_branch(git, landing)
            landed = True
        else:
            await _back(git, landing)
    _tidy(landing)
    if landed:
        notes.land(landing)
    else:
        notes.drop()
    return landed


async def _lock(landing: Landing) -> None:
    # By a link, so that it is there with the token in it or not at all.
    mark = landing.next_index.with_name("maquette-lock")
    mark.write_text(landing.token)
    try:
        for delay in (*locks.WAITS, None):
            try:
                landing.lock.hardlink_to(mark)
            except FileExistsError:
                if delay is None:
                    raise locks.locked(landing.top, str(landing.lock)) from None
                await asyncio.sleep(delay)
            else:
                return
    finally:
        mark.unlink()


async def _free_head(landing: Landing) -> None:
    """Git locks HEAD by an empty file for the moment in which the branch moves. Another's would have needed the index's
    lock, which is ours: so one that stays was left by our own git, when it was killed.
    """
    lock = landing.git_dir / "HEAD.lock"
    for delay in locks.WAITS:
        if _held(lock) != "":
            return
        await asyncio.sleep(delay)
    _unlock(lock, "")


def _held(lock: Path) -> str | None:
    """What a lock file holds, when it is there."""
    try:
        return lock.read_bytes().decode(errors="replace")
    except FileNotFoundError:
        return None


def _unlock(lock: Path, *ours: str) -> None:
    """Removes a lock file only when what it holds shows that it is ours."""
    if _held(lock) in ours:
        lock.unlink(missing_ok=True)


async def _update_files(git: Git, landing: Landing) -> None:
    """The work tree, and the index that goes with it, beside the real one. Nothing is touched unless all can be."""
    if await git.commit_of("HEAD") != landing.before:
        raise Refused(f"{landing.branch} has moved on meanwhile: try again.", code="moved-on")
    await _index_copied(landing)
    aside = git.over(landing.next_index)
    await aside.run("update-index", "-q", "--refresh", ok=(0, 1))
    try:
        await aside.run("read-tree", "-m", "-u", landing.before, landing.after)
    except GitFailed as failed:
        raise Refused(f"Files have changed meanwhile, so nothing was merged: {failed}", code="dirty-tree") from failed


async def _index_copied(landing: Landing) -> None:
    index = landing.git_dir / "index"
    if index.exists():
        await asyncio.to_thread(shutil.copy2, index, landing.next_index)
        entrust(landing.next_index, landing.git_dir)


async def _move_branch(git: Git, landing: Landing) -> None:
    words = ("update-ref", "-m", f"maquette: merge of {landing.thread}", "HEAD", landing.after, landing.before)
    await git.run(*words)


async def _is_indexed(git: Git, landing: Landing) -> bool:
    """Whether the index has the files that come after: then the work tree has them too."""
    paths = await _paths(git, landing)
    after = await _entries(git, "ls-tree", "-r", "-z", "--full-tree", landing.after)
    index = await _entries(git, "ls-files", "-z", "--stage")
    return all(after.get(path) == index.get(path) for path in paths)


async def _entries(git: Git, *words: str) -> dict[str, tuple[str, str]]:
    """Mode and blob of each path, from `ls-tree` or `ls-files --stage`."""
    found: dict[str, tuple[str, str]] = {}
    for entry in (await git.run(*words)).parts:
        info, _, path = entry.partition("\t")
        words = tuple(word for word in info.split() if word not in ("blob", "commit"))
        found[path] = (words[0], words[1])
    return found


async def _paths(git: Git, landing: Landing) -> list[str]:
    return (await git.run("diff-tree", "-r", "-z", "--no-renames", "--name-only", landing.before, landing.after)).parts


async def _back(git: Git, landing: Landing) -> None:
    """From after to before, where the index says after."""
    _clear(landing)
    await _index_copied(landing)
    aside = git.over(landing.next_index)
    await aside.run("update-index", "-q", "--refresh", ok=(0, 1))
    await aside.run("read-tree", "-m", "-u", landing.after, landing.before)
    landing.next_index.replace(landing.git_dir / "index")


async def _files_back(git: Git, landing: Landing) -> None:
    """From somewhere between to before, where the index says before: only what git was writing is put back."""
    before = await _entries(git, "ls-tree", "-r", "-z", "--full-tree", landing.before)
    not_before = await _differing(git, landing, landing.before)
    not_after = await _differing(git, landing, landing.after)
    again: list[str] = []
    gone: list[str] = []
    for path in await _paths(git, landing):
        if path in before and path not in not_before:
            continue
        if path not in not_after or await _is_partial(git, landing, path):
            (again if path in before else gone).append(path)
    if gone:
        # In the box: what is below the work tree may lead anywhere, but nothing else can be written from there.
        folders = sorted({str(PurePosixPath(path).parent) for path in gone} - {"."})
        await _each(git, landing, ("rm", "-f", "--"), gone)
        await _each(git, landing, ("rmdir", "-p", "--ignore-fail-on-non-empty", "--"), folders)
    if again := [path for path in again if await asyncio.to_thread(_is_free, landing.top, path)]:
        await git.run("checkout-index", "--force", "-z", "--stdin", stdin=joined(again))


async def _differing(git: Git, landing: Landing, commit: str) -> set[str]:
    """The paths of a commit whose files aren't as it has them."""
    aside = git.over(landing.next_index)
    _clear(landing)
    await aside.run("read-tree", commit)
    await aside.run("update-index", "-q", "--refresh", ok=(0, 1))
    return set((await aside.run("diff-files", "-z", "--name-only")).parts)


async def _is_partial(git: Git, landing: Landing, path: str) -> bool:
    """Whether what is there is nothing, or the start of what was to come: git's own doing, not the person's."""
    there = await asyncio.to_thread(_read, landing.top / path)
    if there is None:
        return True
    come = await git.run("cat-file", "--filters", f"{landing.after}:{path}", ok=(0, 128))
    return come.status == 0 and come.out.startswith(there)


def _is_free(top: Path, path: str) -> bool:
    """Whether a file can be put there without removing a folder, or what stands in the place of one."""
    at = top / path
    on_the_way = [top / parent for parent in PurePosixPath(path).parents]
    in_place = any(folder.is_symlink() or (folder.exists() and not folder.is_dir()) for folder in on_the_way[:-1])
    return not in_place and (at.is_symlink() or not at.is_dir())


def _read(path: Path) -> bytes | None:
    if path.is_symlink():
        return os.fsencode(path.readlink())
    return path.read_bytes() if path.is_file() else None


async def _each(git: Git, landing: Landing, command: Sequence[str], paths: Sequence[str]) -> None:
    words = ("xargs", "-0", *command)
    await git.box.run(words, sink=_ignored, cwd=landing.top, seconds=60, stdin=joined(paths))


def _ignored(data: bytes) -> None:
    del data


def _clear(landing: Landing) -> None:
    for name in ("maquette-index", "maquette-index.lock", "maquette-lock"):
        (landing.git_dir / name).unlink(missing_ok=True)


def _tidy(landing: Landing) -> None:
    _clear(landing)
    _unlock(landing.lock, landing.token)
