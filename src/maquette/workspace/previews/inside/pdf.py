# pyright: basic
# (pypdfium2 has no types)
"""Pages of a PDF, as pictures."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

import pypdfium2

WIDTH, HEIGHT, PAGES, LETTERS = 1000, 2000, 4, 2_000
"""Pixels at most; pages at a time; characters of a page's text."""
_LOCKED = 4
"""FPDF_ERR_PASSWORD."""


def read(data: bytes, first: int) -> dict[str, object]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _LOCKED:
            raise PermissionError from error
        raise
    count = len(document)
    pages = [_page(document[at]) for at in range(first - 1, min(first - 1 + PAGES, count))]
    if not pages:
        raise ValueError("no pages")
    return {"kind": "pages", "count": count, "first": first, "pages": pages}


def _page(page) -> dict[str, object]:
    width, height = page.get_size()
    scale = min(WIDTH / width, HEIGHT / height)
    drawn = page.render(scale=scale, rev_byteorder=True)
    text = " ".join(page.get_textpage().get_text_bounded().split())
    image = {"media_type": "image/png", "data": b64encode(_png(drawn)).decode()}
    return {"image": image, "text": text[:LETTERS]}


def _png(drawn) -> bytes:
    """So that no library for pictures is needed."""
    raw, line = bytes(drawn.buffer), drawn.width * 3
    rows = b"".join(b"\0" + raw[at : at + line] for at in range(0, drawn.stride * drawn.height, drawn.stride))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", drawn.width, drawn.height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 6)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(held)) + name + held + struct.pack(">I", zlib.crc32(name + held)) for name, held in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
