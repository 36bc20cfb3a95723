"""Baby versions: commits of a project's store that begin with nothing, so that nobody can merge what they cut."""

from __future__ import annotations

from dataclasses import dataclass

from maquette.domain.projects import Project
from maquette.workspace import diffs, snapshots
from maquette.workspace.git import Git, Gits
from maquette.workspace.places import Layout
from maquette.workspace.stores import free

KEPT = "refs/maquette/baby"


@dataclass(frozen=True)
class Made:
    """How many files the commit holds, and lines in them; `of_files` and `of_lines` are those of what it mimics."""

    commit: str
    files: int
    lines: int
    of_files: int
    of_lines: int


class Babies:
    def __init__(self, gits: Gits, layout: Layout) -> None:
        self._gits, self._layout = gits, layout

    async def make(self, project: Project, result: str, of: str) -> Made:
        """Of a result in the store, made from commit `of`."""
        store = self._layout.store(project.id)
        async with self._gits.open(store, writable=(store,)) as git:
            tree = await git.text("rev-parse", f"{result}^{{tree}}")
            commit = await snapshots.commit(git, tree, (), "The baby version\n")
            free(store, KEPT)
            await git.run("update-ref", f"{KEPT}/{commit}", commit)
            return Made(commit, *await _size(git, commit), *await _size(git, of))


async def _size(git: Git, commit: str) -> tuple[int, int]:
    nothing = await git.text("mktree")
    found = await diffs.changes(git, nothing, commit)
    return len(found), sum(change.added for change in found)
