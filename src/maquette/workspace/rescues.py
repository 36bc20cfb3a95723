"""What is about to be removed or overwritten is kept first, at a ref of the store that nothing ever deletes."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path

from maquette.domain.errors import Refused, Unavailable
from maquette.workspace import clones, remaking, snapshots
from maquette.workspace.deep import rmtree, walk
from maquette.workspace.git import Git, GitFailed, Gits, joined
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
    git: Git, gits: Gits, scratch: Path, thread: str, kept: str, lose: Collection[str] = ()
) -> tuple[str, str]:
    """Keeps every byte of a work tree: files, ignored ones too, and what its own `.git`, or that of a repo within, has.

    Only what tools make again (`snapshots.REBUILT`) and what the person named (`lose`) is let go. `git` is at the
    store, with the work tree and an index that was just staged, as commit `kept`. Returns the ref and its commit.
    Raises `Refused` for files that can't be kept, by name.
    """
    assert git.work_tree is not None
    assert git.index is not None
    index = git.index.with_name("rescue-index")
    shutil.copy2(git.index, index)
    entrust(index, index.parent)
    staged = await snapshots.stage(git.over(index), ignores=snapshots.AGAIN, within_links=True)
    if lost := sorted({*staged.left_out} - {*lose}):
        raise Refused(
            f"Not removed, because these can't be kept (too large, or unreadable): {', '.join(lost[:10])}. Move them"
            " away, or say that they may be lost.",
            code="no-rescue",
        )
    alone, base = list[str](), await git.text("rev-parse", refs_of(thread, "base"))
    heads = ""
    for repo in await asyncio.to_thread(_repos, git.work_tree):
        more, named = await _only_in(git, gits, scratch, base, repo)
        alone += more
        heads = named if repo == git.work_tree / ".git" else heads
    commit = await remaking.commit(git, thread, staged.tree, base, kept, heads)
    for number, name in enumerate(dict.fromkeys(alone)):
        await rescue(git, thread, name, f"-{number:04}")
    return await rescue(git, thread, commit, remaking.REMOVED), commit


def _repos(work: Path) -> list[Path]:
    """The folders of git's own in a tree: its repo's, those of repos within, of submodules and linked work trees."""
    found: list[Path] = []
    for folder, below, files in walk(work):
        names = {*below, *files}
        within = ".git" in folder.relative_to(work).parts
        if within and "HEAD" in names and ("objects" in names or "commondir" in names):
            found.append(folder)
        skipped = ("objects",) if within and "HEAD" in names else snapshots.REBUILT
        below[:] = [name for name in below if name not in skipped]
    return found


async def _only_in(git: Git, gits: Gits, scratch: Path, base: str, repo: Path) -> tuple[list[str], str]:
    """Commits that only a repo of the tree has (its branches, stashes, what it left behind or staged), now in the
    store too; and where its branches are.
    """
    assert git.work_tree is not None
    pack = ""
    try:
        async with clones.opened(gits, git.git_dir, git.work_tree, scratch, repo) as own:
            await clones.copy_index(own)
            listed = await own.text("for-each-ref", "--format=%(objectname)")
            heads = await remaking.heads(own)
            left = await own.run("log", "--walk-reflogs", "--all", "--format=%H", ok=(0, 128))
            named = [*listed.split(), *(left.text.split() if left.status == 0 else []), *await _staged(own)]
            found = (await git.text("cat-file", "--batch-check", stdin=_lines(named))).splitlines()
            alone = [line.split()[0] for line in found if line.endswith(" missing")]
            if alone:
                pack = await clones.pack(own, scratch, alone, base)
        if pack:
            await clones.take(git, scratch, pack)
        # The store may hold others that nothing in it leads to.
        there = [line.split()[0] for line in found if not line.endswith(" missing")]
        listed = await git.text("rev-list", "--objects", "--stdin", "--not", "--all", stdin=_lines(there))
        loose = {line.partition(" ")[0] for line in listed.splitlines()}
    except Unavailable as failed:
        raise Refused(
            f"Not removed, because its own .git can't be read: {failed}. Delete {repo} if nothing in it matters.",
            code="no-rescue",
        ) from failed
    return [*alone, *({*there} & loose)], heads


async def _staged(own: Git) -> list[str]:
    """Commits of what is staged there, one for each side of a conflict. `own` has a copy of its index."""
    assert own.index is not None
    entries: dict[str, list[str]] = {}
    for entry in (await own.run("ls-files", "-z", "--stage")).parts:
        info, _, path = entry.partition("\t")
        mode, blob, side = info.split(" ")
        entries.setdefault(side, []).append(f"{mode} {blob}\t{path}")
    head = await own.commit_of("HEAD")
    aside = own.over(own.index.with_name("staged-index"))
    commits: list[str] = []
    for lines in entries.values():
        await aside.run("read-tree", "--empty")
        await aside.run("update-index", "-z", "--index-info", stdin=joined(lines))
        tree = await aside.text("write-tree")
        commits.append(await snapshots.commit(own, tree, (head,) if head else (), "What was staged\n"))
    return commits


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in dict.fromkeys(names)).encode()


async def remove_folder(folder: Path) -> None:
    """Removes a folder that an agent could write to, whatever it left there; links are never followed."""
    await finish_removal(folder)
    await asyncio.to_thread(_remove, folder, _going(folder))


async def finish_removal(folder: Path) -> None:
    """Of one that was cut short."""
    await asyncio.to_thread(rmtree, _going(folder))


def _going(folder: Path) -> Path:
    return folder.with_name(folder.name + ".removing")


def _remove(folder: Path, going: Path) -> None:
    if folder.exists():
        folder.rename(going)
        rmtree(going)
