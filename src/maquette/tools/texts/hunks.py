"""A patch's hunks, put to the text of one file. The file's own bytes win wherever a hunk only names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maquette.domain.errors import Refused
from maquette.tools.texts.documents import Document, Splice, legible, line_starts
from maquette.tools.texts.matching import COUNTED, Found, Lines, numbered
from maquette.tools.texts.patches import Hunk, Mark

_SHOWN = 12


@dataclass(frozen=True)
class Revised:
    """A document after its hunks, and what was overlooked or guessed on the way."""

    document: Document
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Placed:
    """A hunk's lines, from `line` of the file on."""

    line: int
    lines: Sequence[tuple[Mark, str]]
    hunk: Hunk

    @property
    def end(self) -> int:
        return self.line + sum(1 for mark, _ in self.lines if mark is not Mark.ADD)


def revise(document: Document, hunks: Sequence[Hunk], path: str) -> Revised:
    """Raises `Refused` (code `no-match`) saying which hunk found no place, and what is there instead."""
    reviser = _Reviser(document, path)
    for hunk in hunks:
        reviser.place(hunk)
    return reviser.revised()


class _Reviser:
    def __init__(self, document: Document, path: str) -> None:
        self._document = document
        self._path = path
        self._texts = document.lines
        self._lines = Lines(self._texts)
        self._at = 0
        self._placed: list[_Placed] = []
        self._notes: list[str] = []

    def place(self, hunk: Hunk) -> None:
        self._anchor(hunk)
        if not hunk.old:
            line = self._at if hunk.anchors and not hunk.at_end else len(self._texts)
            self._keep(_Placed(line, hunk.lines, hunk))
            return
        for lines in _variants(hunk):
            wanted = [text for mark, text in lines if mark is not Mark.ADD]
            found = self._seek(wanted, hunk)
            if found is not None:
                self._note(hunk, found)
                self._keep(_Placed(found.line, lines, hunk))
                return
        raise self._missing(hunk, hunk.old)

    def _anchor(self, hunk: Hunk) -> None:
        for depth, anchor in enumerate(hunk.anchors):
            found = self._lines.find([anchor], self._at)
            if found is None and depth == 0:
                found = self._lines.find([anchor])
            if found is None:
                raise self._missing(hunk, [anchor])
            self._at = found.line + 1

    def _seek(self, wanted: Sequence[str], hunk: Hunk) -> Found | None:
        """Where the hunk says; failing that, further up, if there is but one such place."""
        if hunk.at_end:
            found = self._lines.find(wanted, self._at, at_end=True)
            if found is not None:
                return found
        # The anchor may be the hunk's own first line of context.
        start = self._at - 1 if hunk.anchors else self._at
        found = self._lines.find(wanted, start)
        if found is not None:
            return found
        found = self._lines.find(wanted)
        return found if found is not None and not found.others else None

    def _keep(self, placed: _Placed) -> None:
        self._placed.append(placed)
        self._at = placed.end

    def _note(self, hunk: Hunk, found: Found) -> None:
        name = f"hunk {hunk.number} of {self._path}"
        if found.leniency.says:
            self._notes.append(f"{name} matched at line {found.line + 1}, overlooking {found.leniency.says}")
        if found.others and not hunk.anchors and not hunk.at_end:
            more = "many more places" if found.others >= COUNTED else f"{found.others} more"
            self._notes.append(f"{name} was put at line {found.line + 1}, the first of several places ({more})")

    def revised(self) -> Revised:
        starts = line_starts(self._document.text)
        runs: list[_Placed] = []
        for placed in sorted(self._placed, key=lambda p: (p.line, p.end)):
            if runs and placed.line < runs[-1].end:
                raise Refused(
                    f"Hunk {placed.hunk.number} of {self._path} overlaps another hunk; make them one.", code="no-match"
                )
            if runs and placed.line == runs[-1].end:
                runs[-1] = _Placed(runs[-1].line, (*runs[-1].lines, *placed.lines), placed.hunk)
            else:
                runs.append(placed)
        splices = [splice for run in runs for splice in self._splices(run, starts)]
        return Revised(self._document.spliced(splices), tuple(self._notes))

    def _splices(self, placed: _Placed, starts: Sequence[int]) -> list[Splice]:
        """Only what is added or removed is touched; the context stays the file's own."""
        splices: list[Splice] = []
        line, first, added = placed.line, placed.line, list[str]()

        def close() -> None:
            if added or line > first:
                splices.append(self._splice(first, line, added, starts))
                added.clear()

        for mark, text in placed.lines:
            if mark is Mark.KEEP:
                close()
                line += 1
                first = line
            elif mark is Mark.REMOVE:
                line += 1
            else:
                added.append(text)
        close()
        return splices

    def _splice(self, first: int, end: int, added: Sequence[str], starts: Sequence[int]) -> Splice:
        text = self._document.text
        new = "".join(line + "\n" for line in added)
        start, stop = (
            starts[first] if first < len(starts) else len(text),
            starts[end] if end < len(starts) else len(text),
        )
        if stop == len(text) and text and not text.endswith("\n"):
            # The file's last line has no newline, and neither shall the new last line have one.
            if start == len(text):
                return Splice(start, stop, "\n" + new[:-1] if new else "")
            return Splice(start, stop, new[:-1]) if new else Splice(max(start - 1, 0), stop, "")
        return Splice(start, stop, new)

    def _missing(self, hunk: Hunk, wanted: Sequence[str]) -> Refused:
        looked = "\n".join(wanted[:_SHOWN]) + ("\n…" if len(wanted) > _SHOWN else "")
        nearest = self._lines.nearest(wanted)
        if not self._texts:
            there = "The file is empty."
        elif nearest is None:
            there = f"Nothing in the file ({len(self._texts)} lines) is like it; read the file again."
        else:
            count = min(len(wanted), _SHOWN) + 2
            there = "What comes nearest there:\n" + numbered(self._texts, max(nearest - 1, 0), count)
        return Refused(
            legible(f"Hunk {hunk.number} of {self._path} doesn't match the file. It looks for:\n{looked}\n{there}"),
            code="no-match",
        )


def _variants(hunk: Hunk) -> list[tuple[tuple[Mark, str], ...]]:
    """As written; else without blank lines of context around it, which patches often have by mistake."""
    lines = list(hunk.lines)
    while lines and lines[-1] == (Mark.KEEP, ""):
        lines.pop()
    while lines and lines[0] == (Mark.KEEP, ""):
        lines.pop(0)
    trimmed = tuple(lines)
    return [hunk.lines] if trimmed == hunk.lines or all(m is Mark.ADD for m, _ in trimmed) else [hunk.lines, trimmed]
