"""Work trees: made, kept, put back, removed."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from maquette.domain.errors import Refused, Unavailable
from maquette.domain.projects import Project, ProjectKind
from maquette.domain.threads import Mode
from maquette.kinds.tools import Taken
from maquette.workspace import clones, remaking, snapshots
from maquette.workspace.diffs import Change, changes, in_the_way, touched, unified
from maquette.workspace.git import Git, Gits, checked
from maquette.workspace.locks import alone, unlocked
from maquette.workspace.merges import three_way
from maquette.workspace.owners import entrust
from maquette.workspace.places import Layout, Place
from maquette.workspace.repos import Repo, inspect, locate
from maquette.workspace.rescues import finish_removal, remove_folder, rescue, rescue_all
from maquette.workspace.stores import FED, Store, feed, free, make_clone, make_store, refs_of

OVERWRITING = "overwriting-index"
"""Name of an index that has ignored files too, for as long as they are overwritten."""


@dataclass(frozen=True)
class Kept:
    """A work tree's bytes as a commit in the store. `left_out`: files too large to keep, or that can't be read."""

    commit: str
    left_out: tuple[str, ...] = ()


class Trees:
    """One thread at a time feeds its project's store; everything else goes on side by side."""

    def __init__(self, gits: Gits, layout: Layout) -> None:
        self._gits = gits
        self._layout = layout

    async def make(self, thread: str, project: Project, base: str) -> Place:
        """A tree of the thread's own, at commit `base` of the person's repo; the one it has, when it has one."""
        if (found := self._layout.find(thread)) is not None:
            return found
        checked(base)
        repo = usable(project, await inspect(self._gits, Path(project.path)))
        async with alone(self._layout.lock(project.id)):
            return self._layout.find(thread) or await self._make(thread, project, repo, base)

    async def branch_off(self, thread: str, project: Project, base: str) -> Place:
        """The same at a commit of the store alone: what another thread's tree held."""
        async with alone(self._layout.lock(project.id)):
            return self._layout.find(thread) or await self._make(thread, project, None, base)

    async def remake(self, thread: str, project: Project) -> Place:
        """The tree that was removed, with what it held then; the one it has, when it has one.

        Raises `Refused` (`unknown-rescue`) when what it held isn't there any more.
        """
        if (found := self._layout.find(thread)) is not None:
            return found
        of_repo = project.kind is ProjectKind.REPO  # else it is a child's, which began with what a plain folder held
        repo = usable(project, await inspect(self._gits, Path(project.path))) if of_repo else None
        async with alone(self._layout.lock(project.id)):
            return self._layout.find(thread) or await self._make(thread, project, repo)

    async def _make(self, thread: str, project: Project, repo: Repo | None, base: str | None = None) -> Place:
        """At `base`; without one, as it was before it was removed."""
        home = self._layout.home(thread)
        making = home.with_suffix(".making")
        folder = folder_of(project)
        git_dir = self._layout.store(project.id)
        work, index = making / "work", making / "staged" / "index"
        if repo is not None:
            make_store(git_dir, folder, object_format=repo.object_format)
        free(git_dir, *FED, refs_of(thread, "base"))
        if (home / "work").exists():
            await self._keep_unknown(thread, project)
        await remove_folder(making)
        for made in (work, index.parent):
            made.mkdir(mode=0o700, parents=True)
        entrust(making, folder)
        places = repo.where.places if repo else ()
        async with self._gits.open(git_dir, readable=places, writable=(git_dir, making)) as git:
            held = await remaking.held(git, thread) if base is None else None
            wanted = held.base if held else base or "HEAD"
            commit = await _resolve(git, repo, wanted) if repo else wanted
            await git.run("update-ref", refs_of(thread, "base"), commit)
            branch = repo.branch if repo and commit == repo.head else None
            head = f"refs/heads/{branch or (repo and repo.branch) or 'work'}"
            if held is None:
                await _clone(git, work, index, commit, head, {head: commit})
            else:
                await _clone(git, work, index, commit, held.head or head, held.heads or {head: commit})
                await remaking.fill(git, work, index, held)
        place = Place(
            thread=thread,
            project=project.id,
            mode=Mode.WORKTREE,
            work=self._layout.tree(thread),
            base=commit,
            branch=branch,
            left_out=len(repo.dirty) if repo else 0,
            remade=(held.ref, held.commit) if held else None,
        )
        self._layout.write(making, place)
        await remove_folder(home)
        making.rename(home)
        return place

    async def _keep_unknown(self, thread: str, project: Project) -> None:
        """All of a tree whose place isn't known any more, before another takes its name."""
        store, work = self._layout.store(project.id), self._layout.tree(thread)
        async with self._gits.open(store, readable=(store,)) as git:
            base = await git.commit_of(refs_of(thread, "base"))
        if base is None:
            raise Refused(f"{work} is in the way, and nothing is known of it: move it away.", code="in-the-way")
        await self._keep_all(Place(thread=thread, project=project.id, mode=Mode.WORKTREE, work=work, base=base))

    async def begin(self, thread: str, project: Project) -> Place:
        """A thread that works in place: its base is what the folder holds now. Again: what it holds now is kept too."""
        self.check_in_place(project)
        if (found := self._layout.find(thread)) is not None:
            async with self._at(found) as git:
                await self._keep(git, found, f"As it was when thread {thread} went on\n")
            return found
        work = folder_of(project)
        async with alone(self._layout.lock(project.id)):
            if not Store(self._layout.store(project.id)).exists:
                repo = await inspect(self._gits, work)
                object_format = repo.object_format if repo else "sha1"
                make_store(self._layout.store(project.id), work, object_format=object_format)
        home = self._layout.home(thread)
        self._layout.index(thread).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        entrust(home, work)
        place = Place(thread=thread, project=project.id, mode=Mode.LOCAL, work=work, base="")
        async with self._at(place) as git:
            staged = await snapshots.stage(git, ignores=self._ignores(place))
            commit = await snapshots.commit(git, staged.tree, (), f"As it was before thread {thread}\n")
            await git.run("update-ref", refs_of(thread, "base"), commit)
        place = place.model_copy(update={"base": commit, "left_out": len(staged.left_out)})
        self._layout.write(home, place)
        return place

    def check_in_place(self, project: Project) -> None:
        """Raises `Refused` where who works in the folder would have the base's own state in hand."""
        state = self._layout.state
        if Path.home().resolve().is_relative_to(folder_of(project)):
            raise Refused(
                f"{project.path} holds your home, with your keys in it, so nothing can work there in place: take a"
                " folder below it.",
                code="holds-home",
            )
        if state.is_relative_to(folder_of(project)):
            raise Refused(
                f"{project.path} holds the base's own state ({state}), so nothing can work there in place: take a "
                "folder below it, or have the state elsewhere (MAQUETTE_HOME).",
                code="holds-state",
            )

    async def keep(self, thread: str, message: str) -> tuple[Kept, tuple[Change, ...]]:
        """The folder without what is ignored, at `refs/maquette/result/THREAD/N`; and what differs from the base."""
        place = self._layout.place(thread)
        async with self._at(place) as git:
            kept = await self._keep(git, place, message)
            return kept, await changes(git.at(git.git_dir), refs_of(thread, "base"), kept.commit)

    async def _keep(self, git: Git, place: Place, message: str) -> Kept:
        staged = await snapshots.stage(git, ignores=self._ignores(place))
        parent = await self._parent(git, place)
        results = refs_of(place.thread, "result")
        lines = (await git.text("for-each-ref", "--format=%(tree) %(parent):%(objectname)", results)).splitlines()
        known = dict(line.split(":") for line in lines)
        commit = known.get(f"{staged.tree} {parent}")
        if commit is None:
            commit = await snapshots.commit(git, staged.tree, (parent,), message)
            if commit not in known.values():
                await git.run("update-ref", f"{results}/{len(lines) + 1:06}", commit, "")
        return Kept(commit, staged.left_out)

    async def glance(self, thread: str) -> str:
        """What the thread's folder holds while it is worked in, as a commit that no ref leads to."""
        place = self._layout.place(thread)
        async with self._at(place) as git:
            return (await self._snap(git, place, "As it was in passing\n")).commit

    async def restore(self, thread: str, commit: str, why: str) -> tuple[str, str]:
        """Makes the thread's folder hold what `commit` holds. Returns the rescue ref of what it held and its commit."""
        place = self._layout.place(thread)
        async with self._at(place, writing=True) as git:
            then = await git.commit_of(commit)
            if then is None:
                raise Refused(f"There is no commit {commit} to go back to.", code="unknown-commit")
            kept = (await self._snap(git, place, message := f"Before going back: {why}\n")).commit
            return await _overwrite(git, place, kept, then, message)

    async def take(self, thread: str, child: str, commit: str, leave: Collection[str]) -> Taken:
        """Brings into the thread's folder what `commit` changed since the base of `child`, all or nothing."""
        place = self._layout.place(thread)
        async with self._at(place, writing=True) as git:
            message = f"Before it took what {child} made\n"
            before = (await self._snap(git, place, message)).commit
            after, conflicts = await three_way(git, refs_of(child, "base"), before, commit, leave)
            if conflicts:
                return Taken(conflicts=tuple((one.path, one.marked) for one in conflicts))
            found = await changes(git, before, after)
            return Taken(
                diff=await unified(git, before, after),
                files=tuple(change.path for change in found),
                added=sum(change.added for change in found),
                removed=sum(change.removed for change in found),
                kept=(await _overwrite(git, place, before, after, message))[0] if found else "",
            )

    async def remove(self, thread: str, lose: Collection[str] = ()) -> tuple[str, str] | None:
        """Removes the thread's tree once all in it is kept. Returns the rescue ref and its commit.

        None when there was none, or when the thread works in the person's folder, which is never removed.
        """
        place = self._layout.find(thread)
        if place is None:
            await finish_removal(self._layout.home(thread))
            return None
        if place.mode is Mode.LOCAL:
            return None
        kept: tuple[str, str] | None = None
        if place.work.exists():
            kept = await self._keep_all(place, lose)
        await remove_folder(self._layout.home(thread))
        return kept

    async def _keep_all(self, place: Place, lose: Collection[str] = ()) -> tuple[str, str]:
        async with self._at(place, writing=True) as git:
            staged = (await self._snap(git, place, "Before its removal\n")).commit
            return await rescue_all(git, self._gits, self._layout.scratch(place.thread), place.thread, staged, lose)

    async def _snap(self, git: Git, place: Place, message: str) -> Kept:
        staged = await snapshots.stage(git, ignores=self._ignores(place))
        parent = await self._parent(git, place)
        commit = await snapshots.commit(git, staged.tree, (parent,), message)
        return Kept(commit, staged.left_out)

    async def _parent(self, git: Git, place: Place) -> str:
        """What the agent committed last, when that stands on the base and is sound; otherwise the base."""
        if place.mode is not Mode.WORKTREE or not clones.is_real_folder(place.work / ".git"):
            return place.base
        if await asyncio.to_thread(clones.stands_at, place.work, place.base):
            return place.base
        scratch = self._layout.scratch(place.thread)
        try:
            async with clones.opened(self._gits, git.git_dir, place.work, scratch) as own:
                head = await own.commit_of("HEAD")
                if head is None or head == place.base:
                    return place.base
                pack = await clones.pack(own, scratch, (head,), place.base)
            await clones.take(git, scratch, pack)
            await git.run("update-ref", refs_of(place.thread, "agent"), head)
        except Unavailable:
            return place.base
        stands = await git.run("merge-base", "--is-ancestor", place.base, head, ok=(0, 1))
        return head if stands.status == 0 else place.base

    @asynccontextmanager
    async def _at(self, place: Place, *, writing: bool = False) -> AsyncGenerator[Git]:
        """A box with the store and the thread's folder, and git that sees the folder through the store."""
        store, home = self._layout.store(place.project), self._layout.home(place.thread)
        index = self._layout.index(place.thread)
        own = place.work if place.mode is Mode.LOCAL else home
        if place.mode is Mode.WORKTREE and place.work.exists():
            place.work.chmod(place.work.stat().st_mode & 0o777 | 0o700)
        if writing:
            await _unlocked(place)
        if not index.parent.is_dir():  # from before it had a folder of its own
            index.parent.mkdir(mode=0o700)
            if (home / "index").exists():
                (home / "index").replace(index)
            entrust(index.parent, home)
        box = self._gits.open(
            store,
            work_tree=place.work,
            index=index,
            readable=() if writing else (place.work,),
            writable=(store, home, own) if writing else (store, index.parent),
        )
        async with alone(self._layout.index_lock(place.thread)), box as git:
            # Nobody else works with these indexes: locks on them are those of a git that was killed.
            for lock in index.parent.glob("*index.lock"):
                lock.unlink(missing_ok=True)
            free(store, *(refs_of(place.thread, kind) for kind in ("base", "result", "agent", "rescue")))
            yield git

    def _ignores(self, place: Place) -> Sequence[str]:
        where = locate(place.work) if place.mode is Mode.LOCAL else None
        exclude = where.common / "info" / "exclude" if where else place.work
        if where is None or where.top != place.work or not exclude.is_file() or not exclude.is_relative_to(place.work):
            return snapshots.KEPT
        return (*snapshots.KEPT, f"--exclude-from={exclude}")


