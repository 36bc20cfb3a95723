"""What a person is shown before they approve, and the digest that binds their answer to exactly that."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping

Shown = tuple[tuple[str, str], ...]


def shown(what: str, arguments: Mapping[str, object], *, where: str) -> Shown:
    """Line by line: what, each argument whole, and where. Nothing invisible survives."""
    lines = [("what", what), ("where", where)]
    lines += [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in sorted(arguments.items())
    ]
    return tuple((name, visible(value)) for name, value in lines)


def changed(lines: Shown, instead: Mapping[str, str]) -> Shown:
    """What is shown of a call once these arguments of it are others."""
    return (*lines[:2], *((name, visible(instead[name]) if name in instead else value) for name, value in lines[2:]))


def digest(lines: Shown) -> str:
    """SHA-256 of exactly what was shown, in hex."""
    return hashlib.sha256(json.dumps(lines, ensure_ascii=True).encode()).hexdigest()


def visible(text: str) -> str:
    r"""Every control, formatting (bidi, zero-width) or private character written out as `\u{…}`; tab and newline stay.

    A backslash is doubled, so that two different texts never look the same.
    """
    return "".join(_visible(c) for c in text)


def _visible(c: str) -> str:
    if c == "\\":
        return "\\\\"
    if c in "\n\t":
        return c
    category = unicodedata.category(c)
    if category[0] == "C" or category in ("Zl", "Zp") or (category == "Zs" and c != " "):
        return f"\\u{{{ord(c):x}}}"
    return c
