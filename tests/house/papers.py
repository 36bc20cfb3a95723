"""Workbooks, documents and PDFs, as bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any, cast

import openpyxl

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STYLES = (("Title", "Title", ""), ("Big", "heading 1", ""), ("Own", "mine", "Big"), ("Dots", "List Bullet", ""))


def packed(parts: Mapping[str, str | bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w", packing, compresslevel=1) as into:
        for name, part in parts.items():
            into.writestr(name, part)
    return held.getvalue()


def workbook(sheets: Mapping[str, list[list[Any]]], formats: Mapping[str, str] | None = None) -> bytes:
    """`formats`: of cells of the first sheet. A sheet whose name begins with a dot is hidden."""
    book = cast("Any", openpyxl.Workbook())
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.lstrip("."))
        sheet.sheet_state = "hidden" if name.startswith(".") else "visible"
        for row in rows:
            sheet.append(row)
    for cell, form in (formats or {}).items():
        book.worksheets[0][cell].number_format = form
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def with_sheet(book: bytes, rows: str) -> bytes:
    """A workbook whose first sheet is this XML."""
    with zipfile.ZipFile(BytesIO(book)) as held:
        parts: dict[str, str | bytes] = {name: held.read(name) for name in held.namelist()}
    sheet = f'<worksheet xmlns="{SHEET}"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'
    return packed(parts | {"xl/worksheets/sheet1.xml": sheet})


def paragraph(text: str, style: str = "", depth: int | None = None, number: int = 1) -> str:
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    listed = "" if depth is None else f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'
    return f"<w:p><w:pPr>{styled}{listed}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def document(body: str, before: str = "") -> bytes:
    """A document in which number 1 is a list with numbers and dots below them."""
    styles = "".join(
        f'<w:style w:styleId="{one}"><w:name w:val="{name}"/><w:basedOn w:val="{on}"/></w:style>'
        for one, name, on in STYLES
    )
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:numFmt w:val="{form}"/></w:lvl>' for at, form in enumerate(("decimal", "bullet"))
    )
    lists = f'<w:abstractNum w:abstractNumId="4">{levels}</w:abstractNum>'
    numbers = '<w:num w:numId="1"><w:abstractNumId w:val="4"/></w:num>'
    return packed(
        {
            "word/document.xml": f'{before}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
            "word/styles.xml": f'<w:styles xmlns:w="{WORD}">{styles}</w:styles>',
            "word/numbering.xml": f'<w:numbering xmlns:w="{WORD}">{lists}{numbers}</w:numbering>',
        }
    )


def pdf(pages: int, trailer: str = "") -> bytes:
    """Each page says its number."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(pages))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {pages}/Kids[{kids}]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for at in range(pages):
        drawn = f"BT /F 24 Tf 60 720 Td (This is page {at + 1}) Tj ET"
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {5 + 2 * at} 0 R"
            "/Resources<</Font<</F 3 0 R>>>>>>",
            f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream",
        ]
    made, places = "%PDF-1.4\n", list[int]()
    for number, held in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj{held} endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    made_of = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{len(made)}\n%%EOF"
    return f"{made}{made_of}{end}".encode()
