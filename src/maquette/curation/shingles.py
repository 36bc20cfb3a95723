"""What a change says, as far as it can be compared: its tokens in runs of a few, with and without the names it gives.

Any language's: a lexer of words, numbers, strings and signs, for which comments, spaces and round brackets are nothing.
Nothing is parsed, so nothing that an agent wrote can do harm here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from maquette.curation.lines import changes, split

RUN = 4
# What isn't closed goes on to the end, so that nothing is read twice.
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)|<!--.*?(?:-->|\Z))
    |(?P<string>\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<number>\d[\w.]*)
    |(?P<word>[^\W\d]\w*)
    |(?P<sign>==|!=|<=|>=|:=|->|=>|&&|\|\||\*\*|[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)
# Bounded, so that no line takes longer than its length.
_GIVEN = (
    re.compile(r"\b(?:def|class|as|let|const|var|function|fn|func)\s+(\w+)"),
    re.compile(r"\b(?:for|lambda|let|const|var)\s+([\w\s,()]{1,80}?)\s{0,9}(?:\bin\b|\bof\b|:|=)"),
    re.compile(r"\b(?:def|function|fn|func)\s+\w+\s*\(([^()]{0,400})\)"),
    # An argument by name has no space before it; what is assigned has.
    re.compile(r"([\w, *()]{1,80})\s(?::=|[-+*/|&%]?=)(?!=)"),
)
_KEPT = frozenset(["in", "of", "if", "else", "not", "and", "or", "return", "for", "await", "self", "this", "None"])


@dataclass(frozen=True)
class Words:
    """Runs of tokens of a change: as they are, and with the names that it gives itself left out."""

    plain: frozenset[tuple[str, ...]]
    nameless: frozenset[tuple[str, ...]]


def words(changed: Mapping[str, tuple[str, str]]) -> Words:
    """Of the lines that a change adds and removes, by path: (those removed, those added)."""
    plain: set[tuple[str, ...]] = set()
    nameless: set[tuple[str, ...]] = set()
    for path, sides in changed.items():
        for side, text in zip("-+", sides, strict=True):
            tokens = _tokens(text)
            given = _given(text)
            where = (side, path.rpartition("/")[2])
            plain.update((*where, *run) for run in _runs([token for _, token in tokens]))
            nameless.update(
                (*where, *run)
                for run in _runs(
                    ["''" if kind == "string" else "·" if token in given else token for kind, token in tokens]
                )
            )
    return Words(frozenset(plain), frozenset(nameless))


def of_files(changed: Mapping[str, tuple[bytes | None, bytes | None]]) -> Words:
    """The same of what files held and hold; None: there was or is none."""
    return words({path: _sides(*sides) for path, sides in changed.items()})


def _sides(before: bytes | None, after: bytes | None) -> tuple[str, str]:
    """The lines that went, and those that came."""
    one, two = (split((side or b"").decode(errors="replace")) for side in (before, after))
    found = changes(one, two)
    gone = "".join(line for change in found for line in one[change.start : change.end])
    return gone, "".join(line for change in found for line in two[change.other_start : change.other_end])


def alike(one: frozenset[tuple[str, ...]], two: frozenset[tuple[str, ...]]) -> float:
    """Jaccard's share of what both have, in 0 … 1."""
    return len(one & two) / len(one | two) if one or two else 1.0


def within(part: frozenset[tuple[str, ...]], whole: frozenset[tuple[str, ...]]) -> float:
    """How much of the one is in the other, in 0 … 1."""
    return len(part & whole) / len(part) if part else 0.0


def _tokens(text: str) -> list[tuple[str, str]]:
    found = ((match.lastgroup or "", match.group()) for match in _TOKEN.finditer(text))
    return [(kind, token) for kind, token in found if kind != "comment" and token not in "();"]


def _given(text: str) -> set[str]:
    """The names that a text gives: those it defines, assigns, loops over or takes as arguments."""
    listed = (found for pattern in _GIVEN for found in pattern.findall(text))
    return {name for names in listed for name in re.findall(r"[^\W\d]\w*", names)} - _KEPT


def _runs(tokens: list[str]) -> Iterable[tuple[str, ...]]:
    if 0 < len(tokens) < RUN:
        return [tuple(tokens)]
    return zip(*(tokens[n:] for n in range(RUN)), strict=False)
