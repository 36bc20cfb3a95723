"""Which sheets there will be, what is on them, and what each chart shows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import Literal

from .columns import Column
from .sources import Row, Source, Value

MOST_ROWS = 1_048_000
"""On one sheet; a spreadsheet holds 1,048,576."""
FILE = "file"
_WORTH_SHOWING = re.compile(r"amount|total|revenue|sales|sum|betrag|umsatz|value|turnover|cost|spend", re.IGNORECASE)
_TOO_MANY = 31


@dataclass(frozen=True)
class Bucket:
    """One point of a chart: a label, and the days or the text that count for it."""

    label: str
    start: date | None = None
    end: date | None = None
    """Not included."""


@dataclass(frozen=True)
class ChartPlan:
    """A sum of `number` for each bucket of `category` (columns by position, from 0)."""

    category: int
    number: int
    buckets: Sequence[Bucket]
    by: Literal["text", "day", "month", "year"]
    title: str


@dataclass
class SheetPlan:
    """One sheet: a file, or several of one folder with the same columns."""

    title: str
    sources: list[Source]
    columns: list[Column]
    count: int = 0
    ragged: int = 0
    notes: list[str] = field(default_factory=list[str])
    chart: ChartPlan | None = None

    @property
    def joined(self) -> bool:
        return len(self.sources) > 1

    def rows(self) -> Iterator[tuple[Sequence[Value], Row]]:
        """Each row's values, the file's name first where several are joined."""
        for source in self.sources:
            stem = PurePosixPath(source.name).stem
            for row in source.rows():
                yield ([stem, *row.values] if self.joined else row.values), row


def plan(sources: Sequence[Source], folder: str, *, separate: bool) -> list[SheetPlan]:
    """Reads every file once, to know its columns' kinds. `folder` names what was asked for."""
    groups: dict[object, list[Source]] = {}
    for source in sources:
        alike = (PurePosixPath(source.name).parent, tuple(source.columns))
        groups.setdefault(source.name if separate else alike, []).append(source)
    sheets: list[SheetPlan] = []
    for group in groups.values():
        comma = any(source.mark == "," or not source.mark for source in group)
        names = [*([_free(FILE, group[0].columns)] if len(group) > 1 else []), *group[0].columns]
        sheet = SheetPlan(_title(group, folder, [s.title for s in sheets]), group, [Column(n, comma) for n in names])
        for values, row in sheet.rows():
            sheet.count += 1
            sheet.ragged += row.ragged
            for column, value in zip(sheet.columns, values, strict=True):
                column.feed(value)
        sheet.notes = [note for column in sheet.columns if (note := column.note)]
        sheet.chart = _chart(sheet)
        sheets.append(sheet)
    return sheets


def _free(name: str, taken: Sequence[str]) -> str:
    return name if name not in taken else f"{name} name"


def _title(group: Sequence[Source], folder: str, taken: Sequence[str]) -> str:
    """At most 31 characters, without those that spreadsheets don't allow, and not yet in use."""
    paths = [PurePosixPath(source.name) for source in group]
    name = paths[0].stem if len(group) == 1 else paths[0].parent.name or folder
    clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip().strip("'")[:31] or "data"
    if clean.lower() in {"history", "summary"}:
        clean += " data"
    used = {t.lower() for t in taken}
    title, again = clean, 2
    while title.lower() in used:
        title, again = f"{clean[: 30 - len(str(again))]} {again}", again + 1
    return title


def _chart(sheet: SheetPlan) -> ChartPlan | None:
    numbers = [i for i, c in enumerate(sheet.columns) if c.adds_up]
    if not numbers or sheet.count < 2 or sheet.count > MOST_ROWS:
        return None
    number = next((i for i in numbers if _WORTH_SHOWING.search(sheet.columns[i].name)), numbers[-1])
    name = sheet.columns[number].name
    for index, column in enumerate(sheet.columns):
        if column.kind in {"date", "time"} and column.first and column.last:
            by, buckets = _spans(column.first, column.last)
            if 2 <= len(buckets) <= _TOO_MANY:
                return ChartPlan(index, number, buckets, by, f"{name} by {by}")
    for index, column in enumerate(sheet.columns):
        texts = sorted({str(v).strip() for v in column.distinct})
        if column.kind == "text" and 2 <= len(texts) <= 20 and (len(texts) < sheet.count or sheet.count <= 20):
            return ChartPlan(index, number, [Bucket(t) for t in texts], "text", f"{name} by {column.name}")
    return None


def _spans(first: date, last: date) -> tuple[Literal["day", "month", "year"], list[Bucket]]:
    days = (last - first).days
    if days <= _TOO_MANY - 1:
        starts = [first + timedelta(d) for d in range(days + 2)]
        return "day", _between(starts, "%Y-%m-%d")
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months <= _TOO_MANY - 1:
        total = first.year * 12 + first.month - 1
        starts = [date((total + m) // 12, (total + m) % 12 + 1, 1) for m in range(months + 1)]
        return "month", _between(starts, "%Y-%m")
    return "year", _between([date(y, 1, 1) for y in range(first.year, last.year + 2)], "%Y")


def _between(starts: Sequence[date], form: str) -> list[Bucket]:
    return [Bucket(a.strftime(form), a, b) for a, b in itertools.pairwise(starts)]
