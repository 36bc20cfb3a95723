"""The text of a document, with its headings, lists and tables."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple
from xml.etree.ElementTree import Element, fromstring

BLOCKS, LETTERS, ROWS, COLUMNS = 400, 60_000, 100, 20
"""What is shown at most: parts, characters in all, and of each table."""
UNPACKED = 32 << 20
"""Bytes that a part of the file which is read may come to."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_UNSEEN = {
    f"{_W}del",
    f"{_W}moveFrom",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n"}


class _Look(NamedTuple):
    """What a style makes of a paragraph: a heading of a level, an item of a list's level."""

    heading: int = 0
    list: str = ""
    depth: int = 0


def read(data: bytes, first: int) -> dict[str, object]:
    with zipfile.ZipFile(BytesIO(data)) as packed:
        names = set(packed.namelist())
        parts = {
            name: fromstring(_part(packed, f"word/{name}.xml")) if f"word/{name}.xml" in names else Element("none")
            for name in ("styles", "numbering")
        }
        body = fromstring(_part(packed, "word/document.xml")).find(f"{_W}body")
    if body is None:
        raise ValueError("no body")
    reader = _Reader(parts["styles"], parts["numbering"])
    blocks: list[dict[str, object]] = []
    letters = 0
    for block, size in reader.blocks(body):
        if len(blocks) == BLOCKS or letters + size > LETTERS:
            cut = True
            break
        blocks.append(block)
        letters += size
    else:
        cut = False
    return {"kind": "document", "blocks": blocks, "cut": cut, "pictures": sum(1 for _ in body.iter(f"{_W}drawing"))}


def _part(packed: zipfile.ZipFile, name: str) -> bytes:
    if packed.getinfo(name).file_size > UNPACKED:
        raise OverflowError
    return packed.read(name)


class _Reader:
    def __init__(self, styles: Element, numbering: Element) -> None:
        self._styles = {_value(style, "styleId"): style for style in styles.iter(f"{_W}style")}
        self._lists = {_value(one, "abstractNumId"): one for one in numbering.iter(f"{_W}abstractNum")}
        self._numbered = {_value(one, "numId"): _child(one, "abstractNumId") for one in numbering.iter(f"{_W}num")}

    def blocks(self, holder: Element) -> Iterator[tuple[dict[str, object], int]]:
        """Each part, with how many characters it has."""
        for child in holder:
            if child.tag == f"{_W}p":
                text = _text(child)
                if text.strip():
                    yield {**self._paragraph(child), "text": text[:LETTERS]}, len(text)
            elif child.tag == f"{_W}tbl":
                rows = [
                    ["\n".join(_text(part) for part in cell.iter(f"{_W}p")) for cell in _cells(row)[:COLUMNS]]
                    for row in child.findall(f"{_W}tr")[:ROWS]
                ]
                yield {"kind": "table", "rows": rows}, sum(len(cell) for row in rows for cell in row)
            elif child.tag == f"{_W}sdt":
                for inner in child.findall(f"{_W}sdtContent"):
                    yield from self.blocks(inner)

    def _paragraph(self, paragraph: Element) -> dict[str, object]:
        about = paragraph.find(f"{_W}pPr")
        look = _Look()
        name = _child(about, "pStyle")
        for _ in range(10):  # what a style is based on, which may lead in a circle
            style = self._styles.get(name)
            if style is None:
                break
            look = self._looks(style.find(f"{_W}pPr"), look, _child(style, "name"))
            name = _child(style, "basedOn")
        look = self._looks(about, look, "")
        if look.heading:
            return {"kind": "heading", "level": look.heading}
        if look.list:
            return {"kind": look.list, "level": look.depth}
        return {"kind": "paragraph"}

    def _looks(self, about: Element | None, look: _Look, named: str) -> _Look:
        """`look`, with what is said here where nothing was said nearer by; what a paragraph says itself comes last."""
        titled = re.fullmatch(r"heading (\d)", named.lower())
        heading = look.heading or (int(titled[1]) if titled else named.lower() == "title")
        outline = _child(about, "outlineLvl")
        if not heading and outline.isdecimal() and int(outline) < 9:
            heading = int(outline) + 1
        number = about.find(f"{_W}numPr") if about is not None else None
        if number is None or (look.list and named):
            return look._replace(heading=int(heading))
        depth = _child(number, "ilvl")
        which = _child(number, "numId")
        depth = min(int(depth), 8) if depth.isdecimal() else 0
        return _Look(int(heading), "" if which == "0" else self._kind(which, depth), depth)

    def _kind(self, which: str, depth: int) -> str:
        for level in self._lists.get(self._numbered.get(which, ""), Element("none")).iter(f"{_W}lvl"):
            if _value(level, "ilvl") == str(depth) and _child(level, "numFmt") not in ("bullet", "none", ""):
                return "number"
        return "bullet"


def _value(element: Element, name: str) -> str:
    return element.get(f"{_W}{name}", "")


def _child(element: Element | None, name: str) -> str:
    found = element.find(f"{_W}{name}") if element is not None else None
    return found.get(f"{_W}val", "") if found is not None else ""


def _cells(row: Element) -> list[Element]:
    return [cell for part in (row, *row.findall(f"{_W}sdt/{_W}sdtContent")) for cell in part.findall(f"{_W}tc")]


def _text(element: Element) -> str:
    if element.tag in _UNSEEN or element.find(f"{_W}rPr/{_W}vanish") is not None:
        return ""
    own = element.text or "" if element.tag == f"{_W}t" else _BREAKS.get(element.tag, "")
    return own + "".join(_text(child) for child in element)
