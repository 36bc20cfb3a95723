"""What is about to be removed or overwritten is kept first, at a ref of the store that nothing ever deletes."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from maquette.domain.errors import Refused, Unavailable
from maquette.workspace import clones, snapshots
from maquette.workspace.git import Git, GitFailed, Gits
from maquette.workspace.owners import entrust
from maquette.workspace.stores import refs_of


async def rescue(git: Git, thread: str, commit: str, what: str = "") -> str:
    """A ref that keeps a commit for good; read back, with all that it holds, before it is relied on."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    ref = f"{refs_of(thread, 'rescue')}/{moment}{what}"
    await git.run("update-ref", ref, commit, "")
    try:
        await git.run("rev-list", "--objects", "--quiet", ref, "--not", refs_of(thread, "base"))
    except GitFailed as failed:
        raise Refused(
            f"What {thread} holds couldn't be kept, so nothing was changed: {failed}", code="no-rescue"
        ) from failed
    return ref


async def rescue_all(
    git: Git, gits: Gits, scratch: Path, thread: str, message: str, lose: Collection[str] = ()
) -> tuple[str, str]:
    """Keeps every byte of a work tree: files, ignored ones too, and what its own `.git` alone has.

    Only what tools make again (`snapshots.REBUILT`) and what the person named (`lose`) is let go. `git` is at the
    store, with the work tree and an index that was just staged. Returns the ref and its commit. Raises `Refused` for
    files that can't be kept, by name.
    """
    assert git.work_tree is not None
    assert git.index is not None
    index = git.index.with_name("rescue-index")
    shutil.copy2(git.index, index)
    entrust(index, index.parent)
    staged = await snapshots.stage(git.over(index), ignores=snapshots.AGAIN)
    if lost := sorted({*staged.left_out} - {*lose}):
        raise Refused(
            f"Not removed, because these can't be kept (too large, or unreadable): {', '.join(lost[:10])}. Move them"
            " away, or say that they may be lost.",
            code="no-rescue",
        )
    commit = await snapshots.commit(git, staged.tree, (refs_of(thread, "base"),), message)
    for number, alone in enumerate(await _only_in(git, gits, scratch, refs_of(thread, "base"))):
        await rescue(git, thread, alone, f"-{number:04}")
    return await rescue(git, thread, commit), commit


async def _only_in(git: Git, gits: Gits, scratch: Path, base: str) -> list[str]:
    """Commits that only the tree's own repo has (its branches, stashes, what it left behind), now in the store too."""
    assert git.work_tree is not None
    clone = git.work_tree / ".git"
    if not clones.is_real_folder(clone):
        return []
    try:
        without = await git.text("rev-parse", base)
        async with clones.opened(gits, git.git_dir, git.work_tree, scratch) as own:
            listed = await own.text("for-each-ref", "--format=%(objectname)")
            left = await own.run("log", "--walk-reflogs", "--all", "--format=%H", ok=(0, 128))
            named = [*listed.split(), *(left.text.split() if left.status == 0 else [])]
            await clones.copy_index(own)
            if (staged := await own.run("write-tree", ok=(0, 128))).status == 0:
                named.append(await snapshots.commit(own, staged.text, ("HEAD",), "What was staged\n"))
            found = await git.text("cat-file", "--batch-check", stdin="\n".join(dict.fromkeys(named)).encode())
            alone = [line.split()[0] for line in found.splitlines() if line.endswith(" missing")]
            pack = await clones.pack(own, scratch, alone, without) if alone else ""
        if pack:
            await clones.take(git, scratch, pack)
    except Unavailable as failed:
        raise Refused(
            f"Not removed, because its own .git can't be read: {failed}. Delete {clone} if nothing in it matters.",
            code="no-rescue",
        ) from failed
    return alone


async def remove_folder(folder: Path) -> None:
    """Removes a folder that an agent could write to, whatever it left there; links are never followed."""
    going = folder.with_name(folder.name + ".removing")
    await asyncio.to_thread(_remove, folder, going)


def _remove(folder: Path, going: Path) -> None:
    if going.exists():
        _delete(going)
    if folder.exists():
        folder.rename(going)
        _delete(going)


def _delete(folder: Path) -> None:
    """By programs that go down as deep as an agent can: Python's own way ends at a thousand folders in one another."""
    for command in (["rm", "-rf"], ["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        ended = subprocess.run([*command, "--", folder], capture_output=True, check=False)
        if not folder.exists():
            return
    raise OSError(f"{folder} could not be removed: {ended.stderr.decode(errors='replace').strip()[:300]}")
