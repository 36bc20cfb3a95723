"""A person's repo, as it is found. Nothing here writes to it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from maquette.domain.errors import Refused
from maquette.workspace.beneath import SAFE
from maquette.workspace.git import Git, Gits, Identity

_OPERATIONS = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
}


@dataclass(frozen=True)
class Where:
    """A repo's places. `common` differs from `git_dir` in a linked work tree; `top` is None when bare."""

    top: Path | None
    git_dir: Path
    common: Path

    @property
    def places(self) -> tuple[Path, ...]:
        """What a box must hold so that git can read it."""
        return tuple(dict.fromkeys(place for place in (self.top, self.common, self.git_dir) if place is not None))


@dataclass(frozen=True)
class Repo:
    """How a person's repo stands. `head` is None before the first commit, `branch` on a detached head.

    Paths are relative to `where.top`. `operation`: "", "merge", "rebase", "cherry-pick", "revert" or "bisect", when one
    is half done.
    """

    where: Where
    head: str | None
    branch: str | None
    staged: tuple[str, ...] = ()
    unstaged: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    conflicted: tuple[str, ...] = ()
    operation: str = ""
    shallow: bool = False
    partial: bool = False
    object_format: str = "sha1"
    author: Identity | None = None
    """Who the person's configuration says commits here."""

    @property
    def bare(self) -> bool:
        return self.where.top is None

    @property
    def dirty(self) -> tuple[str, ...]:
        """Every path with changes that are in no commit."""
        return tuple(sorted({*self.staged, *self.unstaged, *self.untracked, *self.conflicted}))


def locate(folder: Path) -> Where | None:
    """The repo that a folder is in, found without running git; None when there is none.

    A `.git` file or a `commondir` may lead elsewhere only where the other side leads back, so a folder from a stranger
    can't name some other repo of the person's. Raises `Refused` otherwise, or when there is no such folder.
    """
    folder = folder.expanduser()
    if not folder.is_dir():
        raise Refused(f"There is no folder {folder}: give the path of one that exists.", code="no-folder")
    folder = folder.resolve()
    for top in (folder, *folder.parents):
        dot = top / ".git"
        if dot.is_symlink():
            raise Refused(f"{dot} is a symbolic link: put the repo's own .git there.", code="foreign-git-dir")
        if dot.is_dir() and (dot / "HEAD").exists():
            return Where(top, dot, _common(dot, dot))
        if dot.is_file():
            git_dir = _pointed(dot)
            return Where(top, git_dir, _common(git_dir, dot))
        if (top / "HEAD").is_file() and (top / "objects").is_dir() and (top / "refs").is_dir():
            return Where(None, top, _common(top, top))
    return None


def _pointed(dot: Path) -> Path:
    """Where a `.git` file leads, when that place leads back."""
    target = Path(dot.parent, _start(dot).strip().removeprefix("gitdir:").strip()).resolve()
    back = target / "gitdir"
    if back.is_file() and Path(target, _start(back).strip()).resolve() == dot.resolve():
        return target
    config = target / "config"
    if config.is_file():
        for line in _start(config, 1 << 20).splitlines():
            name, equals, value = line.partition("=")
            if equals and name.strip() == "worktree" and (target / value.strip()).resolve() == dot.parent.resolve():
                return target
    raise Refused(
        f"{dot} points to {target}, which doesn't point back: run `git worktree repair` there if it is yours.",
        code="foreign-git-dir",
    )


def _common(git_dir: Path, dot: Path) -> Path:
    pointer = git_dir / "commondir"
    if not pointer.is_file():
        return git_dir
    common = Path(git_dir, _start(pointer).strip()).resolve()
    if git_dir.parent != common / "worktrees":
        raise Refused(f"{dot} leads to {common}, whose work tree it isn't.", code="foreign-git-dir")
    return common


def _start(path: Path, limit: int = 4096) -> str:
    """Of what an agent may have put there, and may be changing: it is neither waited for nor read without end."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | SAFE)) as file:
        return (file.read(limit) or b"").decode(errors="surrogateescape")


async def inspect(gits: Gits, folder: Path) -> Repo | None:
    """How the repo that `folder` is in stands; None when it is in none. Never writes to it.

    Raises `Refused` when git can't read it: the sentence says why.
    """
    where = locate(folder)
    if where is None:
        return None
    async with gits.open(where.git_dir, work_tree=where.top, readable=where.places) as git:
        return await look(await git.tamed(), where)


async def look(git: Git, where: Where) -> Repo:
    """The same, in a box that is open (`git` is tamed)."""
    settings = git.configured
    object_format = settings.get("extensions.objectformat", "sha1").lower()
    author = Identity(settings["user.name"], settings["user.email"]) if _is_named(settings) else None
    partial = "extensions.partialclone" in settings or any(name.endswith(".promisor") for name in settings)
    shallow = (where.common / "shallow").exists()
    if where.top is None:
        head = await git.commit_of("HEAD")
        named = await git.run("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1))
        return Repo(
            where,
            head,
            named.text or None,
            object_format=object_format,
            author=author,
            partial=partial,
            shallow=shallow,
        )
    status = await git.run(
        "status",
        "--porcelain=v2",
        "--branch",
        "-z",
        "--untracked-files=all",
        "--ignore-submodules=dirty",
        "--no-renames",
    )
    head, branch, paths = _parse(status.parts)
    return Repo(
        where,
        head,
        branch,
        staged=tuple(paths["staged"]),
        unstaged=tuple(paths["unstaged"]),
        untracked=tuple(paths["untracked"]),
        conflicted=tuple(paths["conflicted"]),
        operation=next((name for mark, name in _OPERATIONS.items() if (where.git_dir / mark).exists()), ""),
        shallow=shallow,
        partial=partial,
        object_format=object_format,
        author=author,
    )


def _is_named(settings: Mapping[str, str]) -> bool:
    return bool(settings.get("user.name") and settings.get("user.email"))


def _parse(parts: list[str]) -> tuple[str | None, str | None, dict[str, list[str]]]:
    """From `status --porcelain=v2 --branch -z --no-renames`."""
    head: str | None = None
    branch: str | None = None
    paths: dict[str, list[str]] = {"staged": [], "unstaged": [], "untracked": [], "conflicted": []}
    for part in parts:
        kind, _, rest = part.partition(" ")
        if kind == "#":
            name, _, value = rest.partition(" ")
            if name == "branch.oid" and value != "(initial)":
                head = value
            elif name == "branch.head" and value != "(detached)":
                branch = value
        elif kind == "1":
            state, *_, path = rest.split(" ", 7)
            if state[0] != ".":
                paths["staged"].append(path)
            if state[1] != ".":
                paths["unstaged"].append(path)
        elif kind == "u":
            paths["conflicted"].append(rest.split(" ", 9)[-1])
        elif kind == "?":
            paths["untracked"].append(rest)
    return head, branch, paths
