"""Pieces of a page that is merged into what is there (`static/elements/merging.js`): what is as it was stays."""

from __future__ import annotations

from zlib import crc32

import htpy as h
from markupsafe import Markup


def piece(element: h.Element, id: str, kind: str, body: h.Node, **more: str) -> h.Element:
    """`data-as` is another when anything in it is."""
    drawn = str(h.fragment[body])
    digest = crc32(f"{kind}{sorted(more.items())}{drawn}".encode())
    return element(id=id, class_=kind, data_as=f"{digest:08x}", **more)[Markup(drawn)]
