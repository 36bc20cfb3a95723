"""Small files of the state that are the owner's alone."""

from __future__ import annotations

import os
from pathlib import Path


def put(path: Path, text: str) -> None:
    """In place of what is there; whole, or not at all. 0600 from its first moment."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    part.replace(path)
