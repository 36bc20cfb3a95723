"""The files of a tree, for tools: nothing outside can be reached, whatever links say."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

from maquette.domain.errors import Refused
from maquette.kinds.files import Entry
from maquette.workspace.beneath import open_beneath, rename_new

FOLDER = os.O_RDONLY | os.O_DIRECTORY
LINKS = 8
LARGEST = 64 << 20
"""Bytes that are read at once where no limit is given: it may have grown since it was looked at."""
REASONS = {
    errno.ENOENT: ("There is no {}.", "no-file"),
    errno.EXDEV: ("{} leads outside the tree.", "outside"),
    errno.ELOOP: ("{} leads outside the tree, or in a circle.", "outside"),
    errno.ENOTDIR: ("A part of {} is a file and no folder.", "not-a-folder"),
    errno.EISDIR: ("{} is a folder.", "folder"),
    errno.EEXIST: ("There already is a {}.", "exists"),
    errno.EACCES: ("{} may not be opened: its permissions forbid it.", "forbidden"),
    errno.EPERM: ("{} may not be changed.", "forbidden"),
    errno.EROFS: ("{} is read-only.", "forbidden"),
    errno.ENAMETOOLONG: ("The name {} is too long.", "bad-name"),
    errno.ENOSPC: ("The disk is full; {} was left as it was.", "full"),
    errno.ENXIO: ("{} is neither a file nor a folder.", "not-a-file"),
}


@contextlib.contextmanager
def explained(path: str) -> Generator[None]:
    """Turns the kernel's errors into a sentence a model can act on."""
    try:
        yield
    except OSError as error:
        sentence, code = REASONS.get(error.errno or 0, (f"{{}} could not be used ({error.strerror}).", "failed"))
        raise Refused(sentence.format(path or "."), code=code) from None


@contextlib.contextmanager
def closing(descriptor: int) -> Generator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def is_git(name: str) -> bool:
    return name.casefold() == ".git"


class BeneathFiles:
    """`Files` beneath `root`, which is opened anew for each call."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    @property
    def root(self) -> Path:
        return self._root

    def stat(self, path: str) -> Entry | None:
        try:
            with self._opened(path, os.O_PATH) as descriptor:
                return entry(os.fstat(descriptor))
        except Refused as refused:
            if refused.code in ("no-file", "not-a-folder"):
                return None
            raise

    def read(self, path: str, *, limit: int | None = None) -> bytes:
        with self._opened(path, os.O_RDONLY) as descriptor:
            plain(os.fstat(descriptor), path)
            wanted = LARGEST + 1 if limit is None else limit
            parts: list[bytes] = []
            while wanted > 0 and (part := os.read(descriptor, min(1 << 20, wanted))):
                parts.append(part)
                wanted -= len(part)
            if limit is None and not wanted:
                raise Refused(f"{path} has more than {LARGEST:,} bytes, too many to read at once.", code="too-big")
            return b"".join(parts)

    def open(self, path: str) -> BinaryIO:
        with self._opened(path, os.O_RDONLY) as descriptor:
            plain(os.fstat(descriptor), path)
            return os.fdopen(os.dup(descriptor), "rb")

    def write(self, path: str, data: bytes) -> None:
        for _ in range(LINKS):
            with self._parent(path, make=True) as (folder, name):
                there = found(folder, name)
                if there is not None and stat.S_ISLNK(there.st_mode):
                    path = self._led(path, folder, name)
                    continue
                if there is not None:
                    plain(there, path)
                replace(folder, name, data, there)
                return
        raise Refused(f"{path} is a link that leads in a circle.", code="outside")

    def remove(self, path: str) -> None:
        with self._parent(path) as (folder, name):
            self._one_file(folder, name, path)
            os.unlink(name, dir_fd=folder)

    def move(self, path: str, to: str) -> None:
        with self._parent(path) as (source, name):
            self._one_file(source, name, path)
            with self._parent(to, make=True) as (target, new):
                rename_new(source, name, target, new)

    def names(self, path: str = ".") -> list[tuple[str, Entry]]:
        with self._opened(path, FOLDER) as descriptor:
            listed: list[tuple[str, Entry]] = []
            for name in sorted(os.listdir(descriptor)):  # noqa: PTH208 - of an open folder, not of a path
                there = found(descriptor, name)
                if there is not None:
                    listed.append((name, entry(there)))
            return listed

    @contextlib.contextmanager
    def _opened(self, path: str, flags: int) -> Generator[int]:
        relative = self._relative(path)
        with (
            explained(path),
            closing(os.open(self._root, FOLDER | os.O_CLOEXEC)) as root,
            closing(open_beneath(root, relative, flags)) as descriptor,
        ):
            yield descriptor

    @contextlib.contextmanager
    def _parent(self, path: str, make: bool = False) -> Generator[tuple[int, str]]:
        """The open folder that something to be changed lies in, and its name there. Refuses git's own."""
        head, _, name = self._relative(path).rpartition("/")
        if name in ("", ".", ".."):
            raise Refused(f"{path} is a folder; name a file.", code="folder")
        with (
            explained(path),
            closing(os.open(self._root, FOLDER | os.O_CLOEXEC)) as root,
            closing(opened_or_made(root, head or ".", make)) as folder,
        ):
            if is_git(name) or within_git(root, folder):
                raise Refused(f"{path} belongs to git and may only be changed by it.", code="git")
            yield folder, name

    def _relative(self, path: str) -> str:
        if "\0" in path:
            raise Refused("A path can't hold a NUL character.", code="bad-name")
        if not path.startswith("/"):
            return path.rstrip("/") or "."
        for root in (self._root, self._root.resolve()):
            if path == str(root) or path.startswith(f"{root}/".replace("//", "/")):
                return path[len(str(root)) :].strip("/") or "."
        raise Refused(f"{path} lies outside the tree ({self._root}); name a path in it.", code="outside")

    def _led(self, path: str, folder: int, name: str) -> str:
        """Where a link leads, as a path beneath the root. It is looked at again, so it may change meanwhile."""
        target = os.readlink(name, dir_fd=folder)
        if target.startswith("/"):
            raise Refused(f"{path} is a link to {target}; write to a path in the tree.", code="outside")
        return f"{self._relative(path).rpartition('/')[0] or '.'}/{target}"

    def _one_file(self, folder: int, name: str, path: str) -> None:
        there = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISDIR(there.st_mode):
            raise Refused(f"{path} is a folder; name one file.", code="folder")


