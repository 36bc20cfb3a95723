"""The workspace's face: what the floors above call."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path

from maquette.domain.events.trees import RescueKept, ResultKept, TreeMade
from maquette.domain.projects import Project, ProjectKind
from maquette.domain.threads import Mode
from maquette.kinds.sandboxes import Profile, Sandbox
from maquette.workspace import diffs, repos
from maquette.workspace.diffs import Change
from maquette.workspace.git import Gits
from maquette.workspace.places import Layout
from maquette.workspace.repos import Repo
from maquette.workspace.stores import refs_of
from maquette.workspace.trees import Trees, usable


class Workspace:
    """The trees of every project, below the base's `state` folder. Each git runs in a box of `sandbox`.

    All raise `Refused` where the person can mend it (no git, no repo, no commit, a lock, a file in the way),
    `Unavailable` where git failed otherwise.
    """

    def __init__(self, state: Path, sandbox: Sandbox) -> None:
        self._layout = Layout(state)
        self._gits = Gits(sandbox, self._layout.state)
        self._trees = Trees(self._gits, self._layout)

    async def inspect(self, folder: Path) -> Repo | None:
        """How the repo that a folder is in stands; None when it is in none."""
        return await repos.inspect(self._gits, folder)

    async def kind_of(self, folder: Path) -> tuple[Path, ProjectKind]:
        """The folder that a project would have, and its kind: the whole repo where `folder` lies in one."""
        return await asyncio.to_thread(_kind_of, folder)

    async def check_base(self, project: Project) -> Repo:
        """Raises `Refused`, saying what to do, where a thread couldn't have a work tree of its own."""
        return usable(project, await self.inspect(Path(project.path)))

    async def make_tree(self, thread: str, project: Project, base: str = "HEAD") -> TreeMade:
        """A tree of the thread's own at `base` (a commit or branch of the person's repo); again: the one it has."""
        place = await self._trees.make(thread, project, base)
        return TreeMade(base=place.base, branch=place.branch, left_out=place.left_out)

    async def begin(self, thread: str, project: Project) -> str:
        """Before a thread first works in place: keeps what the person's folder holds. Returns that commit."""
        return (await self._trees.begin(thread, project)).base

    def tree(self, thread: str) -> Path:
        """Where the thread's own tree is, or would be."""
        return self._layout.tree(thread)

    def store(self, project: Project) -> Path:
        """The project's bare repo of the base's own."""
        return self._layout.store(project.id)

    def root(self, thread: str, project: Project, mode: Mode) -> Path:
        """Where the thread works."""
        return self.tree(thread) if mode is Mode.WORKTREE else Path(project.path)

    def profile(self, thread: str, project: Project, mode: Mode, *, readable: Sequence[Path] = ()) -> Profile:
        """What the agent's box may see and write.

        Its tree, with the objects that the tree's repo borrows; or the person's folder, whose `.git` it can read (not
        its configuration, where a remote's password may be) and never write.
        """
        root = self.root(thread, project, mode)
        if mode is Mode.WORKTREE:
            return Profile(root=root, writable=(root,), readable=(self.store(project) / "objects", *readable))
        where = repos.locate(root)
        if where is None:
            return Profile(root=root, writable=(root,), readable=tuple(readable))
        inside = tuple(dict.fromkeys((where.common, where.git_dir)))
        pointer = (root / ".git",) if (root / ".git").is_file() else ()
        secret = tuple(path for place in inside for path in (*place.glob("config*"), *place.glob("modules/**/config")))
        return Profile(root=root, writable=(root,), readable=(*inside, *pointer, *readable), masked=secret)

    async def keep(self, thread: str, turn: str, project: Project, mode: Mode) -> ResultKept:
        """What the thread's folder holds now, as a commit in the store. Ignored files aren't in it."""
        if mode is Mode.LOCAL:
            await self._trees.begin(thread, project)
        kept = await self._trees.keep(thread, f"Result of turn {turn} of thread {thread}\n")
        found = await self.changes(thread, project, kept.commit)
        return ResultKept(
            turn=turn,
            commit=kept.commit,
            files=tuple(_shown(change.path) for change in found),
            added=sum(change.added for change in found),
            removed=sum(change.removed for change in found),
        )

    async def changes(self, thread: str, project: Project, commit: str) -> tuple[Change, ...]:
        """The files in which a result differs from the thread's base."""
        store = self.store(project)
        async with self._gits.open(store, readable=(store,)) as git:
            return await diffs.changes(git, refs_of(thread, "base"), commit)

    async def diff(
        self, thread: str, project: Project, mode: Mode, commit: str, *, paths: Sequence[str] = (), context: int = 3
    ) -> str:
        """A result's unified diff against the thread's base, with git's headers."""
        store = self.store(project)
        async with self._gits.open(store, readable=(store,)) as git:
            return await diffs.unified(git, refs_of(thread, "base"), commit, paths, context)

    async def restore(self, thread: str, commit: str, why: str) -> RescueKept:
        """Makes the thread's folder hold what `commit` (of `keep`, or the base) holds; what it held is kept first."""
        ref, held = await self._trees.restore(thread, commit, why)
        return RescueKept(ref=ref, commit=held, why=why)

    async def remove(self, thread: str, project: Project, *, lose: Collection[str] = ()) -> RescueKept | None:
        """Removes the thread's tree, all of it kept first at a rescue ref. `lose`: paths that the person lets go.

        Raises `Refused` (`no-rescue`) when something can't be kept: then nothing is removed.
        """
        kept = await self._trees.remove(thread, lose)
        return RescueKept(ref=kept[0], commit=kept[1], why="Its tree was removed.") if kept else None


def _kind_of(folder: Path) -> tuple[Path, ProjectKind]:
    where = repos.locate(folder)
    if where is None:
        return folder.expanduser().resolve(), ProjectKind.FOLDER
    return where.top or where.git_dir, ProjectKind.REPO


def _shown(path: str) -> str:
    """A path that can be stored as text, also where its bytes are no UTF-8."""
    return path.encode(errors="surrogateescape").decode(errors="backslashreplace")
