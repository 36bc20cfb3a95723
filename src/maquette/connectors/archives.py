"""Archives that someone else made: a folder, or a zip, of which nothing is ever unpacked to disk.

So a name in it with `..`, an absolute one or a link leads nowhere: none is opened. What is read is bounded in each
file, in all, and by how much it grows.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

from maquette.domain.errors import Refused
from maquette.workspace.beneath import open_beneath

MOST_FILES = 2_000_000
LARGEST = 256 << 20
"""Bytes of one file, unpacked."""
_GROWTH = 200
_SMALL = 1 << 30
"""An archive may grow to this size, or by so many times: text packs to a tenth, and a bomb to a thousandth."""


class Archive(Protocol):
    """Files by their paths."""

    @property
    def stamps(self) -> dict[str, str]:
        """What changes with a file's content, of each."""
        ...

    @property
    def odd(self) -> int:
        """How many names lead outside, or are links: none of them is opened."""
        ...

    def has(self, name: str) -> bool:
        """Without looking at all there is."""
        ...

    def read(self, name: str) -> bytes:
        """Refused `odd-source`, when it is too large or broken."""
        ...


@contextmanager
def opened(path: Path) -> Generator[Archive]:
    """Blocks. Refused `odd-source`."""
    if path.is_dir():
        folder = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield _Folder(folder, path)
        finally:
            os.close(folder)
        return
    if not path.is_file():
        raise Refused(f"There is no file {path}.", code="odd-source")
    try:
        packed = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refused(f"{path} is no archive that can be read: {error}.", code="odd-source") from error
    with packed:
        yield _Zip(packed, path)


def safe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name and "\0" not in name


class _Zip:
    def __init__(self, packed: zipfile.ZipFile, path: Path) -> None:
        self._packed, self._path = packed, path
        files = [info for info in packed.infolist() if not info.is_dir()]
        right = [info for info in files if safe(info.filename) and not stat.S_ISLNK(info.external_attr >> 16)]
        self.odd = len(files) - len(right)
        grown, size = sum(info.file_size for info in right), path.stat().st_size
        if len(files) > MOST_FILES or grown > max(_SMALL, _GROWTH * size):
            grows = f"{path} would grow from {size:,} bytes to {grown:,}, in {len(files):,} files"
            raise Refused(f"{grows}: no archive of messages does.", code="odd-source")
        self._infos = {info.filename: info for info in right}
        self.stamps = {info.filename: f"{info.CRC:08x}{info.file_size:x}" for info in right}

    def has(self, name: str) -> bool:
        return name in self._infos

    def read(self, name: str) -> bytes:
        info = self._infos[name]
        try:
            with self._packed.open(info) as file:
                content = file.read(min(info.file_size, LARGEST) + 1)  # what it says of its size may be a lie
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            raise Refused(f"{name} in {self._path} can't be read: {error}.", code="odd-source") from error
        return _bounded(content, name, self._path)


class _Folder:
    def __init__(self, folder: int, path: Path) -> None:
        self._folder, self._path = folder, path
        self.odd = 0
        self._stamps: dict[str, str] | None = None

    @property
    def stamps(self) -> dict[str, str]:
        if self._stamps is None:
            self._stamps = dict(self._found())
        return self._stamps

    def has(self, name: str) -> bool:
        return (self._path / name).is_file()

    def _found(self) -> Iterator[tuple[str, str]]:
        count = 0
        for top, folders, files in os.walk(self._path):
            folders.sort()
            within = Path(top).relative_to(self._path)
            for name in sorted(files):
                state = (Path(top) / name).lstat()
                count += 1
                if count > MOST_FILES:
                    raise Refused(f"{self._path} holds more than {MOST_FILES:,} files.", code="odd-source")
                if not stat.S_ISREG(state.st_mode):
                    self.odd += 1
                else:
                    yield (within / name).as_posix(), f"{state.st_mtime_ns:x}.{state.st_size:x}"

    def read(self, name: str) -> bytes:
        try:
            with os.fdopen(open_beneath(self._folder, name, os.O_RDONLY), "rb") as file:
                content = file.read(LARGEST + 1)
        except OSError as error:
            raise Refused(f"{self._path / name} can't be read: {error.strerror}.", code="odd-source") from error
        return _bounded(content, name, self._path)


def _bounded(content: bytes, name: str, path: Path) -> bytes:
    if len(content) > LARGEST:
        raise Refused(f"{name} in {path} is larger than {LARGEST >> 20} MB.", code="odd-source")
    return content
