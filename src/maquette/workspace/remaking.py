"""A tree that was removed, made again: what is kept of it beside its bytes, and how it is filled with them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from maquette.domain.errors import Refused
from maquette.workspace.git import Git, GitFailed
from maquette.workspace.owners import entrust
from maquette.workspace.stores import refs_of

REMOVED = "-removed"
"""How the ref ends that keeps a whole tree, before its removal."""

_TOLD = re.compile(r"^Maquette-(Kept|Head|Ref): (\S+)(?: (refs/\S+))?$", re.MULTILINE)


@dataclass(frozen=True)
class Held:
    """What a tree held before its removal.

    `commit`: every file, also the ignored ones; `kept`: those of a result. `head` and `heads`: where its own repo was,
    and its branches and last stash; nothing where that isn't known.
    """

    ref: str
    commit: str
    base: str
    kept: str
    head: str
    heads: Mapping[str, str]


async def heads(own: Git) -> str:
    """Where a repo's head, branches and last stash are, as lines for `commit`."""
    at = await own.run("symbolic-ref", "--quiet", "HEAD", ok=(0, 1, 128))
    head = at.text if at.status == 0 else await own.commit_of("HEAD")
    line = "--format=Maquette-Ref: %(objectname) %(refname)"
    listed = await own.text("for-each-ref", line, "refs/heads", "refs/stash")
    return f"Maquette-Head: {head}\n{listed}\n" if head else f"{listed}\n"


async def commit(git: Git, thread: str, tree: str, base: str, kept: str, heads: str) -> str:
    """All of a tree, and `heads`; never one of the commits that it stands on."""
    message = f"Thread {thread} before its tree was removed\n\nMaquette-Kept: {kept}\n{heads}"
    parents = [word for parent in dict.fromkeys((base, kept)) for word in ("-p", parent)]
    return await git.text("commit-tree", tree, *parents, "-F", "-", stdin=message.encode(errors="surrogateescape"))


async def held(git: Git, thread: str) -> Held:
    """What the thread's tree held when it was removed last. Raises `Refused` (`unknown-rescue`) when that is gone."""
    listed = await git.text("for-each-ref", "--format=%(refname) %(objectname)", refs_of(thread, "rescue"))
    found = sorted(line for line in listed.splitlines() if line.partition(" ")[0].endswith(REMOVED))
    base = await git.commit_of(refs_of(thread, "base"))
    if not found or base is None:
        raise _gone(thread, "its rescue ref isn't in the project's store")
    ref, _, name = found[-1].partition(" ")
    try:
        told = _TOLD.findall(await git.text("cat-file", "commit", name)) if name != base else []
    except GitFailed as failed:
        raise _gone(thread, str(failed)) from failed
    words = {what: value for what, value, _ in told if what != "Ref"}
    refs = {ref: value for what, value, ref in told if what == "Ref" and ref}
    return Held(ref, name, base, words.get("Kept", base), words.get("Head", ""), refs)


async def fill(git: Git, work: Path, index: Path, held: Held) -> None:
    """A new tree at its base, with what it held. `git` is at the store.

    The index is that of a result, so that what is ignored stays out of the next one.
    """
    own = work / ".git" / "index"
    at = held.heads.get(held.head, held.base) if held.head.startswith("refs/") else held.head or held.base
    over = git.at(git.git_dir, work_tree=work, index=index)
    try:
        await over.run("read-tree", "-m", "-u", held.base, held.commit)
        await over.run("read-tree", "-i", "-m", held.kept)
        shutil.copy2(index, own)
        await over.over(own).run("read-tree", "-i", "-m", at)
    except GitFailed as failed:
        raise _gone(held.ref, str(failed)) from failed
    entrust(own, work)


def _gone(what: str, why: str) -> Refused:
    told = f"What {what} held can't be put back: {why}. Its results are still in the thread."
    return Refused(told, code="unknown-rescue")
