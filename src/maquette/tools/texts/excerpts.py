"""Some lines of a file of any size, in bounded memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from maquette.domain.errors import Refused
from maquette.kinds.files import Files
from maquette.tools.texts.documents import LIMIT, Document, is_binary
from maquette.tools.texts.seen import REMEMBERED, Sight

SHOWN = 30_000
"""Characters of one excerpt."""
WIDTH = 1_500
"""Characters of one line."""
_PIECE = 1 << 16


@dataclass(frozen=True)
class Excerpt:
    """Lines without their endings. `total` lines are in the file; None where it is too big to count."""

    lines: list[str]
    total: int | None
    sight: Sight | None


def excerpt(files: Files, path: str, first: int, count: int) -> Excerpt:
    """Lines `first` (from 1) and on. Raises `Refused` when it is no text."""
    with files.open(path) as file:
        start = file.read(_PIECE)
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            return _decoded(start + file.read(LIMIT), path, first, count)
        if is_binary(start):
            raise Refused(f"{path} is a binary file; look at it with shell (file, strings, xxd).", code="binary-file")
        file.seek(0)
        return _Reader(file).read(first, count)


def _decoded(data: bytes, path: str, first: int, count: int) -> Excerpt:
    lines = Document.of(data, path).lines
    return Excerpt([_cut(line, len(line)) for line in lines[first - 1 : first - 1 + count]], len(lines), Sight.of(data))


class _Reader:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.blake2b(digest_size=16)
        self._data: bytearray | None = bytearray()
        self._read = 0

    def read(self, first: int, count: int) -> Excerpt:
        lines: list[str] = []
        size = number = 0
        while (line := self._line()) is not None:
            number += 1
            if number >= first and len(lines) < count and size < SHOWN:
                lines.append(line.removeprefix("\ufeff") if number == 1 else line)
                size += len(line) + 1
            elif number >= first and self._read > LIMIT:
                return Excerpt(lines, None, None)
        packed = bytes(self._data) if self._data is not None else None
        return Excerpt(lines, number, Sight.made(self._digest.digest(), packed))

    def _line(self) -> str | None:
        """The next line; what is beyond its width is passed over, not held."""
        kept = self._piece()
        if not kept:
            return None
        length, last = len(kept), kept
        while not last.endswith(b"\n") and (piece := self._piece()):
            length, last = length + len(piece), piece
        text = kept[: WIDTH * 4].decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
        return _cut(text, length - last.endswith(b"\n"))

    def _piece(self) -> bytes:
        piece = self._file.readline(_PIECE)
        self._digest.update(piece)
        self._read += len(piece)
        if self._data is not None:
            self._data += piece
            if len(self._data) > REMEMBERED:
                self._data = None
        return piece


def _cut(line: str, length: int) -> str:
    return line if len(line) <= WIDTH else f"{line[:WIDTH]}… [{length - WIDTH:,} more]"
