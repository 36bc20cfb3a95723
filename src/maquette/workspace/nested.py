"""Other repos within a folder that an agent works in, in place: their `.git` is the person's, like the folder's own.

A person's `git status` goes into submodules, and runs what their settings name.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from maquette.domain.errors import Refused
from maquette.workspace.deep import walk

MOST = 200
"""Repos; each is held by mounts of its own."""


def repos_below(root: Path) -> tuple[Path, ...]:
    """Each `.git`, folder or file, below a folder but not its own. Raises `Refused` for more than a box can hold."""
    found: list[Path] = []
    for folder, below, files in walk(root):
        if ".git" in below or ".git" in files:
            if folder != root:
                found.append(folder / ".git")
            below[:] = [name for name in below if name != ".git"]
        if len(found) > MOST:
            raise Refused(
                f"{root} holds more than {MOST} repos, too many to keep safe: work in a folder below it.",
                code="many-repos",
            )
    return tuple(path for path in found if not path.is_symlink())


def ways(root: Path, paths: Iterable[Path]) -> tuple[Path, ...]:
    """The folders on the way from a root to some paths. Held as they are, none can be moved away with what it holds."""
    between = (folder for path in paths for folder in path.parents if folder != root and folder.is_relative_to(root))
    return tuple(sorted(dict.fromkeys(between)))


def secrets_of(git_dir: Path) -> tuple[Path, ...]:
    """Its settings, where a remote's password may be."""
    return (*git_dir.glob("config*"), *git_dir.glob("modules/**/config*"), *git_dir.glob("worktrees/*/config*"))
