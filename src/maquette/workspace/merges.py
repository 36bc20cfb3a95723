"""Merges: what one would do, found out in the store; nothing of the person's is written here."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from maquette.domain.errors import Refused
from maquette.workspace import snapshots
from maquette.workspace.diffs import Touched, in_the_way, touched
from maquette.workspace.git import Git, Identity, joined
from maquette.workspace.policies import leads_outside, policies
from maquette.workspace.repos import Repo
from maquette.workspace.stores import refs_of

How = Literal["squash", "merge", "ff"]
"""One commit with what was reviewed; a merge commit that keeps the agent's own; the agent's own alone, if they fit."""

SHOWN = 200_000
"""Bytes of one side of a conflict that are given."""


@dataclass(frozen=True)
class Conflict:
    """A path that both sides changed. A side is None where it has no such file, or none that can be shown as text.

    `marked` is the file with both sides between marks.
    """

    path: str
    base: str | None
    ours: str | None
    theirs: str | None
    marked: str | None


@dataclass(frozen=True)
class Mergeable:
    """What merging `commit` into the person's branch `into` (now at `head`) would do. `tree` is what would be there.

    `conflicts` and `dirty` (the person's uncommitted changes, or files of theirs in the way, that it would overwrite)
    keep it from being merged. `policies` are to be shown first: files it brings or changes that make other programs
    act, and links that lead outside.
    """

    commit: str
    into: str
    head: str
    tree: str
    files: tuple[str, ...]
    repo: Repo = field(repr=False)
    store: Path = field(repr=False)
    conflicts: tuple[Conflict, ...] = ()
    dirty: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        return not self.conflicts and not self.dirty

    @property
    def why_not(self) -> str:
        """One sentence on what keeps it from being merged and what to do, or empty."""
        if self.conflicts:
            paths = _some([conflict.path for conflict in self.conflicts])
            by_hand = f"git pull --no-rebase {shlex.quote(str(self.store))} {self.commit}"
            return f"{self.into} and this result both changed {paths}: merge it by hand there (`{by_hand}`)."
        if self.dirty:
            return f"Your uncommitted changes would be overwritten in {_some(self.dirty)}: commit or stash them first."
        return ""

    def require_seen(self) -> None:
        """Raises `Refused` (`acts`) where it brings what makes other programs act."""
        if self.policies:
            raise Refused(
                f"This result brings or changes what makes other programs act: {', '.join(self.policies)}. Look at it"
                " (`maquette diff`), then merge it all the same (--acting).",
                code="acts",
            )

    def require_clean(self) -> None:
        """Raises `Refused` (`conflicts`, `dirty-tree`)."""
        if not self.clean:
            raise Refused(self.why_not, code="conflicts" if self.conflicts else "dirty-tree")


def ready(repo: Repo | None, path: str) -> tuple[Repo, str, str]:
    """The repo, its branch and head. Raises `Refused`, saying what to do, where nothing can be merged into it."""
    if repo is None or repo.bare:
        raise Refused(f"{path} is no checkout of a git repo, so nothing can be merged there.", code="not-a-repo")
    if repo.operation or repo.conflicted:
        doing = repo.operation or "merge"
        raise Refused(
            f"A {doing} is half done in {path}: finish it, or give it up (`git {doing} --abort`), then try again.",
            code="mid-operation",
        )
    if repo.branch is None:
        raise Refused(
            f"{path} is on a detached head, on no branch: switch to the one to merge into (`git switch NAME`).",
            code="detached-head",
        )
    if repo.head is None:
        raise Refused(f"Branch {repo.branch} of {path} has no commit yet: make a first one.", code="no-commit")
    return repo, repo.branch, repo.head


async def check(git: Git, repo: Repo, into: str, head: str, thread: str, commit: str) -> Mergeable:
    """`git` is at the store, which holds `head` and `commit` already."""
    sides = await _sides(git, head, thread, commit)
    ran = await git.run("merge-tree", "--write-tree", "-z", *sides, ok=(0, 1, 128))
    if ran.status == 128:
        if (await git.run("merge-base", *sides, ok=(0, 1))).status == 1:
            raise Refused(
                "It has no commit in common with your branch: it began with something else.", code="unrelated"
            )
        ran = await git.run("merge-tree", "--write-tree", "-z", *sides, ok=(0, 1))
    tree, *rest = ran.parts
    conflicts = await _conflicts(git, tree, rest) if ran.status == 1 else ()
    differing = await touched(git, head, tree)
    paths = [change.path for change in differing]
    links = [change for change in differing if change.after == "120000"]
    outside = [link.path for link in links if leads_outside(link.path, await git.text("cat-file", "blob", link.blob))]
    brought = policies(change.path for change in differing if change.after != "000000")
    assert repo.where.top is not None
    dirty = await asyncio.to_thread(_overwritten, repo, repo.where.top, differing)
    return Mergeable(
        commit,
        into,
        head,
        tree,
        tuple(paths),
        repo,
        git.git_dir,
        conflicts,
        tuple(sorted(dirty)),
        tuple(sorted({*brought, *outside})),
    )


async def _sides(git: Git, head: str, thread: str, commit: str) -> tuple[str, str]:
    """What to merge: after an earlier merge of this thread, stand-ins whose base is what was merged then.

    A merge as one commit leaves no trace of where it came from; without this, a thread that goes on would be in
    conflict with its own earlier work.
    """
    merged = refs_of(thread, "merged")
    result, after = await git.commit_of(f"{merged}/result"), await git.commit_of(f"{merged}/after")
    if result is None or after is None:
        return head, commit
    if (await git.run("merge-base", "--is-ancestor", after, head, ok=(0, 1))).status != 0:
        return head, commit
    trees = (await git.text("rev-parse", f"{head}^{{tree}}", f"{commit}^{{tree}}")).split()
    ours, theirs = [await git.text("commit-tree", tree, "-p", result, "-m", "side") for tree in trees]
    return ours, theirs


async def three_way(
    git: Git, base: str, ours: str, theirs: str, leave: Collection[str]
) -> tuple[str, tuple[Conflict, ...]]:
    """The tree with what both changed since `base`, files at or below `leave` as in `ours`. `git` has an index."""
    assert git.index is not None
    kept = [path.rstrip("/") for path in leave]
    back = [
        f"{change.after} {change.blob}\t{change.path}"
        for change in await touched(git, theirs, base)
        if any(change.path == path or change.path.startswith(f"{path}/") for path in kept)
    ]
    aside = git.over(git.index.with_name("taken-index"))
    await aside.run("read-tree", theirs)
    await aside.run("update-index", "-z", "--index-info", stdin=joined(back))
    tree = await aside.text("write-tree")
    held = await git.text("rev-parse", f"{ours}^{{tree}}")
    sides = [await git.text("commit-tree", one, "-p", base, "-m", "side") for one in (held, tree)]
    ran = await git.run("merge-tree", "--write-tree", "-z", *sides, ok=(0, 1))
    after, *rest = ran.parts
    return after, await _conflicts(git, after, rest) if ran.status == 1 else ()


async def made(git: Git, checked: Mergeable, thread: str, message: str, how: How, identity: Identity) -> str:
    """The commit that the branch would go to, made in the store. Raises `Refused` where there is nothing to merge."""
    checked.require_clean()
    if not checked.files:
        raise Refused(f"{checked.into} holds all of this result already.", code="nothing-to-merge")
    after = await _after(git, checked, thread, message, how, identity)
    # Before it lands: it counts only once the branch holds it.
    await git.run("update-ref", f"{refs_of(thread, 'merged')}/result", checked.commit)
    await git.run("update-ref", f"{refs_of(thread, 'merged')}/after", after)
    return after


async def _after(git: Git, checked: Mergeable, thread: str, message: str, how: How, identity: Identity) -> str:
    onto = await git.run("merge-base", "--is-ancestor", checked.head, checked.commit, ok=(0, 1))
    if how == "ff":
        if onto.status != 0:
            raise Refused(f"{checked.into} has moved on, so it can't be fast-forwarded: merge instead.", code="not-ff")
        return checked.commit
    parents = (checked.head,) if how == "squash" else (checked.head, checked.commit)
    text = f"{message.strip()}\n\nMaquette-Thread: {thread}\n"
    return await snapshots.commit(git.by(identity), checked.tree, parents, text)


def _overwritten(repo: Repo, top: Path, differing: Sequence[Touched]) -> set[str]:
    """What a merge would overwrite that is in no commit: changed files, and files where it puts new ones."""
    changed = {*repo.staged, *repo.unstaged, *repo.conflicted}
    return {change.path for change in differing if change.path in changed} | in_the_way(top, differing)


async def _conflicts(git: Git, tree: str, parts: list[str]) -> tuple[Conflict, ...]:
    """From `merge-tree -z`: entries of mode, blob, stage and path up to an empty one, then messages."""
    sides: dict[str, dict[str, str]] = {}
    for part in parts[: parts.index("") if "" in parts else None]:
        info, _, path = part.partition("\t")
        mode, blob, stage = info.split(" ")
        sides.setdefault(path, {})[stage] = "" if mode == "160000" else blob
    found: list[Conflict] = []
    for path, blobs in sides.items():
        base, ours, theirs = [await _text(git, blobs.get(stage, "")) for stage in "123"]
        found.append(Conflict(path, base, ours, theirs, await _text(git, f"{tree}:{path}")))
    return tuple(found) or (Conflict("its folders", None, None, None, None),)


async def _text(git: Git, blob: str) -> str | None:
    if not blob:
        return None
    ran = await git.run("cat-file", "blob", blob, ok=(0, 128), limit=SHOWN)
    if ran.status != 0 or b"\0" in ran.out:
        return None
    return ran.out.decode(errors="replace")


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
    return ", ".join(paths[:5]) + more
