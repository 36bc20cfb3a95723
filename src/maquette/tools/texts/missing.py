"""What to say when there is no such file."""

from __future__ import annotations

import posixpath
from difflib import get_close_matches

from maquette.domain.errors import Refused
from maquette.kinds.files import Files


def no_such(files: Files, path: str) -> Refused:
    """Names what is there and like it."""
    folder, name = posixpath.split(posixpath.normpath(path))
    try:
        names = [found for found, _ in files.names(folder or ".")]
    except Refused:
        return Refused(f"There is no {path}, nor a folder {folder}.", code="no-file")
    close = get_close_matches(name, names[:5_000], n=3, cutoff=0.5)
    like = f" There is {', '.join(posixpath.join(folder, c) for c in close)}." if close else ""
    return Refused(f"There is no {path}.{like}", code="no-file")
