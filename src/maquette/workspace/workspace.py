"""The workspace's face: what the floors above call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from maquette.domain.checks import Check, Probe
from maquette.domain.events.trees import Merged, RescueKept, ResultKept, TreeMade, TreeRemade
from maquette.domain.messages import Image
from maquette.domain.previews import Preview
from maquette.domain.projects import Project, ProjectKind
from maquette.domain.threads import Mode
from maquette.kinds.sandboxes import Box, Profile, Sandbox
from maquette.kinds.tools import Taken
from maquette.workspace import accounts, checks, diffs, folds, landings, merges, nested, repos
from maquette.workspace.accounts import Account, shown
from maquette.workspace.babies import Babies
from maquette.workspace.brought import Brought
from maquette.workspace.diffs import Change
from maquette.workspace.exhibits import Exhibits
from maquette.workspace.files import BeneathFiles
from maquette.workspace.folds import Fold
from maquette.workspace.git import Git, Gits, Identity
from maquette.workspace.landings import Landing, Notes
from maquette.workspace.locks import alone
from maquette.workspace.merges import Mergeable
from maquette.workspace.places import Layout
from maquette.workspace.previews import Previews
from maquette.workspace.refs import Refs
from maquette.workspace.repos import Repo
from maquette.workspace.sizes import Size
from maquette.workspace.stores import FED, feed, free, refs_of
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
        self._previews = Previews(sandbox)
        self._refs = Refs(self._gits)
        self.exhibits = Exhibits(self._gits, self._layout)
        self.brought = Brought(self._gits, self._layout, sandbox)
        self.babies = Babies(self._gits, self._layout)

    async def inspect(self, folder: Path) -> Repo | None:
        """How the repo that a folder is in stands; None when it is in none."""
        return await repos.inspect(self._gits, folder)

    async def refs(self, folder: Path) -> dict[str, str]:
        """Where each ref of the repo that a folder is in points, and `HEAD`; empty when it is in none."""
        return await self._refs.read(folder)

    async def kind_of(self, folder: Path) -> tuple[Path, ProjectKind]:
        """The folder that a project would have, and its kind: the whole repo where `folder` lies in one."""
        return await asyncio.to_thread(_kind_of, folder)

    async def check_base(self, project: Project) -> Repo:
        """Raises `Refused`, saying what to do, where a thread couldn't have a work tree of its own."""
        return usable(project, await self.inspect(Path(project.path)))

    async def check_in_place(self, project: Project) -> None:
        """Raises `Refused` where no thread may work in the person's folder itself (`holds-state`, `no-folder`)."""
        await asyncio.to_thread(self._trees.check_in_place, project)

    async def make_tree(self, thread: str, project: Project, base: str = "HEAD") -> TreeMade:
        """A tree of the thread's own at `base` (a commit or branch of the person's repo); again: the one it has."""
        place = await self._trees.make(thread, project, base)
        return TreeMade(base=place.base, branch=place.branch, left_out=place.left_out)

    async def branch_off(self, thread: str, project: Project, base: str) -> TreeMade:
        """The same at a commit of the store: what another thread's tree held. No repo of the person's is read."""
        place = await self._trees.branch_off(thread, project, base)
        return TreeMade(base=place.base, branch=None)

    async def remake_tree(self, thread: str, project: Project) -> TreeRemade | None:
        """The tree that was removed, with what it held then; None when it wasn't.

        Raises `Refused` (`unknown-rescue`) when that isn't there any more.
        """
        place = await self._trees.remake(thread, project)
        return TreeRemade(ref=place.remade[0], commit=place.remade[1]) if place.remade else None

    async def begin(self, thread: str, project: Project) -> str:
        """Before a thread works in place: keeps what the person's folder holds. Returns that of the first time."""
        return (await self._trees.begin(thread, project)).base

    async def fitting(self, images: Sequence[Image]) -> tuple[Image, ...]:
        """Pictures no larger than models look at; one that can't be read stays as it is."""
        return tuple([await self._previews.fitting(image) for image in images])

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

        Its tree, with the objects that the tree's repo borrows; or the person's folder, whose `.git`, and that of each
        repo in it, it can read (not its configuration, where a remote's password may be) and never write.
        """
        root = self.root(thread, project, mode)
        if mode is Mode.WORKTREE:
            return Profile(root=root, writable=(root,), readable=(self.store(project) / "objects", *readable))
        where = repos.locate(root)
        below = nested.repos_below(root)
        own = dict.fromkeys((where.common, where.git_dir)) if where else ()
        pointer = (root / ".git",) if where and (root / ".git").is_file() else ()
        inside = (*own, *pointer, *below)
        secret = tuple(path for place in inside if place.is_dir() for path in nested.secrets_of(place))
        return Profile(
            root=root,
            writable=(root, *nested.ways(root, below)),
            readable=(*inside, *readable),
            masked=secret,
        )

    async def keep(self, thread: str, turn: str, project: Project, mode: Mode) -> ResultKept:
        """What the thread's folder holds now, as a commit in the store. Ignored files aren't in it."""
        if mode is Mode.LOCAL and self._layout.find(thread) is None:
            await self._trees.begin(thread, project)
        kept, found = await self._trees.keep(thread, f"Result of turn {turn} of thread {thread}\n")
        return ResultKept(
            turn=turn,
            commit=kept.commit,
            files=tuple(shown(change.path) for change in found),
            added=sum(change.added for change in found),
            removed=sum(change.removed for change in found),
            in_place=mode is Mode.LOCAL,
            left_out=tuple(shown(path) for path in kept.left_out),
        )

    async def glance(self, thread: str) -> str:
        """What a work tree holds right now, as a commit in the store that nothing leads to: to be looked at at once."""
        return await self._trees.glance(thread)

    async def changes(self, thread: str, project: Project, commit: str) -> tuple[Change, ...]:
        """The files in which a result differs from the thread's base."""
        store = self.store(project)
        async with self._gits.open(store, readable=(store,)) as git:
            return await diffs.changes(git, refs_of(thread, "base"), commit)

    async def sizes(self, thread: str, project: Project, commit: str) -> tuple[Size, ...]:
        """What a result adds to each file it touches: lines and, for Python, complexity."""
        store = self.store(project)
        async with self._gits.open(store, readable=(store,)) as git:
            return await accounts.sizes(git, refs_of(thread, "base"), commit)

    async def account(self, thread: str, project: Project, commit: str) -> Account:
        """All that is known of a result by its bytes alone."""
        store = self.store(project)
        async with self._gits.open(store, readable=(store,)) as git:
            return await accounts.account(git, refs_of(thread, "base"), commit)

    async def between(self, project: Project, one: str, two: str) -> str:
        """A unified diff of two results in the store."""
        store = self.store(project)
        async with self._gits.open(store, readable=(store,)) as git:
            return await diffs.unified(git, one, two)

    async def found_checks(self, root: Path) -> tuple[str, ...]:
        """The commands that check what lies in a folder; none when none were found."""
        return await asyncio.to_thread(checks.found, BeneathFiles(root))

    async def check(
        self, box: Box, commands: Sequence[str], root: Path, show: Callable[[str], None]
    ) -> tuple[Check, ...]:
        """Runs checks in an open box, one after another; `show` gets the output as it comes."""
        return await checks.run(box, commands, root, show)

    async def probe(self, box: Box, commands: Sequence[str], root: Path) -> tuple[Probe, ...]:
        """What commands say in an open box, one after another."""
        return await checks.probe(box, commands, root)

    async def diff(self, thread: str, project: Project, commit: str) -> str:
        """A result's unified diff against the thread's base, with git's headers."""
        store = self.store(project)
        async with self._gits.open(store, readable=(store,)) as git:
            return await diffs.unified(git, refs_of(thread, "base"), commit)

    async def made(self, thread: str, project: Project, commit: str) -> dict[str, str]:
        """The blob of each file, no link, that a result added or changed."""
        store = self.store(project)
        async with self._gits.open(store, readable=(store,)) as git:
            differing = await diffs.touched(git, refs_of(thread, "base"), commit)
        return {change.path: change.blob for change in differing if change.after in ("100644", "100755")}

    async def contents(self, project: Project, blobs: Iterable[str], limit: int) -> dict[str, bytes]:
        """What blobs hold. Once `limit` bytes are reached the rest is left out."""
        store = self.store(project)
        async with self._gits.open(store, readable=(store,)) as git:
            return await diffs.contents(git, blobs, limit)

    async def preview(self, project: Project, blob: str, reader: str, first: int, limit: int) -> Preview:
        """What `reader` (of `previews.READ`) sees of a blob of up to `limit` bytes, from its page `first` on."""

        async def contents() -> bytes | None:
            return (await self.contents(project, [blob], limit)).get(blob)

        return await self._previews.of(reader, blob, first, contents)

    async def check_merge(self, thread: str, project: Project, commit: str) -> Mergeable:
        """What merging a result would do to the branch that the person has checked out; writes nothing of theirs.

        Raises `Refused` where no merge is possible at all: a detached head, no commit, a merge half done.
        """
        async with self._merging(project) as (git, repo):
            return await merges.check(git, *repo, thread, commit)

    async def merge(
        self,
        thread: str,
        project: Project,
        commit: str,
        message: str,
        *,
        how: merges.How = "squash",
        acting: bool = True,
    ) -> Merged:
        """Merges a result into the branch that the person has checked out: their `.git` is written here alone.

        `acting`: also what makes other programs act, which the person is to be shown first.
        Raises `Refused` (`acts`, `conflicts`, `dirty-tree`, `nothing-to-merge`, `detached-head`, `git-locked` …): then
        nothing was changed.
        """
        async with self._merging(project) as (git, repo):
            mergeable = await merges.check(git, *repo, thread, commit)
            if not acting:
                mergeable.require_seen()
            after = await merges.made(git, mergeable, thread, message, how, repo[0].author or Identity())
            await self._land(thread, project, mergeable, after)
        return Merged(commit=commit, into=mergeable.into, before=mergeable.head, after=after)

    async def recover(self, project: Project) -> tuple[tuple[str, Merged], ...]:
        """Brings a merge that was cut short to an end; told are all that were done and aren't known to be `entered`,
        with their threads.
        """
        async with alone(self._layout.lock(project.id)):
            await self._recover(project)
            landed = Notes(self._layout.note(project.id)).landed()
        return tuple(
            (done.thread, Merged(commit=done.result, into=done.branch, before=done.before, after=done.after))
            for done in landed
        )

    async def _recover(self, project: Project) -> None:
        notes = Notes(self._layout.note(project.id))
        if (landing := notes.read()) is not None:
            async with self._person(project, landing.git_dir, landing.top, landing.common) as git:
                await landings.recover(git, landing, notes)

    def entered(self, project: Project, merged: Merged) -> None:
        """The log has it now: it needn't be told again."""
        Notes(self._layout.note(project.id)).entered(merged.after)

    async def restore(self, thread: str, commit: str, why: str) -> RescueKept:
        """Makes the thread's folder hold what `commit` (of `keep`, or the base) holds; what it held is kept first."""
        ref, held = await self._trees.restore(thread, commit, why)
        return RescueKept(ref=ref, commit=held, why=why)

    async def take(self, thread: str, child: str, commit: str, leave: Collection[str] = ()) -> Taken:
        """Brings what a child's result changed, against what its tree began with, into the thread's folder, all or
        nothing; what it held is kept first. Files at or below `leave` stay as they are.
        """
        taken = await self._trees.take(thread, child, commit, leave)
        marked = tuple((shown(path), text) for path, text in taken.conflicts)
        return replace(taken, files=tuple(map(shown, taken.files)), conflicts=marked)

    async def changed(self, project: Project, base: str, commit: str) -> dict[str, tuple[bytes | None, bytes | None]]:
        """What each file that differs between two commits in the store held and holds (`folds.changed`)."""
        return (await self.all_changed(project, base, [commit]))[commit]

    async def all_changed(
        self, project: Project, base: str, commits: Iterable[str]
    ) -> dict[str, dict[str, tuple[bytes | None, bytes | None]]]:
        """The same of several commits."""
        store = self.store(project)
        async with self._gits.open(store, readable=(store,)) as git:
            return {commit: await folds.changed(git, base, commit) for commit in commits}

    async def fold(
        self,
        project: Project,
        base: str,
        ours: str,
        theirs: str,
        *,
        paths: Collection[str] | None = None,
        instead: Mapping[str, bytes] | None = None,
        why: str = "Folded",
    ) -> Fold:
        """Takes a part of what one commit in the store changed into another (`folds.fold`). No ref leads to what comes
        of it: the caller keeps it.
        """
        store = self.store(project)
        async with (
            alone(self._layout.lock(project.id)),
            self._gits.open(store, writable=(store,)) as opened,
            folds.indexed(opened, store) as git,
        ):
            return await folds.fold(git, base, ours, theirs, paths, instead or {}, why)

    async def remove(self, thread: str, project: Project, *, lose: Collection[str] = ()) -> RescueKept | None:
        """Removes the thread's tree, all of it kept first at a rescue ref. `lose`: paths that the person lets go.

        Raises `Refused` (`no-rescue`) when something can't be kept: then nothing is removed.
        """
        kept = await self._trees.remove(thread, lose)
        return RescueKept(ref=kept[0], commit=kept[1], why="Its tree was removed.") if kept else None

    @asynccontextmanager
    async def _merging(self, project: Project) -> AsyncGenerator[tuple[Git, tuple[Repo, str, str]]]:
        """One at a time: git at the store, fed, with how the person's repo stands, its branch and its head."""
        async with alone(self._layout.lock(project.id)):
            await self._recover(project)
            where = repos.locate(Path(project.path))
            store = self.store(project)
            free(store, *FED, "refs/maquette/merged")
            readable = where.places if where else ()
            async with self._gits.open(store, readable=readable, writable=(store,)) as git:
                at = git.at(where.git_dir, work_tree=where.top) if where else None
                repo = await repos.look(await at.tamed(), where) if at and where else None
                standing = merges.ready(repo, project.path)
                await feed(git, standing[0])
                yield git, standing

    async def _land(self, thread: str, project: Project, mergeable: Mergeable, after: str) -> None:
        where = mergeable.repo.where
        assert where.top is not None
        notes = Notes(self._layout.note(project.id))
        landing = Landing(
            thread=thread,
            top=where.top,
            git_dir=where.git_dir,
            common=where.common,
            branch=mergeable.into,
            before=mergeable.head,
            after=after,
            result=mergeable.commit,
        )
        async with self._person(project, where.git_dir, where.top, where.common) as git:
            await landings.land(git, landing, notes, self.store(project))

    @asynccontextmanager
    async def _person(self, project: Project, git_dir: Path, top: Path, common: Path) -> AsyncGenerator[Git]:
        """The one box that can write to the person's repo."""
        places = tuple(dict.fromkeys((top, common, git_dir)))
        async with self._gits.open(git_dir, work_tree=top, readable=(self.store(project),), writable=places) as git:
            yield await git.tamed()


def _kind_of(folder: Path) -> tuple[Path, ProjectKind]:
    where = repos.locate(folder)
    if where is None:
        return folder.expanduser().resolve(), ProjectKind.FOLDER
    return where.top or where.git_dir, ProjectKind.REPO
