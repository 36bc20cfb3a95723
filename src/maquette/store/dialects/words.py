"""Words: what a person looks for, and what a text is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from maquette.domain.terms import fold

WEIGHED = 5_000
"""Of very many matches only so many of the newest are weighed."""
MONTH = 30 * 86_400e6
_PHRASE = re.compile(r'"([^"]*)"?|([^\s"]+)')
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
LONG = 200_000
"""Characters of a text that are looked at for a snippet."""
_MOST_WORDS = 32
_SHOWN = 24


@dataclass(frozen=True)
class Term:
    """Words in a row, in a text if they are to match; `begun`: the last also stands for those that begin with it."""

    words: Sequence[str]
    begun: bool


def terms(query: str) -> list[Term]:
    """Of a person's query, in which nothing is an operator. Empty: no word in it.

    The last word may be only begun, unless it is in quotes or followed by a space.
    """
    found = list(_PHRASE.finditer(query))[:_MOST_WORDS]
    said = [_WORD.findall(match[0]) for match in found]
    begun = bool(found) and found[-1][2] is not None and found[-1].end() == len(query)
    return [Term(words, begun and n == len(said) - 1) for n, words in enumerate(said) if words]


def folded(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word without case and accents, and where it stands."""
    for match in _WORD.finditer(text):
        yield fold(match[0]), match.start(), match.end()


def snippet(text: str, sought: Sequence[Term], marks: tuple[str, str]) -> str:
    """Some words of `text` from just before the first that is sought, those that are sought between `marks`."""
    whole = {fold(word) for term in sought for word in term.words}
    begun = tuple(fold(term.words[-1]) for term in sought if term.begun)
    found = [(start, end, word in whole or word.startswith(begun)) for word, start, end in folded(text[:LONG])]
    first = max(0, next((n for n, (_, _, hit) in enumerate(found) if hit), 0) - 4)
    shown = found[first : first + _SHOWN]
    pieces = ["…"] if first else []
    at = shown[0][0] if first and shown else 0
    for start, end, hit in shown:
        pieces += [text[at:start], f"{marks[0]}{text[start:end]}{marks[1]}" if hit else text[start:end]]
        at = end
    return "".join([*pieces, "…" if first + _SHOWN < len(found) else text[at:]])
