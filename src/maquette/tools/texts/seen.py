"""What this thread has seen of its files, so that nobody's change is overwritten unseen (F20)."""

from __future__ import annotations

import asyncio
import hashlib
import posixpath
import zlib
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from maquette.domain.errors import Refused
from maquette.kinds.tools import ToolContext
from maquette.tools.texts.diffs import brief_diff

_FILES = 500
REMEMBERED = 100_000
"""Bytes; of a larger file only the digest is kept."""


@dataclass(frozen=True)
class Sight:
    """A file's digest, and its compressed bytes where they are few."""

    digest: bytes
    packed: bytes | None

    @classmethod
    def of(cls, data: bytes) -> Sight:
        return cls.made(_digest(data), data if len(data) <= REMEMBERED else None)

    @classmethod
    def made(cls, digest: bytes, data: bytes | None) -> Sight:
        return cls(digest, zlib.compress(data, 1) if data is not None else None)


class Seen:
    """In the tree at `root`, by path. `writing` is held by whoever changes files: parallel calls must not lose one
    another's edits.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.as_posix()
        self.writing = asyncio.Lock()
        self._sights: OrderedDict[str, Sight] = OrderedDict()

    def note(self, path: str, data: bytes) -> None:
        """The model knows these bytes now: it read them, or wrote them."""
        self.saw(path, Sight.of(data))

    def saw(self, path: str, sight: Sight) -> None:
        key = self._key(path)
        self._sights[key] = sight
        self._sights.move_to_end(key)
        while len(self._sights) > _FILES:
            self._sights.popitem(last=False)

    def shown(self, path: str, data: bytes) -> None:
        """What somebody else changed was told; a file that was never read is not known by that."""
        if self._key(path) in self._sights:
            self.note(path, data)

    def forget(self, path: str) -> None:
        self._sights.pop(self._key(path), None)

    def change_since(self, path: str, data: bytes) -> str | None:
        """What somebody else changed since, as a diff; None when nothing, or when the file was never seen."""
        sight = self._sights.get(self._key(path))
        if sight is None or sight.digest == _digest(data):
            return None
        if sight.packed is None:
            return "(too long to show)"
        return brief_diff(zlib.decompress(sight.packed), data, path)

    @contextmanager
    def warning(self, path: str, data: bytes) -> Generator[str]:
        """What somebody else changed since, empty when nothing; a refusal from within tells of it too."""
        change = self.change_since(path, data)
        told = f"{path} was changed by somebody else since you last saw it:\n{change}" if change else ""
        try:
            yield told
        except Refused as error:
            self.shown(path, data)
            raise Refused(f"{error}\n{told}".rstrip(), code=error.code) from None

    def may_replace(self, path: str, data: bytes) -> None:
        """Raises `Refused` unless `data`, what is there now, is what the model last saw of it."""
        if self._key(path) not in self._sights:
            raise Refused(
                f"{path} exists and you haven't read it. Read it first, then write or edit it.",
                code="unread-file",
            )
        self.may_remove(path, data)

    def may_remove(self, path: str, data: bytes) -> None:
        """Raises `Refused` when somebody else changed the file since the model saw it; shows what."""
        change = self.change_since(path, data)
        if change is not None:
            self.shown(path, data)
            raise Refused(
                f"{path} was changed by somebody else since you last saw it; nothing was written. What changed:\n"
                f"{change}\nTake it into account and try again.",
                code="changed-file",
            )

    def _key(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self._root, path))


def seen_by(ctx: ToolContext) -> Seen:
    """One for the thread, as long as its box lives."""
    return ctx.keep("seen", lambda: Seen(ctx.files.root))


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
