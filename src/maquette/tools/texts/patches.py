"""The patch format that models are trained on, read: `*** Begin Patch` … `*** End Patch`.

Read with the usual leniencies: a heredoc or a code fence around it, Windows endings, a `+` missing before every
line of a new file, the one space missing before a line of context.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from maquette.domain.errors import Refused

BEGIN, END, LAST = "*** Begin Patch", "*** End Patch", "*** End of File"
_HEADER = re.compile(r"\*\*\* (Add File|Delete File|Update File|Move to): ?(.*)")
_RANGES = re.compile(r"-\d+(,\d+)? \+\d+(,\d+)? @@.*")
_HEREDOC = re.compile(r"(?:(?:apply_patch|applypatch)\s+)?<<-?\s*(['\"]?)(\w+)\1")
_FENCE = re.compile(r"```\w*")


class Mark(StrEnum):
    KEEP = " "
    REMOVE = "-"
    ADD = "+"


@dataclass(frozen=True)
class Hunk:
    """One change. `anchors` are the lines after `@@`, outermost first; `number` counts from 1 in its file."""

    number: int
    anchors: tuple[str, ...]
    lines: tuple[tuple[Mark, str], ...]
    at_end: bool = False

    @property
    def old(self) -> list[str]:
        return [text for mark, text in self.lines if mark is not Mark.ADD]


@dataclass(frozen=True)
class AddFile:
    path: str
    text: str


@dataclass(frozen=True)
class DeleteFile:
    path: str


@dataclass(frozen=True)
class UpdateFile:
    path: str
    hunks: tuple[Hunk, ...]
    move_to: str | None = None


Section = AddFile | DeleteFile | UpdateFile


def parse(patch: str) -> tuple[Section, ...]:
    """Raises `Refused` (code `bad-patch`) with the line at fault."""
    return _Parser(_unwrapped(patch)).sections()


def _unwrapped(patch: str) -> list[str]:
    lines = patch.replace("\r\n", "\n").strip().split("\n")
    if _FENCE.fullmatch(lines[0].strip()) and lines[-1].strip() == "```":
        lines = lines[1:-1]
    heredoc = _HEREDOC.fullmatch(lines[0].strip()) if lines else None
    if heredoc:
        lines = lines[1:-1] if lines[-1].strip() == heredoc[2] else lines[1:]
    while lines and not lines[-1].strip():
        lines.pop()
    if lines and lines[0].strip() == BEGIN:
        lines = lines[1:]
    elif not lines or not _HEADER.fullmatch(lines[0].strip()):
        raise _bad(f"A patch begins with the line {BEGIN!r}.")
    if not lines or lines[-1].strip() != END:
        raise _bad(f"A patch ends with the line {END!r}; this one may have been cut off.")
    return lines[:-1]


class _Parser:
    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._at = 0

    def sections(self) -> tuple[Section, ...]:
        found: list[Section] = []
        while self._at < len(self._lines):
            if not self._lines[self._at].strip():
                self._at += 1
                continue
            found.append(self._section())
        if not found:
            raise _bad("The patch is empty.")
        return tuple(found)

    def _section(self) -> Section:
        kind, path = self._header()
        match kind:
            case "Add File":
                return AddFile(path, self._new_text())
            case "Delete File":
                return DeleteFile(path)
            case "Update File":
                return self._update(path)
            case _:
                self._at -= 1
                raise self._unexpected("'*** Move to: ' belongs right after '*** Update File: '")

    def _header(self) -> tuple[str, str]:
        header = _HEADER.fullmatch(self._lines[self._at].strip())
        if header is None:
            raise self._unexpected("a line like '*** Update File: path' was expected")
        path = header[2].strip()
        if not path:
            raise self._unexpected("the path is missing")
        self._at += 1
        return header[1], path

    def _body(self) -> list[str]:
        """The lines up to the next section."""
        start = self._at
        while self._at < len(self._lines) and not _HEADER.fullmatch(self._lines[self._at].rstrip()):
            self._at += 1
        return list(self._lines[start : self._at])

    def _new_text(self) -> str:
        start = self._at
        lines = self._body()
        while lines and lines[-1].strip() in ("", LAST):
            lines.pop()
        if any(line.startswith("+") for line in lines):
            bare = next((n for n, line in enumerate(lines) if line and not line.startswith("+")), None)
            if bare is not None:
                self._at = start + bare
                raise self._unexpected("each line of a new file begins with '+'")
            lines = [line[1:] for line in lines]
        return "".join(line + "\n" for line in lines)

    def _update(self, path: str) -> UpdateFile:
        move_to: str | None = None
        if self._at < len(self._lines) and self._lines[self._at].startswith("*** Move to:"):
            _, move_to = self._header()
        start = self._at
        hunks: list[Hunk] = []
        anchors: list[str] = []
        lines: list[tuple[Mark, str]] = []

        def close(*, at_end: bool = False) -> None:
            if any(line != (Mark.KEEP, "") for line in lines):
                hunks.append(Hunk(len(hunks) + 1, tuple(anchors), tuple(lines), at_end))
                anchors.clear()
            lines.clear()

        body = self._body()
        for number, line in enumerate(body):
            if line.startswith("@@"):
                close()
                anchors += _anchor(line)
            elif line.rstrip() == LAST:
                close(at_end=True)
            elif line.startswith("*** "):
                self._at = start + number
                raise self._unexpected("a line of a hunk begins with ' ', '-', '+' or '@@'")
            elif not line.startswith("\\ No newline"):
                lines.append(_marked(line))
        close()
        if anchors:
            raise _bad(f"In {path}, '@@ {anchors[-1]}' is followed by no changes.")
        if not hunks and move_to is None:
            raise _bad(f"The update of {path} has no changes.")
        return UpdateFile(path, tuple(hunks), move_to)

    def _unexpected(self, why: str) -> Refused:
        return _bad(f"Line {self._at + 2} of the patch is {self._lines[self._at][:120]!r}: {why}.")


def _anchor(line: str) -> list[str]:
    """What is after `@@`; a unified diff's line numbers say nothing, and are passed over."""
    text = line[2:].strip()
    return [] if not text or _RANGES.fullmatch(text) else [text]


def _marked(line: str) -> tuple[Mark, str]:
    if line[:1] in ("+", "-"):
        return Mark(line[0]), line[1:]
    return Mark.KEEP, line[1:] if line.startswith(" ") else line


def _bad(sentence: str) -> Refused:
    return Refused(sentence, code="bad-patch")
