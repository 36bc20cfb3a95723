"""A disk of its own, small enough to be filled."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

FILLER = "filler"


class Disk:
    """A file system in memory at `path`, somewhere below `folder`, which is gone afterwards."""

    def __init__(self, folder: Path, path: Path) -> None:
        self.folder = folder
        self.path = path

    def fill(self) -> None:
        """To the last byte."""
        with (self.path / FILLER).open("ab", buffering=0) as filler:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while filler.write(b"\0" * size) == size:
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        (self.path / FILLER).unlink()


@contextmanager
def a_disk(below: str, lacks: Callable[[str, str], NoReturn], megabytes: int = 64) -> Generator[Disk]:
    """Mounted `below` a new folder (not pytest's: one that a killed run left mounted is in nobody's way)."""
    folder = Path(tempfile.mkdtemp(prefix="mq-disk-"))
    path = folder / below
    path.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "maquette-test", str(path)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        shutil.rmtree(folder)
        lacks("a disk that can be filled", "sudo make test (it mounts a tmpfs)")
    try:
        yield Disk(folder, path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)
        shutil.rmtree(folder)
