"""Terms: the words of a text as numbers, the same wherever and whenever they are made.

Whoever ranks posts and whoever keeps them must mean the same number by the same word: so it is said once, here. A
number is a checksum of 32 bits: two words share one about once in 80,000 words, which ranking can bear.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterable
from hashlib import blake2b
from zlib import crc32

UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that don't part words by spaces: to an index, a whole sentence of them is one word."""
_WORD = re.compile(r"[^\W\d_](?:[^\W_]|[\u0300-\u036f])+")
_ADDRESS = re.compile(r"https?://([\w.-]+)\S*")
_NUMBERED = re.compile(r"\d")
_LONGEST, _LONGEST_NUMBERED = 40, 5
"""Characters of a word; of one with digits in it, beyond which it is somebody's number and no word."""
_MOST = 2_000
"""Terms of one text."""
_READ = 100_000
"""Characters of a text that are looked at."""
_NONE = -1
_known: dict[str, int] = {}
_MOST_KNOWN = 500_000


def fold(word: str) -> str:
    """Without case and accents."""
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if unicodedata.category(c) != "Mn")


def term(word: str) -> int:
    """Of one word, however it is written."""
    return crc32(fold(word).encode(errors="replace"))


def words(text: str) -> list[str]:
    """What `terms` numbers, in the order of the text: words of two characters and more, and of an address its host.

    Numbers are no words, so that what differs only in them has the same terms.
    """
    return [word for word in _found(text) if _counts(word)]


def _found(text: str) -> list[str]:
    text = text[:_READ]
    if "://" in text:
        text = _ADDRESS.sub(r" \1 ", text)
    found = _WORD.findall(text)
    if not text.isascii() and UNSPACED.search(text):
        found = [part for word in found for part in _pairs(word)]
    return found


def _counts(word: str) -> bool:
    return len(word) <= _LONGEST_NUMBERED or not _NUMBERED.search(word)


def terms(text: str) -> array[int]:
    """Each once, in growing order; so the first few are a fair sample, by which two texts can be compared."""
    known = _known
    if len(known) > _MOST_KNOWN:
        known.clear()
    numbers: set[int] = set()
    for word in _found(text):
        number = known.get(word)
        if number is None:
            number = known[word] = term(word[:_LONGEST]) if _counts(word) else _NONE
        numbers.add(number)
    numbers.discard(_NONE)
    return array("I", sorted(numbers)[:_MOST])


def alike(packed: bytes) -> int:
    """A signed number of 64 bits for these terms (as bytes); 0 when there are none."""
    return digest(packed) if packed else 0


def digest(data: bytes) -> int:
    """A signed number of 64 bits that stands for `data`."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little", signed=True)


def unpacked(packed: bytes) -> array[int]:
    """The numbers of a glance's `to` or `terms`."""
    return array("I", packed)


def packed(numbers: Iterable[int]) -> bytes:
    return array("I", numbers).tobytes()


def _pairs(word: str) -> list[str]:
    """Of a word that may be a whole sentence: each two characters that stand together."""
    if not UNSPACED.search(word):
        return [word]
    return [word[n : n + 2] for n in range(len(word) - 1)] or [word]
