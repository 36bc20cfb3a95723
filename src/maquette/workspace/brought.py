"""What a person brings as an attempt of their own: a branch, a folder, a patch or an archive, as a commit in the store.

An archive is unpacked in a box that can write to one folder, up to a size; a patch is applied to an index of ours. So
neither can reach anything, whatever names are in it.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from maquette.domain.errors import Refused
from maquette.domain.projects import Project
from maquette.kinds.sandboxes import Limits, Profile, Sandbox
from maquette.workspace import snapshots
from maquette.workspace.git import GitFailed, Gits, checked
from maquette.workspace.locks import alone
from maquette.workspace.owners import entrust
from maquette.workspace.places import Layout
from maquette.workspace.repos import inspect
from maquette.workspace.rescues import remove_folder
from maquette.workspace.stores import FED, feed, free, make_store
from maquette.workspace.trees import folder_of, usable

BYTES, FILES = 256 << 20, 20_000
"""Of what an archive may unpack to."""
PATCH = 8 << 20
"""Bytes of a patch."""
_INSIDE = Path(__file__).with_name("unpacking.py")
SECONDS = 120.0


class Brought:
    """Each returns a commit of the project's store, which stands on `base`."""

    def __init__(self, gits: Gits, layout: Layout, sandbox: Sandbox) -> None:
        self._gits = gits
        self._layout = layout
        self._sandbox = sandbox

    async def base(self, project: Project, base: str = "HEAD") -> str:
        """The commit that a name means in the person's repo, brought into the store."""
        return (await self.branch(project, base))[1]

    async def branch(self, project: Project, name: str, base: str | None = None) -> tuple[str, str]:
        """Where a branch parted from `base`, and its head. Refused: `unknown-commit`, `unrelated`."""
        checked(name)
        repo = usable(project, await inspect(self._gits, Path(project.path)))
        store = self._layout.store(project.id)
        async with alone(self._layout.lock(project.id)):
            make_store(store, folder_of(project), object_format=repo.object_format)
            free(store, *FED)
            async with self._gits.open(store, readable=repo.where.places, writable=(store,)) as git:
                commit = await git.at(repo.where.git_dir).commit_of(name)
                if commit is None:
                    raise Refused(f"{name!r} is no commit or branch of {project.path}.", code="unknown-commit")
                await feed(git, repo, extra=() if await git.commit_of(commit) else (commit,))
                if base is None:
                    return commit, commit
                found = await git.run("merge-base", base, commit, ok=(0, 1))
        if found.status or not found.text:
            raise Refused(f"{name!r} has no commit in common with what the others begin with.", code="unrelated")
        return found.text, commit

    async def branches(self, project: Project) -> dict[str, str]:
        """The person's own branches, by name, with what each one's last commit says it is about."""
        repo = usable(project, await inspect(self._gits, Path(project.path)))
        async with self._gits.open(repo.where.git_dir, readable=repo.where.places) as git:
            listed = await git.text("for-each-ref", "--format=%(refname:short)%00%(contents:subject)", "refs/heads")
        return {name: subject for line in listed.splitlines() for name, _, subject in [line.partition("\0")]}

    async def folder(self, project: Project, base: str, folder: Path) -> str:
        """All that a folder holds and ignore files don't name, in the place of all that the project holds."""
        if not await asyncio.to_thread(folder.is_dir):
            raise Refused(f"There is no folder {folder}.", code="no-folder")
        async with self._scratch(project) as scratch:
            return await self._staged(project, base, await asyncio.to_thread(folder.resolve), scratch)

    async def patch(self, project: Project, base: str, text: bytes) -> str:
        """Refused: `bad-patch`, where it doesn't apply to the base."""
        if len(text) > PATCH:
            raise Refused(f"A patch may have {PATCH >> 20} MB.", code="too-large")
        store = self._layout.store(project.id)
        async with (
            self._scratch(project) as scratch,
            self._gits.open(store, index=scratch / "index", writable=(store, scratch)) as git,
        ):
            await git.run("read-tree", base)
            try:
                await git.run("apply", "--cached", "--whitespace=nowarn", "-", stdin=text)
            except GitFailed as failed:
                raise Refused(f"The patch doesn't apply: {failed.said.strip()[:400]}", code="bad-patch") from failed
            return await snapshots.commit(git, await git.text("write-tree"), (base,), "Brought by a person\n")

    async def archive(self, project: Project, base: str, data: bytes) -> str:
        """A tar or zip. Refused: `bad-archive`; what leads out of it, and what is no plain file, is left out."""
        async with self._scratch(project) as scratch:
            out = scratch / "out"
            out.mkdir(mode=0o700)
            entrust(out, scratch)
            said = bytearray()
            limits = Limits(memory=1 << 30, processes=8, file_size=BYTES, open_files=64)
            box = self._sandbox.box(Profile(root=out, writable=(out,), readable=(_INSIDE,), limits=limits))
            try:
                words = [sys.executable, "-I", "-B", str(_INSIDE), str(out), str(BYTES), str(FILES)]
                ended = await box.run(words, sink=said.extend, seconds=SECONDS, stdin=data)
            finally:
                await box.close()
            if ended.status != 0:
                why = bytes(said[-300:]).decode(errors="replace").strip() or ended.why
                raise Refused(f"The archive can't be unpacked: {why}", code="bad-archive")
            held = await asyncio.to_thread(_inner, out)
            return await self._staged(project, base, held, scratch)

    async def _staged(self, project: Project, base: str, folder: Path, scratch: Path) -> str:
        """The index has a folder of its own: `folder` may lie in `scratch`, and beside what is only readable no name is
        made where Landlock holds a box.
        """
        store, own = self._layout.store(project.id), scratch / "staged"
        own.mkdir(mode=0o700)
        entrust(own, scratch)
        async with self._gits.open(
            store, work_tree=folder, index=own / "index", readable=(folder,), writable=(store, own)
        ) as git:
            await git.run("read-tree", base)
            staged = await snapshots.stage(git)
            return await snapshots.commit(git, staged.tree, (base,), "Brought by a person\n")

    @asynccontextmanager
    async def _scratch(self, project: Project) -> AsyncGenerator[Path]:
        place = self._layout.exhibits / secrets.token_hex(8)
        place.mkdir(mode=0o700, parents=True)
        entrust(place, folder_of(project))
        try:
            yield place
        finally:
            await remove_folder(place)


def _inner(out: Path) -> Path:
    """An archive's one folder, where it holds nothing else."""
    names = list(out.iterdir())
    if len(names) == 1 and names[0].is_dir() and not names[0].is_symlink():
        return names[0]
    return out
