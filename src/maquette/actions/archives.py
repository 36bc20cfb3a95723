"""The one file of a backup: a plain tar, the database first and the manifest last."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import stat
import tarfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from pydantic import ValidationError

from maquette.domain.errors import Refused
from maquette.domain.labels import Fact
from maquette.store import copies
from maquette.workspace import carrying
from maquette.workspace.carrying import Found

MANIFEST = "manifest.json"
FORMAT = 1
_CHUNK = 1 << 20
_SMALL = 1 << 22
_LARGEST_MANIFEST = 1 << 16


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


class Manifest(Fact):
    """What a backup holds. `log` is the digest of all entries, `digest` that of all that lies in the file before this.

    `state` is the folder it was made of, `left_out` how much in it could not be read. Times in UTC, sizes in bytes.
    """

    format: int = FORMAT
    maquette: str
    revision: str
    made: str
    state: str
    entries: int
    streams: int
    log: str
    files: int
    bytes: int
    left_out: int
    digest: str


class Packing:
    """A backup that is being written."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.digest = hashlib.sha256()
        self.files = 0
        self.bytes = 0
        self.left_out = 0

    def add(self, found: Found) -> None:
        if found.stat is None:
            self.left_out += 1
            return
        info = tarfile.TarInfo(found.name)
        info.mode, info.mtime = stat.S_IMODE(found.stat.st_mode), int(found.stat.st_mtime)
        info.uid, info.gid = found.stat.st_uid, found.stat.st_gid
        if found.link:
            info.type, info.linkname = tarfile.SYMTYPE, found.link
        elif found.descriptor < 0:
            info.type = tarfile.DIRTYPE
        else:
            info.size = found.stat.st_size
        take_in(self.digest, info)
        if not info.isreg():
            self._tar.addfile(info)
            return
        with os.fdopen(os.dup(found.descriptor), "rb") as file:
            self._tar.addfile(info, _Hashed(file, info.size, self.digest))
        self.files += 1
        self.bytes += info.size

    def end(self, manifest: Manifest) -> None:
        written = manifest.model_dump_json(indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(written), 0o600
        self._tar.addfile(info, io.BytesIO(written))


class _Hashed(io.RawIOBase):
    """Exactly `size` bytes of a file, whatever becomes of it meanwhile, hashed as they are read."""

    def __init__(self, file: IO[bytes], size: int, digest: _Digest) -> None:
        self._file, self._left, self._digest = file, size, digest

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        got = self._file.read(wanted)
        got += b"\0" * (wanted - len(got))
        self._left -= len(got)
        self._digest.update(got)
        return got


@contextmanager
def packing(path: Path) -> Generator[Packing]:
    """A new file at `path` (0600), whole or not there. Refused: `file-there`."""
    part = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT, bufsize=_CHUNK) as tar:
                yield Packing(tar)
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(part, path)
        except FileExistsError:
            raise Refused(f"{path} is there already: name another file.", code="file-there") from None
    finally:
        part.unlink(missing_ok=True)


def unpack(file: Path, folder: Path, state: Path, tops: Iterable[str]) -> Manifest:
    """All of a backup into `folder`, a new one, as it has to be below `state`. Refused: `bad-backup`.

    Nothing of it is believed: names stay below `folder` and its `tops`, links are made when all else is written, and
    the manifest's digest must be that of what came.
    """
    unpacking = _Unpacking(folder, state, frozenset(tops))
    try:
        with tarfile.open(file, "r|", bufsize=_CHUNK) as tar:
            return unpacking.take(tar)
    except (tarfile.TarError, EOFError, ValidationError, FileExistsError, ValueError) as error:
        raise bad(file, f"it isn't whole, or something else ({type(error).__name__})") from error


def bad(file: Path, why: str) -> Refused:
    return Refused(f"{file} can't be restored: {why}. Nothing was changed.", code="bad-backup")


class _Unpacking:
    def __init__(self, folder: Path, state: Path, tops: frozenset[str]) -> None:
        self._folder, self._state, self._tops = folder, state, tops
        self._digest = hashlib.sha256()
        self._links: list[tarfile.TarInfo] = []
        self._folders: list[tarfile.TarInfo] = []
        self._moved: list[tuple[tarfile.TarInfo, bytes]] = []
        self._left = shutil.disk_usage(folder).free

    def take(self, tar: tarfile.TarFile) -> Manifest:
        for info in tar:
            if info.name == MANIFEST:
                return self._end(_content(tar, info, _LARGEST_MANIFEST))
            take_in(self._digest, info)
            self._member(tar, info)
        raise ValueError("no manifest")

    def _end(self, content: bytes) -> Manifest:
        manifest = Manifest.model_validate_json(content)
        if manifest.format != FORMAT:
            raise Refused("This backup is of a newer version of Maquette; upgrade first.", code="newer-backup")
        if manifest.digest != self._digest.hexdigest():
            raise ValueError("another digest")
        for info, moved in self._moved:
            self._write(info, io.BytesIO(carrying.rehomed(info.name, moved, manifest.state, self._state)))
        for info in self._links:
            path = self._folder / info.name
            path.symlink_to(info.linkname)
            self._own(path, info)
        for info in reversed(self._folders):  # now: a folder may be one that nobody may write to
            (self._folder / info.name).chmod(info.mode & 0o777)
        return manifest

    def _member(self, tar: tarfile.TarFile, info: tarfile.TarInfo) -> None:
        parts = PurePosixPath(info.name).parts
        if not parts or parts[0] not in self._tops or ".." in parts or "\0" in info.name:
            raise ValueError("a name that leads elsewhere")
        if info.issym():
            self._links.append(info)
        elif info.isdir():
            (self._folder / info.name).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._own(self._folder / info.name, info)
            self._folders.append(info)
        elif info.isreg():
            self._left -= info.size
            if self._left < 0:
                raise Refused(f"There is no room for it on the disk of {self._folder.parent}.", code="disk-full")
            if carrying.names_its_place(info.name) and info.size <= _SMALL:
                self._moved.append((info, self._hashed(_content(tar, info, _SMALL))))
            else:
                source = tar.extractfile(info)
                assert source is not None
                self._write(info, _Hashed(source, info.size, self._digest))
        else:
            raise ValueError("neither file, folder nor link")

    def _hashed(self, content: bytes) -> bytes:
        self._digest.update(content)
        return content

    def _write(self, info: tarfile.TarInfo, content: io.RawIOBase | io.BytesIO) -> None:
        path = self._folder / info.name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as out:
            while piece := content.read(_CHUNK):
                out.write(piece)
            out.flush()
            os.fchmod(out.fileno(), info.mode & 0o777)
        self._own(path, info)
        os.utime(path, (info.mtime, info.mtime))

    def _own(self, path: Path, info: tarfile.TarInfo) -> None:
        if os.geteuid() == 0:
            os.chown(path, info.uid, info.gid, follow_symlinks=False)


def take_in(digest: _Digest, info: tarfile.TarInfo) -> None:
    """What of a member besides its bytes counts for the digest."""
    digest.update(repr((info.name, info.type, info.mode, info.size, info.linkname)).encode())


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo, most: int) -> bytes:
    source = tar.extractfile(info)
    if source is None or info.size > most:
        raise ValueError("too large")
    return source.read()


def database(folder: Path) -> Path:
    return folder / copies.NAME
