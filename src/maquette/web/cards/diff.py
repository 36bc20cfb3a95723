"""What changed, file by file; in a line that was replaced, the words that differ stand out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import htpy as h

from maquette.domain.cards import DiffCard
from maquette.web.cards.code import coloured

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)")
_WORDS = re.compile(r"\w+|\s+|.")
_LONGEST = 400
"""Characters of a line in which words are compared."""
_COMPARED = 2_000_000
"""Words of old lines times words of their new ones, at most, in one drawing: some tenths of a second."""
_MOST = 2_000
"""Lines of one file that are drawn."""


@dataclass
class FileDiff:
    """One file's part. `lines`: sign, number, text."""

    path: str
    what: str = ""
    lines: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    @property
    def added(self) -> int:
        return sum(sign == "+" for sign, _, _ in self.lines)

    @property
    def removed(self) -> int:
        return sum(sign == "-" for sign, _, _ in self.lines)


def draw(card: DiffCard) -> h.Element:
    return drawn(card.diff)


def drawn(diff: str) -> h.Element:
    """Of a unified diff with git's headers."""
    words, parts = Words(), files(diff)
    return h.div(".diff")[(_file(part, words, open_=len(parts) <= 3) for part in parts)]


def files(diff: str) -> list[FileDiff]:
    """A unified diff with git's headers, cut into its files."""
    parts: list[FileDiff] = []
    old = new = 0
    for line in diff.split("\n"):
        if line.startswith("diff --git "):
            parts.append(FileDiff(line.rpartition(" b/")[2] or line))
            old = new = 0
        elif not parts:
            continue
        elif found := _HUNK.match(line):
            old, new = int(found[1]), int(found[2])
            parts[-1].lines.append(("@", "", found[3].strip()))
        elif not new and not old:
            parts[-1].what = _what(line) or parts[-1].what
        elif line[:1] in ("+", "-", " "):
            sign = line[0]
            parts[-1].lines.append((sign, str(old if sign == "-" else new), line[1:]))
            old, new = old + (sign != "+"), new + (sign != "-")
    return parts


def _what(header: str) -> str:
    for begins, says in (
        ("new file", "new"),
        ("deleted file", "deleted"),
        ("rename from ", "renamed"),
        ("Binary files", "not text"),
        ("old mode", "mode changed"),
    ):
        if header.startswith(begins):
            return f"renamed from {header[12:]}" if says == "renamed" else says
    return ""


def _file(part: FileDiff, words: Words, open_: bool) -> h.Element:
    shown = part.lines[:_MOST]
    return h.details(open=open_)[
        h.summary[
            h.code[part.path],
            part.what and h.small[part.what],
            h.small(".counts")[h.ins[f"+{part.added}"], " ", h.del_[f"−{part.removed}"]],
        ],
        coloured(part.path, class_="lines", tabindex="0", role="group", aria_label=f"Changes of {part.path}")[
            _rows(shown, words)
        ],
        len(part.lines) > _MOST and h.p(".note")[f"{len(part.lines) - _MOST} more lines aren't shown here."],
    ]


def _rows(lines: Sequence[tuple[str, str, str]], words: Words) -> Iterator[h.Element]:
    at = 0
    while at < len(lines):
        gone = _run(lines, at, "-")
        come = _run(lines, at + len(gone), "+")
        pairs = [words.compared(old, new) for (_, _, old), (_, _, new) in zip(gone, come, strict=False)]
        for run, texts in ((gone, [old for old, _ in pairs]), (come, [new for _, new in pairs])):
            texts += [text for _, _, text in run[len(pairs) :]]
            yield from (_row(sign, number, text) for (sign, number, _), text in zip(run, texts, strict=True))
        at += len(gone) + len(come)
        if not gone and not come:
            yield _row(*lines[at])
            at += 1


def _run(lines: Sequence[tuple[str, str, str]], at: int, sign: str) -> list[tuple[str, str, str]]:
    end = at
    while end < len(lines) and lines[end][0] == sign:
        end += 1
    return list(lines[at:end])


class Words:
    """Marks what differs between a line and the one in its place, as long as that may take."""

    def __init__(self) -> None:
        self._left = _COMPARED

    def compared(self, old: str, new: str) -> tuple[h.Node, h.Node]:
        if max(len(old), len(new)) > _LONGEST:
            return old, new
        before, after = _WORDS.findall(old), _WORDS.findall(new)
        self._left -= len(before) * len(after)
        if self._left < 0:
            return old, new
        matched = SequenceMatcher(None, before, after, autojunk=False)
        if matched.ratio() < 0.4:
            return old, new
        first: list[h.Node] = []
        second: list[h.Node] = []
        for kind, a, b, c, d in matched.get_opcodes():
            was, now = "".join(before[a:b]), "".join(after[c:d])
            first.append(was if kind == "equal" else was and h.mark[was])
            second.append(now if kind == "equal" else now and h.mark[now])
        return first, second


def _row(sign: str, number: str, text: h.Node) -> h.Element:
    kinds = {"+": "plus", "-": "minus", "@": "hunk", " ": "same"}
    return h.div(class_=f"row {kinds[sign]}")[
        h.span(".number", aria_hidden="true")[number], h.span(".sign")[sign.replace("@", "⋯")], h.code[text]
    ]
