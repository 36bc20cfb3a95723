"""How parts of a brief are typed."""

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
