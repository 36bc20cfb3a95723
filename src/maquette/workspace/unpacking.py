"""Unpacks an archive from standard input into a folder: run by its path, in a box, with the standard library alone.

Only plain files and folders come out, none larger or more of them than was said; what leads elsewhere is left out.
"""

import io
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

_CHUNK = 1 << 16
_LONGEST = 1_000
_BROKEN = (ValueError, OSError, tarfile.TarError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError)


def _parts(name: str) -> tuple[str, ...] | None:
    """None for what leads out, is too long, or would be taken for a repo."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = path.parts
    bad = path.is_absolute() or not parts or len(name) > _LONGEST or "\0" in name
    if bad or any(part in ("..", ".") or part.casefold() == ".git" or len(part) > 200 for part in parts):
        return None
    return parts


def _members(data: bytes) -> Iterator[tuple[str, int, IO[bytes]]]:
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            for info in held.infolist():
                kind = info.external_attr >> 28
                if not info.is_dir() and kind in (0, 8):
                    with held.open(info) as file:
                        yield info.filename, info.external_attr >> 16 & 0o111, file
        return
    with tarfile.open(fileobj=io.BytesIO(data), mode="r|*") as held:
        for member in held:
            if member.isreg() and not member.issparse() and (file := held.extractfile(member)) is not None:
                yield member.name, member.mode & 0o111, file


def main() -> int:
    out, most, files = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    data = sys.stdin.buffer.read()
    try:
        for name, runs, file in _members(data):
            parts = _parts(name)
            if parts is None:
                continue
            files -= 1
            if files < 0:
                raise ValueError("it holds too many files")
            place = Path(out, *parts)
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as target:
                while piece := file.read(_CHUNK):
                    most -= len(piece)
                    if most < 0:
                        raise ValueError("it unpacks to more than is taken")
                    target.write(piece)
            if runs:
                place.chmod(0o755)
    except _BROKEN as error:
        sys.stdout.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
