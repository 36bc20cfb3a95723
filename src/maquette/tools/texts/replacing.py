"""One piece of a file put in the place of another, found as exactly as can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from maquette.domain.errors import Refused
from maquette.tools.texts.documents import Document, Splice, legible, line_starts
from maquette.tools.texts.matching import ALIKE, AROUND, TRAILING, Leniency, Lines, numbered, plain

_SHOWN = 12


@dataclass(frozen=True)
class Replaced:
    """`lines`: where, counted from 1. `overlooked` says what didn't match to the letter, or is empty."""

    document: Document
    lines: tuple[int, ...]
    overlooked: str = ""


def replace(document: Document, old: str, new: str, path: str, *, every: bool) -> Replaced:
    """Raises `Refused`: `no-match` (with what is there instead), `ambiguous` (with the lines)."""
    old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
    if not old:
        raise Refused("`old` is empty; use write to make a file, or name the text to put it after.", code="no-match")
    if old == new:
        raise Refused("`old` and `new` are the same.", code="no-match")
    for way in (_exactly, _alike, _by_lines(TRAILING), _by_lines(AROUND), _by_lines(ALIKE)):
        splices, overlooked = way(document, old, new)
        if not splices:
            continue
        lines = tuple(document.text.count("\n", 0, s.start) + 1 for s in splices[:_SHOWN])
        if len(splices) > 1 and not every:
            raise Refused(
                f"{path} has `old` {len(splices)} times, at lines {', '.join(map(str, lines))}"
                f"{' …' if len(splices) > _SHOWN else ''}. Add lines around it until it is one place, or set all.",
                code="ambiguous",
            )
        return Replaced(document.spliced(splices), lines, overlooked)
    raise _missing(document, old, path)


Way = Callable[[Document, str, str], tuple[list[Splice], str]]


def _exactly(document: Document, old: str, new: str) -> tuple[list[Splice], str]:
    return _found(document.text, old, new), ""


def _alike(document: Document, old: str, new: str) -> tuple[list[Splice], str]:
    return _found(plain(document.text), plain(old), new), "typographic quotes, dashes or spaces"


def _found(text: str, old: str, new: str) -> list[Splice]:
    splices: list[Splice] = []
    at = text.find(old)
    while at >= 0:
        splices.append(Splice(at, at + len(old), new))
        at = text.find(old, at + len(old))
    return splices


def _by_lines(leniency: Leniency) -> Way:
    """Whole lines; where they match but for their indentation, the new ones take that of the file."""

    def way(document: Document, old: str, new: str) -> tuple[list[Splice], str]:
        wanted, lines = old.strip("\n").split("\n"), document.lines
        if not any(line.strip() for line in wanted):
            return [], ""
        starts = line_starts(document.text)
        splices: list[Splice] = []
        until = 0
        for line in Lines(lines).places(wanted, leniency):
            end = line + len(wanted)
            if line < until or end > len(lines):
                continue
            shifted = _shifted(new.strip("\n"), wanted, lines[line:end])
            if shifted is None:
                continue
            until = end
            splices.append(Splice(starts[line], starts[end - 1] + len(lines[end - 1]), shifted))
        return splices, leniency.says

    return way


def _shifted(new: str, wanted: Sequence[str], there: Sequence[str]) -> str | None:
    """`new` moved as far as `there` is moved against `wanted`; None when that isn't one distance for all."""
    pairs = [(_indent(w), _indent(t)) for w, t in zip(wanted, there, strict=True) if w.strip()]
    more = {t.removesuffix(w) for w, t in pairs if t.endswith(w)}
    if len(more) == 1 and all(t.endswith(w) for w, t in pairs):
        (prefix,) = more
        return "\n".join(prefix + line if line.strip() else line for line in new.split("\n"))
    less = {w.removesuffix(t) for w, t in pairs if w.endswith(t)}
    if len(less) == 1 and all(w.endswith(t) for w, t in pairs):
        (prefix,) = less
        return "\n".join(line.removeprefix(prefix) for line in new.split("\n"))
    return None


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _missing(document: Document, old: str, path: str) -> Refused:
    lines, wanted = document.lines, old.strip("\n").split("\n")
    nearest = Lines(lines).nearest(wanted)
    if nearest is None:
        return Refused(f"`old` isn't in {path} ({len(lines)} lines), nor anything like it.", code="no-match")
    there = legible(numbered(lines, max(nearest - 1, 0), min(len(wanted), _SHOWN) + 2))
    return Refused(f"`old` isn't in {path} to the letter. What comes nearest there:\n{there}", code="no-match")