async def _overwrite(git: Git, place: Place, kept: str, then: str, message: str) -> tuple[str, str]:
    """Of a folder that holds `kept`, just staged, makes one that holds `then`. Returns the rescue ref, its commit."""
    differing = await touched(git, kept, then)
    assert git.index is not None
    index = git.index
    if hidden := await asyncio.to_thread(in_the_way, place.work, differing):
        # Ignored ones, which git would overwrite unasked; in an index aside, since a kill would leave them to a result.
        aside = index.with_name(OVERWRITING)
        shutil.copy2(index, aside)
        entrust(aside, index.parent)
        git = git.over(aside)
        staged = await snapshots.add(git, sorted(hidden))
        if staged.left_out:
            raise Refused(f"Move {', '.join(staged.left_out)} away and try again.", code="in-the-way")
        kept = await snapshots.commit(git, staged.tree, (kept,), message)
    ref = await rescue(git, place.thread, kept)
    await snapshots.put_back(git, kept, then)
    if hidden:
        index.with_name(OVERWRITING).replace(index)
    return ref, kept


def folder_of(project: Project) -> Path:
    """Raises `Refused` when it isn't there."""
    folder = Path(project.path).expanduser()
    if not folder.is_dir():
        raise Refused(f"{folder}, the folder of project {project.name}, isn't there.", code="no-folder")
    return folder.resolve()


