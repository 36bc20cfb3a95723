"""A text file as it is edited: everything outside an edit keeps its bytes (endings, BOM, encoding, last newline)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from maquette.domain.errors import Refused

LIMIT = 64 << 20
"""Bytes; a larger file is not held in memory to be edited."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LOOKED_AT = 8_000


@dataclass(frozen=True)
class Splice:
    """Put `new` in the place of `text[start:end]`."""

    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Document:
    """`text` has a newline where the file has `endings`, one for each. What isn't UTF-8 is kept as lone surrogates."""

    text: str
    endings: Sequence[str] = ()
    bom: bytes = b""
    encoding: str = "utf-8"

    @classmethod
    def of(cls, data: bytes, path: str) -> Document:
        """Raises `Refused` when it is no text."""
        bom, encoding = next(((b, e) for b, e in _BOMS if data.startswith(b)), (b"", "utf-8"))
        if encoding == "utf-8" and is_binary(data):
            raise Refused(f"{path} is a binary file; use shell to work on it.", code="binary-file")
        try:
            text = data[len(bom) :].decode(encoding, "surrogateescape" if encoding == "utf-8" else "strict")
        except UnicodeDecodeError:
            raise Refused(
                f"{path} is no valid {encoding.upper()}; use shell to work on it.", code="binary-file"
            ) from None
        count, windows = text.count("\n"), text.count("\r\n")
        if not windows:
            return cls(text, ["\n"] * count, bom, encoding)
        endings = ["\r\n"] * count if windows == count else re.findall(r"\r?\n", text)
        return cls(text.replace("\r\n", "\n"), endings, bom, encoding)

    def data(self) -> bytes:
        if "\r\n" in self.endings:
            pieces = self.text.split("\n")
            text = "".join(piece + ending for piece, ending in zip(pieces, (*self.endings, ""), strict=True))
        else:
            text = self.text
        return self.bom + text.encode(self.encoding, "surrogateescape" if self.encoding == "utf-8" else "strict")

    @property
    def lines(self) -> list[str]:
        """Without their endings; a last newline begins no line."""
        lines = self.text.split("\n")
        return lines[:-1] if not lines[-1] else lines

    def spliced(self, splices: Sequence[Splice]) -> Document:
        """With all of them done. They are in order and don't overlap; new lines end as their neighbours do."""
        pieces: list[str] = []
        endings: list[str] = []
        at = line = 0
        for splice in splices:
            kept = self.text[at : splice.start]
            until = line + kept.count("\n")
            endings += self.endings[line:until]
            endings += [self._ending(until)] * splice.new.count("\n")
            line = until + self.text.count("\n", splice.start, splice.end)
            pieces += (kept, splice.new)
            at = splice.end
        pieces.append(self.text[at:])
        return replace(self, text="".join(pieces), endings=[*endings, *self.endings[line:]])

    def _ending(self, line: int) -> str:
        if not self.endings:
            return "\n"
        return self.endings[min(line, len(self.endings) - 1)]


def is_binary(data: bytes) -> bool:
    """As git judges it: there is a NUL near the beginning."""
    return b"\0" in data[:_LOOKED_AT]


def legible(text: str) -> str:
    """Text that can be sent and stored: what wasn't UTF-8 in the file becomes U+FFFD."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def line_starts(text: str) -> list[int]:
    """The offset of each line's beginning, and the end of the text as the last."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    return starts if starts[-1] == len(text) else [*starts, len(text)]
