"""What changed in files, as a person reads it: a unified diff with git's headers, of bounded size and cost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from maquette.domain.cards import DiffCard
from maquette.tools.texts.documents import is_binary, legible

SHOWN = 60_000
"""Characters of a diff that are kept; `added` and `removed` count the whole."""
BRIEF = 4_000
_CONTEXT = 3
_LINES, _PAIRS = 2_000, 400_000


@dataclass(frozen=True)
class Change:
    """A file before and after; None: it is not there. `was` is its former path, where it was moved."""

    path: str
    before: bytes | None
    after: bytes | None
    was: str | None = None


def diff_card(changes: Sequence[Change]) -> DiffCard:
    """`files` are the paths as they are now (as they were, where deleted)."""
    drawn = [_Drawn.of(change) for change in changes]
    text = legible("".join(d.text for d in drawn))
    if len(text) > SHOWN:
        text = text[:SHOWN].rpartition("\n")[0] + f"\n… {len(text) - SHOWN:,} more characters are not shown\n"
    return DiffCard(
        diff=text,
        added=sum(d.added for d in drawn),
        removed=sum(d.removed for d in drawn),
        files=tuple(legible(c.path) for c in changes),
    )


def brief_diff(before: bytes, after: bytes, path: str) -> str:
    """The hunks alone, for a model; cut at `BRIEF` characters."""
    drawn = _Drawn.of(Change(path, before, after)).text
    hunks = legible(drawn[max(drawn.find("\n@@") + 1, 0) :])
    return hunks if len(hunks) <= BRIEF else hunks[:BRIEF].rpartition("\n")[0] + "\n…"


@dataclass(frozen=True)
class _Drawn:
    text: str
    added: int = 0
    removed: int = 0

    @classmethod
    def of(cls, change: Change) -> _Drawn:
        headers = "".join(line + "\n" for line in _headers(change))
        before, after = change.before or b"", change.after or b""
        if before == after:
            return cls(headers)
        old, new = _quoted("a/" + (change.was or change.path)), _quoted("b/" + change.path)
        old, new = ("/dev/null" if change.before is None else old), ("/dev/null" if change.after is None else new)
        if is_binary(before) or is_binary(after):
            return cls(headers + f"Binary files {old} and {new} differ\n")
        a, b = _lines(before), _lines(after)
        blocks = _blocks(a, b)
        body = "".join(_hunks(a, b, blocks))
        return cls(
            f"{headers}--- {old}\n+++ {new}\n{body}",
            sum(bhi - blo for _, _, blo, bhi in blocks),
            sum(ahi - alo for alo, ahi, _, _ in blocks),
        )


def _headers(change: Change) -> Iterator[str]:
    was = change.was or change.path
    yield f"diff --git {_quoted('a/' + was)} {_quoted('b/' + change.path)}"
    if change.before is None:
        yield "new file mode 100644"
    elif change.after is None:
        yield "deleted file mode 100644"
    elif was != change.path:
        yield f"rename from {_quoted(was)}"
        yield f"rename to {_quoted(change.path)}"


def _quoted(path: str) -> str:
    """As git writes it, where it has characters that would end it or break the line."""
    if re.fullmatch(r'[^\x00-\x1f"\\\x7f]*', path):
        return path
    letters = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(letters.get(c) or (f"\\{ord(c):03o}" if c < " " or c == "\x7f" else c) for c in path) + '"'


def _lines(data: bytes) -> list[str]:
    """With their endings: a change of endings is a change."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    ended = [line + "\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


Block = tuple[int, int, int, int]


def _blocks(a: Sequence[str], b: Sequence[str]) -> list[Block]:
    """Which lines of `a` became which of `b`. What would cost too much to compare counts as replaced whole."""
    shorter = min(len(a), len(b))
    head = next((n for n in range(shorter) if a[n] != b[n]), shorter)
    tail = next((n for n in range(shorter - head) if a[-1 - n] != b[-1 - n]), shorter - head)
    middle_a, middle_b = a[head : len(a) - tail], b[head : len(b) - tail]
    if not middle_a and not middle_b:
        return []
    times = Counter(middle_b)
    if max(len(middle_a), len(middle_b)) > _LINES or sum(times[line] for line in middle_a) > _PAIRS:
        return [(head, len(a) - tail, head, len(b) - tail)]
    matcher = SequenceMatcher(None, middle_a, middle_b, autojunk=False)
    return [
        (head + alo, head + ahi, head + blo, head + bhi)
        for tag, alo, ahi, blo, bhi in matcher.get_opcodes()
        if tag != "equal"
    ]


def _hunks(a: Sequence[str], b: Sequence[str], blocks: Sequence[Block]) -> Iterator[str]:
    groups: list[list[Block]] = []
    for block in blocks:
        if groups and block[0] - groups[-1][-1][1] <= 2 * _CONTEXT:
            groups[-1].append(block)
        else:
            groups.append([block])
    for group in groups:
        alo, ahi = max(group[0][0] - _CONTEXT, 0), min(group[-1][1] + _CONTEXT, len(a))
        blo, bhi = max(group[0][2] - _CONTEXT, 0), min(group[-1][3] + _CONTEXT, len(b))
        yield f"@@ -{_range(alo, ahi)} +{_range(blo, bhi)} @@\n"
        at = alo
        for first, last, new_first, new_last in group:
            yield from _marked(" ", a[at:first])
            yield from _marked("-", a[first:last])
            yield from _marked("+", b[new_first:new_last])
            at = last
        yield from _marked(" ", a[at:ahi])


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield mark + line if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"


def _range(low: int, high: int) -> str:
    count = high - low
    return f"{low + 1}" if count == 1 else f"{low + 1 if count else low},{count}"
