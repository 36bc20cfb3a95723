"""The private folder of a box that has no file system of its own: where its commands are at home and put what is
temporary.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from maquette.workspace.deep import rmtree

PREFIX = "maquette-box-"


class Own:
    """Its path is known before it is made."""

    def __init__(self) -> None:
        self.path = Path(tempfile.gettempdir()).resolve() / f"{PREFIX}{os.getpid()}-{secrets.token_hex(8)}"

    def make(self, identity: tuple[int, int] | None = None) -> None:
        """`identity`: the user and group it is for, where that isn't us."""
        self.path.mkdir(mode=0o700)
        if identity:
            os.chown(self.path, *identity)

    def remove(self) -> None:
        with contextlib.suppress(OSError):
            rmtree(self.path)


def clear() -> None:
    """Removes what a base that was killed has left."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid = left.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            with contextlib.suppress(OSError):
                rmtree(left)
