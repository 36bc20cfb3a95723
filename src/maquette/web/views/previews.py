"""Workbooks, documents and PDFs that a thread made, as they are seen in its result. Each is brought once it is near."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import groupby
from typing import Annotated
from urllib.parse import quote

import htpy as h
from fastapi import Query
from starlette.responses import HTMLResponse

from maquette.actions import reviews
from maquette.domain.previews import (
    Block,
    DocumentPreview,
    Page,
    PagesPreview,
    Preview,
    SheetPreview,
    Unseen,
    WorkbookPreview,
)
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.web.cards.image import picture
from maquette.web.views.words import count

router = routes.pages()

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WHY = {
    "broken": "It can’t be read: it is broken, or isn’t what its name says.",
    "locked": "It is locked with a password, so only the program it was made for can open it.",
    "too-much": "It holds too much to be shown here.",
    "lacking": "What shows it isn’t installed here: pip install 'maquette[artifacts]' adds it.",
    "uncontained": "It isn’t shown here, since nothing on this machine could contain what reads it: "
    "maquette doctor says how to mend that.",
}


@router.get("/threads/{name}/preview/{commit}/{path:path}")
async def preview(
    home: Here, name: str, commit: str, path: str, first: Annotated[int, Query(ge=1, le=100_000)] = 1
) -> HTMLResponse:
    """What is seen of one file."""
    seen = await reviews.preview(home, name, commit, path, first)
    drawn = await asyncio.to_thread(lambda: str(h.fragment[_drawn(seen, path, address(name, commit, path))]))
    return HTMLResponse(drawn)


def address(thread: str, commit: str, path: str) -> str:
    return f"/threads/{thread}/preview/{commit}/{quote(path)}"


def near(thread: str, commit: str, path: str) -> h.Element:
    """Brings what is seen of a file when it comes into view."""
    return h.Element("load-late")(src=address(thread, commit, path), data_near=True)[h.p(".note")["Loading…"]]


def _drawn(seen: Preview, path: str, to: str) -> h.Node:
    match seen:
        case WorkbookPreview():
            return _workbook(seen, path)
        case DocumentPreview():
            return _document(seen, path)
        case PagesPreview():
            return _pages(seen, path, to)
        case Unseen():
            return _note(f"{_WHY[seen.why]} Save it to open it elsewhere.")


def _note(*said: str) -> h.Element | None:
    said = tuple(sentence for sentence in said if sentence)
    return h.p(".note")[" ".join(said)] if said else None


def _workbook(book: WorkbookPreview, path: str) -> h.Node:
    several = len(book.sheets) > 1
    sheets = [
        h.section(aria_label=sheet.name)[several and h.h4(dir="auto")[sheet.name], _sheet(sheet)]
        for sheet in book.sheets
    ]
    return [
        h.Element("sheet-tabs")(aria_label=f"Sheets of {path}")[sheets] if several else sheets,
        _note(
            f"{count(book.more_sheets, 'more sheet')}." if book.more_sheets else "",
            f"{count(book.hidden, 'hidden sheet')} left out." if book.hidden else "",
            f"{count(book.charts, 'chart')} left out." if book.charts else "",
            "What begins with = is computed when a program for sheets opens the file." if book.formulas else "",
        ),
    ]


def _sheet(sheet: SheetPreview) -> h.Node:
    if not sheet.rows:
        return _note("It is empty.")
    more = "More rows" if sheet.more_rows is None else count(sheet.more_rows, "more row") if sheet.more_rows else ""
    wide = count(sheet.more_columns, "more column") if sheet.more_columns else ""
    left = " and ".join(part for part in (more, wide) if part)
    return [
        h.div(".scrolls.sheeted", tabindex="0", role="group", aria_label=f"Sheet {sheet.name}")[
            h.table[
                h.thead[h.tr[h.td, (h.th(scope="col")[letter] for letter in _LETTERS[: len(sheet.rows[0])])]],
                h.tbody[
                    (
                        h.tr[
                            h.th(scope="row")[at],
                            (h.td(class_="number" if cell.number else None, dir="auto")[cell.text] for cell in row),
                        ]
                        for at, row in enumerate(sheet.rows, 1)
                    )
                ],
            ]
        ],
        left and _note(f"{left} left out."),
    ]


def _document(document: DocumentPreview, path: str) -> h.Node:
    if not document.blocks:
        return _note("There is no text in it.", _pictures(document))
    return [
        h.div(".document", tabindex="0", role="group", aria_label=path)[_blocks(document.blocks)],
        _note("The rest isn’t shown here." if document.cut else "", _pictures(document)),
    ]


def _pictures(document: DocumentPreview) -> str:
    return f"{count(document.pictures, 'picture')} left out." if document.pictures else ""


def _blocks(blocks: Sequence[Block]) -> list[h.Node]:
    """Headings begin below those of the page, and skip none."""
    drawn: list[h.Node] = []
    top = min((block.level for block in blocks if block.kind == "heading"), default=1)
    before = 3
    for listed, group in groupby(blocks, lambda block: block.kind in ("bullet", "number")):
        if listed:
            drawn.append(_list(list(group)))
            continue
        for block in group:
            if block.kind == "heading":
                before = min(block.level - top + 4, before + 1, 6)
                drawn.append(h.Element(f"h{before}")(dir="auto")[block.text])
            elif block.kind == "table":
                drawn.append(_table(block))
            else:
                drawn.append(h.p(dir="auto")[block.text])
    return drawn


def _list(items: Sequence[Block]) -> h.Element:
    """Items that lie deeper than the one before them are a list within it."""
    lines: list[h.Element] = []
    at = 0
    while at < len(items):
        end = at + 1
        while end < len(items) and items[end].level > items[0].level:
            end += 1
        lines.append(h.li(dir="auto")[items[at].text, end > at + 1 and _list(items[at + 1 : end])])
        at = end
    return (h.ol if items[0].kind == "number" else h.ul)[lines]


def _table(block: Block) -> h.Element:
    rows = (h.tr[(h.td(dir="auto")[cell] for cell in row)] for row in block.rows)
    return h.div(".scrolls", tabindex="0", role="group", aria_label="Table")[h.table[h.tbody[rows]]]


def _pages(seen: PagesPreview, path: str, to: str) -> h.Node:
    """Further ones take the place of the button that asked for them."""
    pages = [_page(page, number, seen.count) for number, page in enumerate(seen.pages, seen.first)]
    after = seen.first + len(seen.pages)
    more = (
        after <= seen.count
        and h.Element("load-late")(src=f"{to}?first={after}", data_instead="below")[
            h.p[h.button(type="button")["Show more pages"], h.small[f" {after - 1} of {seen.count:,}"]]
        ]
    )
    if seen.first > 1:
        return [pages, more]
    return h.div(".pages", tabindex="0", role="group", aria_label=f"Pages of {path}")[pages, more]


def _page(page: Page, number: int, of: int) -> h.VoidElement:
    return picture(page.image, f"Page {number} of {of}. {page.text}".strip())
