"""Folders that lie deeper in one another than Python goes: an agent, or a repo, can make a thousand of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator
from pathlib import Path


def walk(top: Path) -> Generator[tuple[Path, list[str], list[str]]]:
    """`os.walk`, which calls itself for each folder before Python 3.12. Links are among the files."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        below: list[str] = []
        files: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    (below if entry.is_dir(follow_symlinks=False) else files).append(entry.name)
        except OSError:
            continue
        yield folder, below, files
        waiting += [folder / name for name in reversed(below)]


def rmtree(folder: Path) -> None:
    """All of it, also what its owner may not change; links are never followed. Raises OSError, with some of it gone."""
    said = b""
    for command in (["rm", "-rf"], ["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        if not folder.exists():
            return
        said = subprocess.run([*command, "--", folder], capture_output=True, check=False).stderr
    if folder.exists():
        raise OSError(f"{folder} could not be removed: {said.decode(errors='replace').strip()[:300]}")