def usable(project: Project, repo: Repo | None) -> Repo:
    """Raises `Refused`, saying what to do, where a work tree can't be made from."""
    if project.kind is not ProjectKind.REPO or repo is None:
        raise Refused(
            f"{project.path} isn't a git repo, so a thread can't have a work tree of its own there: run `git init` and"
            " commit, or work in local mode.",
            code="not-a-repo",
        )
    if repo.bare:
        raise Refused(
            f"{project.path} is a bare repo: name a checkout of it (`git clone` makes one).", code="bare-repo"
        )
    if repo.head is None:
        raise Refused(
            f"{project.path} has no commit yet: make a first one (`git add -A && git commit`), or work in local mode.",
            code="no-commit",
        )
    return repo


async def _unlocked(place: Place) -> None:
    """Waits for a git that is at work in a thread's folder. Raises `Refused` (`git-locked`)."""
    where = locate(place.work) if place.mode is Mode.LOCAL else None
    git_dir = where.git_dir if where else place.work / ".git"
    if clones.is_real_folder(git_dir):
        await unlocked(git_dir / "index.lock", place.work)


async def _resolve(git: Git, repo: Repo, base: str) -> str:
    """The commit that `base` means to the person, brought into the store."""
    commit = await git.at(repo.where.git_dir).commit_of(base)
    if commit is None and re.fullmatch(r"[0-9a-f]{40,64}", base):
        # One that an earlier thread stood on, and the person's repo has let go.
        commit = await git.commit_of(base)
    if commit is None:
        raise Refused(f"{base!r} is no commit or branch of {repo.where.top}.", code="unknown-commit")
    await feed(git, repo)
    if await git.commit_of(commit) is None:
        await feed(git, repo, extra=(commit,))
    return commit


async def _clone(git: Git, work: Path, index: Path, commit: str, head: str, heads: Mapping[str, str]) -> None:
    """A repo in `work` that borrows the store's objects, and its files. `git` is at the store.

    `head`: the branch that it is on, or a commit; `heads`: its own refs.
    """
    clone, store = work / ".git", git.git_dir
    make_clone(clone, store, "sha1" if len(commit) == 40 else "sha256")
    format = "--format=%(objectname) %(refname)"
    listed, _ = await asyncio.gather(
        git.run("for-each-ref", format, "refs/person/heads", "refs/person/tags"),
        git.at(store, work_tree=work, index=index).run("read-tree", "-m", "-u", commit),
    )
    refs = listed.text.replace(" refs/person/heads/", " refs/remotes/person/").replace(
        " refs/person/tags/", " refs/tags/"
    )
    own = [f"{name} {ref}" for ref, name in heads.items()]
    packed = "".join(f"{line}\n" for line in (*own, *refs.splitlines()))
    (clone / "packed-refs").write_text(packed, errors="surrogateescape")
    (clone / "HEAD").write_text(f"{'ref: ' if head.startswith('refs/') else ''}{head}\n", errors="surrogateescape")
    shutil.copy2(index, clone / "index")
    entrust(clone, work)
