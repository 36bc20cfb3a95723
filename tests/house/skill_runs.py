"""Running a built-in skill's script as the shell does: by its path, in the project's folder."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import maquette.skills
from house.bases import captured

BUILT_IN = Path(maquette.skills.__file__).parent / "builtin"

PLAIN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Checks of a sample run dozens of times: without our plugins, of which they use none, in half the time."""


@dataclass(frozen=True)
class Ran:
    """How a script ended."""

    status: int
    out: str
    err: str


def script(skill: str) -> Path:
    (found,) = (BUILT_IN / skill / "scripts").glob("*.py")
    return found


def run_skill(skill: str, folder: Path, *options: str) -> Ran:
    done = captured("house.skill_runs:main", [str(script(skill)), *options], {**os.environ, **PLAIN}, folder)
    return Ran(done.returncode, done.stdout, done.stderr)


def main(words: list[str]) -> None:
    """As `python SCRIPT OPTION…` does it."""
    sys.argv = words
    sys.path.insert(0, str(Path(words[0]).parent))
    runpy.run_path(words[0], run_name="__main__")


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def git(folder: Path, *args: str, when: str = "2024-05-01T10:00:00+00:00", who: str = "Ada") -> str:
    """Runs git without anybody's settings, as `who`, at `when`."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for role in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{role}_NAME": who, f"GIT_{role}_EMAIL": f"{who.lower()}@localhost", f"GIT_{role}_DATE": when}
    words = ["git", "-c", "maintenance.auto=false", *args]
    return subprocess.run(words, cwd=folder, env=env, check=True, capture_output=True, text=True).stdout


def make_repo(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A git repo with one commit of these files."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, files)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    return folder
