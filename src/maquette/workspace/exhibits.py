"""Results laid out to be looked at: the bytes of a commit in a folder of their own, thrown away afterwards.

So what is found out about a result depends on that alone: not on what else lies in the tree where it was made.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from maquette.domain.projects import Project
from maquette.workspace import snapshots
from maquette.workspace.git import Git, Gits
from maquette.workspace.owners import entrust
from maquette.workspace.places import Layout
from maquette.workspace.rescues import remove_folder
from maquette.workspace.stores import free
from maquette.workspace.trees import folder_of

KEPT = "refs/maquette/evidence"


class Exhibits:
    """Below the state's `exhibits` folder: what is there when a base starts was left by one that was killed."""

    def __init__(self, gits: Gits, layout: Layout) -> None:
        self._gits = gits
        self._layout = layout

    async def clear(self) -> None:
        await remove_folder(self._layout.exhibits)

    @asynccontextmanager
    async def laid_out(self, project: Project, commit: str) -> AsyncGenerator[Path]:
        """The files of a commit of the store. Programs may write to the folder."""
        place = self._layout.exhibits / secrets.token_hex(8)
        work, index = place / "work", place / "index"
        work.mkdir(mode=0o700, parents=True)
        entrust(place, folder_of(project))
        store = self._layout.store(project.id)
        try:
            async with self._gits.open(store, readable=(store,), writable=(place,)) as git:
                await git.at(store, work_tree=work, index=index).run("read-tree", "-m", "-u", commit)
            yield work
        finally:
            await remove_folder(place)

    async def keep(self, project: Project, name: str, files: Mapping[str, bytes]) -> dict[str, str]:
        """Files of ours (pictures), by plain names, at a ref of the store: the blob of each. `name`: `a/b`."""
        if not files:
            return {}
        store, ref = self._layout.store(project.id), f"{KEPT}/{name}"
        async with self._gits.open(store, writable=(store,)) as git:
            free(store, ref)
            blobs = {file: await _blob(git, data) for file, data in files.items()}
            listed = "".join(f"100644 blob {blob}\t{file}\n" for file, blob in blobs.items())
            tree = await git.text("mktree", stdin=listed.encode())
            commit = await snapshots.commit(git, tree, (), "Pictures\n")
            await git.run("update-ref", ref, commit)
        return blobs


async def _blob(git: Git, data: bytes) -> str:
    return await git.text("hash-object", "-w", "--stdin", stdin=data)
