"""A person's repo on disk, made with the machine's own git, and what is to be read back from it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from maquette.domain.ids import new_id
from maquette.domain.projects import Project, ProjectKind

_ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    # Else each commit starts another git, which finds that there is nothing to tidy.
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "maintenance.auto",
    "GIT_CONFIG_VALUE_0": "false",
    "GIT_AUTHOR_NAME": "Person",
    "GIT_AUTHOR_EMAIL": "person@localhost",
    "GIT_COMMITTER_NAME": "Person",
    "GIT_COMMITTER_EMAIL": "person@localhost",
}


class Checkout:
    """A folder, and git in it as its person runs it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def made(cls, path: Path, files: Mapping[str, str | bytes] | None = None, *init: str) -> Checkout:
        path.mkdir(parents=True)
        made = cls(path)
        made.git("init", "--quiet", "--initial-branch=main", *init)
        if files is not None:
            made.write(files)
            made.commit("first")
        return made

    def git(self, *words: str, env: Mapping[str, str] | None = None) -> str:
        ran = subprocess.run(
            ["git", *words], cwd=self.path, env={**_ENV, **(env or {})}, capture_output=True, timeout=60, check=False
        )
        assert ran.returncode == 0, ran.stderr.decode()
        return os.fsdecode(ran.stdout).rstrip("\n")

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def project(self, kind: ProjectKind = ProjectKind.REPO) -> Project:
        return Project(id=new_id("project"), name=self.path.name, kind=kind, path=str(self.path))


def print_of(folder: Path) -> dict[str, str]:
    """Every path below a folder with its kind, mode, time of change and bytes: equal means untouched."""
    return dict(_lines(folder))


def bytes_of(folder: Path) -> dict[str, str]:
    """The same without the times."""
    return {path: line.rpartition(" ")[0] for path, line in _lines(folder)}


def _lines(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        found = path.lstat()
        if path.is_symlink():
            held = str(path.readlink())
        elif path.is_file():
            held = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            held = ""
        yield str(path.relative_to(folder)), f"{found.st_mode:o} {held} {found.st_mtime_ns}"
