"""What a tool may do with the files of its tree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class Entry:
    """What is at a path. `size` in bytes; `mode` the permission bits."""

    is_folder: bool
    size: int
    mode: int


class Files(Protocol):
    """Files beneath one root. Paths are relative to it (absolute ones beneath it are taken too).

    Nothing outside the root can be reached, whatever links say and however they change meanwhile:
    each path is resolved by the kernel (`openat2`, RESOLVE_BENEATH). `.git` is refused for writing.
    All raise `Refused` with a sentence the model can act on. The calls block; use a thread.
    """

    @property
    def root(self) -> Path: ...

    def stat(self, path: str) -> Entry | None:
        """None when there is nothing."""
        ...

    def read(self, path: str, *, limit: int | None = None) -> bytes:
        """An ordinary file's bytes; with a limit, no more than that many from its start."""
        ...

    def open(self, path: str) -> BinaryIO:
        """An ordinary file, to be read piece by piece; the caller closes it."""
        ...

    def write(self, path: str, data: bytes) -> None:
        """Atomically (a temporary file beside it, then rename); makes folders; keeps mode bits.

        A link in the tree is followed; of a file with several names, only this one gets the new contents.
        """
        ...

    def remove(self, path: str) -> None:
        """One file."""
        ...

    def move(self, path: str, to: str) -> None:
        """One file; refuses to overwrite."""
        ...

    def names(self, path: str = ".") -> list[tuple[str, Entry]]:
        """A folder's own entries, sorted; links are told of as they are, not followed."""
        ...
