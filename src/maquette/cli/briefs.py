"""How parts of a brief, and of a fold, are typed."""

from __future__ import annotations

import argparse


def view(text: str) -> dict[str, object]:
    """`empty=index.html#empty@390x844` as the base wants it."""
    name, equals, path = text.partition("=")
    path, _, size = path.partition("@")
    width, _, height = size.partition("x")
    if not name or not equals or not path or (size and not (width.isdecimal() and height.isdecimal())):
        raise argparse.ArgumentTypeError(f"{text!r} isn't like empty=index.html#empty@390x844")
    sized: dict[str, object] = {"width": int(width), "height": int(height)} if size else {}
    return {"name": name, "path": path, **sized}


def take(text: str) -> dict[str, object]:
    """`7`, `7:index.html` or `7:index.html:0,2` as the base wants it."""
    number, _, rest = text.partition(":")
    path, _, hunks = rest.partition(":")
    wanted = [hunk for hunk in hunks.split(",") if hunk]
    if not number.isdecimal() or not all(hunk.isdecimal() for hunk in wanted):
        raise argparse.ArgumentTypeError(f"{text!r} isn't like 7, 7:index.html or 7:index.html:0,2")
    return {"of": number, "path": path or None, "hunks": [int(hunk) for hunk in wanted] or None}
