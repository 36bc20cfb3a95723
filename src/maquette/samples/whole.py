"""A sample is there whole or not at all, whoever makes it at the same moment and whenever it is cut off."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def make_whole(folder: Path, make: Callable[[Path], None]) -> None:
    """`folder` as `make` makes it; one that is there already stays as it is, whatever was done to it since."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as aside:
        made = Path(aside, folder.name)
        make(made)
        with suppress(OSError):  # somebody else's is there already
            made.rename(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} could not be made")
