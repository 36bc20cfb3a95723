"""Workbooks, documents and PDFs that an agent made, read in a box: what is seen of them, and of those that do harm."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from house.papers import document, packed, paragraph, pdf, with_sheet, workbook
from maquette.domain.previews import DocumentPreview, PagesPreview, Preview, Unseen, WorkbookPreview
from maquette.kinds.sandboxes import Box, Probe, Profile
from maquette.sandboxes.bare import BareSandbox
from maquette.workspace.previews import Previews
from seams.boxes import best

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]


class Counted:
    """Counts its boxes."""

    name = "counted"

    def __init__(self) -> None:
        self.boxes = 0
        self._sandbox = best()
        self.tier = self._sandbox.tier

    async def probe(self) -> Probe:
        return await self._sandbox.probe()

    def box(self, profile: Profile) -> Box:
        self.boxes += 1
        return self._sandbox.box(profile)


async def seen(reader: str, data: bytes, first: int = 1, previews: Previews | None = None, blob: str = "b") -> Preview:
    async def contents() -> bytes:
        return data

    async with asyncio.timeout(40):
        return await (previews or Previews(best())).of(reader, blob, first, contents)


async def book(data: bytes) -> WorkbookPreview:
    found = await seen("xlsx", data)
    assert isinstance(found, WorkbookPreview)
    return found


async def test_a_workbook_is_seen_as_its_cells_show_it() -> None:
    day, hour = (datetime.fromisoformat(at) for at in ("2026-05-03", "2026-05-03T14:30"))
    numbers = [1234.5, 0.256, -1200, 12, 1 / 3]
    formats = {"A1": '#,##0.00 "€"', "B1": "0.0%", "C1": "$#,##0;($#,##0)", "D1": "000", "A2": "yyyy-mm-dd"}
    sheets = {
        "Sums": [numbers, [day, hour, True, None, "word"]],
        "Totals": [[1, 2.5], [3, 4], ["=SUM(A1:A2)", "=SUM(B1:B2)", "=A3*2", "=SUM(C1:C3)"]],
        ".Aside": [[1]],
    }
    found = await book(workbook(sheets, formats))
    first, totals = found.sheets
    assert [cell.text for cell in first.rows[0]] == ["1,234.50 €", "25.6%", "($1,200)", "012", "0.3333333333"]
    assert [cell.text for cell in first.rows[1]] == ["2026-05-03", "2026-05-03 14:30", "TRUE", "", "word"]
    assert [cell.number for cell in first.rows[1]] == [True, True, False, False, False]
    assert [cell.text for cell in totals.rows[2]] == ["4", "6.5", "=A3*2", "=SUM(C1:C3)"]
    assert (found.formulas, found.hidden, found.more_sheets) == (2, 1, 0)


async def test_what_of_a_workbook_is_left_out_is_said() -> None:
    sheets = {f"s{at}": [["x"] * 23] * (130 if at == 0 else 1) for at in range(12)}
    found = await book(workbook(sheets))
    assert (len(found.sheets), found.more_sheets) == (10, 2)
    first = found.sheets[0]
    assert (len(first.rows), first.more_rows, len(first.rows[0]), first.more_columns) == (100, 30, 20, 3)


async def test_a_huge_sheet_is_seen_from_its_beginning_without_a_count_that_nobody_made() -> None:
    row = "<row><c><v>7</v></c><c><v>8</v></c></row>"
    found = await book(with_sheet(workbook({"s": []}), row * 100_000))
    assert (len(found.sheets[0].rows), found.sheets[0].more_rows) == (100, None)


async def test_a_document_is_seen_with_its_headings_lists_and_tables() -> None:
    cells = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("month", "sum"))
    body = (
        paragraph("The year", "Title")
        + paragraph("What we did", "Own")
        + "<w:p><w:del><w:r><w:t>not</w:t></w:r></w:del><w:r><w:t>It went</w:t><w:tab/><w:t>well.</w:t></w:r></w:p>"
        + "".join(paragraph(text, depth=depth) for text, depth in (("one", 0), ("within", 1)))
        + f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
        + "<w:p><w:r><w:drawing/></w:r></w:p>"
    )
    found = await seen(
        "docx", document(body.replace("<w:t><w:del>", "<w:del>").replace("</w:del>It", "</w:del><w:t>It"))
    )
    assert isinstance(found, DocumentPreview)
    assert [(block.kind, block.level, block.text) for block in found.blocks] == [
        ("heading", 1, "The year"),
        ("heading", 1, "What we did"),
        ("paragraph", 0, "It went\twell."),
        ("number", 0, "one"),
        ("bullet", 1, "within"),
        ("table", 0, ""),
    ]
    assert found.blocks[-1].rows == (("month", "sum"),)
    assert (found.pictures, found.cut) == (1, False)


async def test_a_long_document_is_seen_from_its_beginning() -> None:
    found = await seen("docx", document(paragraph("words " * 100) * 500))
    assert isinstance(found, DocumentPreview)
    assert found.cut
    assert sum(len(block.text) for block in found.blocks) <= 60_000


async def test_pages_of_a_pdf_are_seen_as_pictures_some_at_a_time() -> None:
    previews, data = Previews(best()), pdf(2_000)
    for first, numbers in ((1, [1, 2, 3, 4]), (1_999, [1_999, 2_000])):
        found = await seen("pdf", data, first, previews)
        assert isinstance(found, PagesPreview)
        assert (found.count, found.first) == (2_000, first)
        assert [page.text for page in found.pages] == [f"This is page {number}" for number in numbers]
        assert all(page.image.sound for page in found.pages)


LAUGHS = "".join(f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 20}">' for at in range(8))
ENTITIES = f'<!DOCTYPE x [<!ENTITY a "{"ha" * 1000}">{LAUGHS}]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
LOCK = f"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{'00' * 32}>/U<{'00' * 32}>>>"
BOMB = {"xl/workbook.xml": b"\0" * (129 << 20)}
HARM = {
    "nothing": ("xlsx", lambda: b"", "broken"),
    "a workbook cut off": ("xlsx", lambda: workbook({"s": [[1]]})[:-200], "broken"),
    "a document that is none": ("docx", lambda: packed({"a.txt": "a"}), "broken"),
    "a workbook with a password": ("xlsx", lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "locked"),
    "a zip that unpacks to too much": ("xlsx", lambda: packed(BOMB), "too-much"),
    "a document that is too large": ("docx", lambda: document(" " * (33 << 20)), "too-much"),
    "what lies too deep": ("docx", lambda: document(f"<w:p>{'<w:r>' * 50_000}{'</w:r>' * 50_000}</w:p>"), "too-much"),
    "entities that grow": ("docx", lambda: document(paragraph("&h;"), ENTITIES), "broken"),
    "an entity from outside": ("docx", lambda: document(paragraph("&a;"), OUTSIDE), "broken"),
    "a PDF with a password": ("pdf", lambda: pdf(1, trailer=LOCK), "locked"),
    "a PDF that is none": ("pdf", lambda: b"%PDF-1.7 and no more", "broken"),
}


@pytest.mark.parametrize("name", HARM)
async def test_s16_what_would_do_harm_is_not_seen_and_it_is_known_why(name: str) -> None:
    reader, made, why = HARM[name]
    assert (await seen(reader, made())).model_dump() == {"kind": "unseen", "why": why}


def test_s16_a_reader_that_was_taken_over_tells_no_more_than_others() -> None:
    """S16: to draw millions of cells would hold up the base for many seconds."""
    sheet = {"name": "s", "rows": [[("", False)]] * 1_000, "more_rows": None, "more_columns": 0}
    lie = {"kind": "workbook", "sheets": [sheet], "more_sheets": 0, "hidden": 0, "charts": 0, "formulas": 0}
    with pytest.raises(ValidationError, match="at most 100"):
        TypeAdapter(Preview).validate_python(lie)


async def test_s16_a_reader_has_its_time_and_no_more() -> None:
    assert await seen("pdf", pdf(1), previews=Previews(best(), seconds=0.01)) == Unseen(why="too-much")


async def test_s16_nothing_is_read_where_nothing_contains_the_reader() -> None:
    assert await seen("pdf", pdf(1), previews=Previews(BareSandbox())) == Unseen(why="uncontained")


async def test_what_reads_it_may_be_missing() -> None:
    assert await seen("of-a-kind-that-nobody-reads", b"") == Unseen(why="lacking")


async def test_a_file_is_read_once_however_often_and_however_many_look_at_it() -> None:
    sandbox = Counted()
    previews = Previews(sandbox)
    one, two = await asyncio.gather(*(seen("pdf", pdf(1), previews=previews) for _ in range(2)))
    assert one == two == await seen("pdf", pdf(1), previews=previews)
    assert sandbox.boxes == 1
    await seen("pdf", pdf(2), previews=previews, blob="another")
    assert sandbox.boxes == 2
