"""What can be seen of a file that a program of its own would open: a workbook, a document, pages."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from maquette.domain.labels import Fact
from maquette.domain.messages import Image


class Cell(NamedTuple):
    """As its sheet shows it; numbers stand at the right."""

    text: str
    number: bool = False


class SheetPreview(Fact):
    """The first rows and columns of a sheet."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    more_rows: int | None
    """How many more have something in them; None: more than were counted."""
    more_columns: int


class WorkbookPreview(Fact):
    """Its first sheets. `formulas`: cells shown as their formula, since the file doesn't hold what they come to."""

    kind: Literal["workbook"] = "workbook"
    sheets: tuple[SheetPreview, ...]
    more_sheets: int
    hidden: int
    charts: int
    formulas: int


class Block(Fact):
    """A part of a document; `level` of a heading from 1, of an item from 0. A table has rows and no text."""

    kind: Literal["heading", "paragraph", "bullet", "number", "table"]
    text: str = ""
    level: Annotated[int, Field(ge=0, le=9)] = 0
    rows: tuple[tuple[str, ...], ...] = ()


class DocumentPreview(Fact):
    """The text of a document from its beginning. `cut`: there is more; `pictures` are counted, and not shown."""

    kind: Literal["document"] = "document"
    blocks: tuple[Block, ...]
    cut: bool
    pictures: int


class Page(Fact):
    """As a picture, and the text that is in it."""

    image: Image
    text: str


class PagesPreview(Fact):
    """Some pages of `count`; `first` counts from 1."""

    kind: Literal["pages"] = "pages"
    count: int
    first: int
    pages: tuple[Page, ...]


class Unseen(Fact):
    """Why nothing of it can be seen: it is `broken`, `locked` by a password, `too-much` to be read here; what reads it
    is `lacking`; or nothing contains what would read it (`uncontained`).
    """

    kind: Literal["unseen"] = "unseen"
    why: Literal["broken", "locked", "too-much", "lacking", "uncontained"]


Preview = Annotated[
    WorkbookPreview | DocumentPreview | PagesPreview | Unseen,
    Field(discriminator="kind"),
]