def opened_or_made(root: int, path: str, make: bool) -> int:
    try:
        return open_beneath(root, path, FOLDER)
    except FileNotFoundError:
        if not make:
            raise
    head, _, name = path.rstrip("/").rpartition("/")
    with closing(opened_or_made(root, head or ".", make)) as folder:
        if is_git(name) or within_git(root, folder):
            raise Refused("A folder of git's own may only be made by it.", code="git")
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o755, dir_fd=folder)
            owned_as(os.fstat(folder), name, folder)
    return open_beneath(root, path, FOLDER)


def within_git(root: int, folder: int) -> bool:
    """By where the kernel says that the open folder is: links to `.git` are seen through."""
    inner = Path(f"/proc/self/fd/{folder}").readlink()
    outer = Path(f"/proc/self/fd/{root}").readlink()
    return any(is_git(part) for part in inner.parts[len(outer.parts) :])


def entry(there: os.stat_result) -> Entry:
    return Entry(stat.S_ISDIR(there.st_mode), there.st_size, stat.S_IMODE(there.st_mode))


def found(folder: int, name: str) -> os.stat_result | None:
    """Of the name itself, not of where it leads."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def plain(there: os.stat_result, path: str) -> None:
    if stat.S_ISDIR(there.st_mode):
        raise Refused(f"{path} is a folder.", code="folder")
    if not stat.S_ISREG(there.st_mode):
        raise Refused(f"{path} is no ordinary file.", code="not-a-file")


def replace(folder: int, name: str, data: bytes, before: os.stat_result | None) -> None:
    """A new file takes the name, so other names of the old one (hard links) keep what they hold."""
    temporary = f".{secrets.token_hex(8)}.part"
    descriptor = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=folder
    )
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            owned_as(before or os.fstat(folder), descriptor)
            os.fchmod(descriptor, stat.S_IMODE(before.st_mode) & 0o777 if before else 0o644)
            os.fsync(descriptor)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise


def owned_as(model: os.stat_result, what: int | str, folder: int | None = None) -> None:
    """As root, what we make belongs to whom the tree belongs to, not to root."""
    if os.geteuid() == 0:
        os.chown(what, model.st_uid, model.st_gid, dir_fd=folder, follow_symlinks=isinstance(what, int))
