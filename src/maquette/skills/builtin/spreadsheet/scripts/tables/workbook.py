# pyright: basic, reportArgumentType=false, reportAttributeAccessIssue=false
# (openpyxl has no types)
"""Writes the workbook, row by row: memory doesn't grow with the data."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, islice
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.data_source import AxDataSource, StrRef
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from .columns import Column
from .plan import MOST_ROWS, ChartPlan, SheetPlan
from .sources import Row, Value

_HEADER = (Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="2F4B6E"))
_TOTAL = (Font(bold=True), PatternFill("solid", fgColor="E8ECF1"))
_RAGGED = PatternFill("solid", fgColor="FFF2B3")
_LONGEST = 32_767


def write(path: Path, sheets: Sequence[SheetPlan], skipped: Sequence[tuple[str, str]], title: str) -> None:
    """Makes `path` in one piece: it is there whole, or not at all."""
    book = Workbook(write_only=True)
    _summary(book, sheets, skipped, title)
    for sheet in sheets:
        rows = sheet.rows()
        for part in range(1, max(1, -(-sheet.count // MOST_ROWS)) + 1):
            name = sheet.title if part == 1 else f"{sheet.title[:27]} ({part})"
            left = min(MOST_ROWS, sheet.count - (part - 1) * MOST_ROWS)
            _Sheet(book.create_sheet(name), sheet, left).write(islice(rows, left))
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        book.save(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


class _Sheet:
    def __init__(self, sheet, plan: SheetPlan, count: int) -> None:
        self.sheet, self.plan, self.count = sheet, plan, count
        self.styled = {i: _format(c) for i, c in enumerate(plan.columns)}
        self.side = len(plan.columns) + 1
        """Where the chart's own small table stands, from 0: after one empty column."""

    def write(self, rows: Iterator[tuple[Sequence[Value], Row]]) -> None:
        plan = self.plan
        for index, column in enumerate(plan.columns, 1):
            width = max(len(column.name), column.width if column.kind == "text" else min(column.width + 3, 24))
            self.sheet.column_dimensions[get_column_letter(index)].width = min(max(width, 6) + 2, 60)
        self.sheet.freeze_panes = "A2"
        if plan.columns:
            last = get_column_letter(len(plan.columns))
            self.sheet.auto_filter.ref = f"A1:{last}{self.count + 1}"
        side = list(self._side())
        for number, values in enumerate(chain([None], rows)):
            cells = self._header() if values is None else self._cells(*values)
            beside = side[number] if number < len(side) else []
            self.sheet.append([*cells, None, *beside] if beside else cells)
        for beside in side[self.count + 1 :]:
            self.sheet.append([*[None] * self.side, *beside])
        if any(c.adds_up for c in plan.columns) and self.count:
            self.sheet.append(self._totals())
        if plan.chart:
            self._draw(plan.chart)

    def _header(self) -> list[object]:
        return [self._styled(column.name, *_HEADER) for column in self.plan.columns]

    def _styled(self, value: object, font: Font, fill: PatternFill, form: str = "") -> object:
        cell = _text(self.sheet, value) if isinstance(value, str) else WriteOnlyCell(self.sheet, value)
        cell.font, cell.fill = font, fill
        if form:
            cell.number_format = form
        return cell

    def _cells(self, values: Sequence[Value], row: Row) -> list[object]:
        made: list[object] = []
        for index, (column, value) in enumerate(zip(self.plan.columns, values, strict=True)):
            content = column.cell(value)
            if isinstance(content, str):
                cell = _text(self.sheet, content) if _is_special(content) or row.ragged else content
            elif content is None and not row.ragged:
                cell = None
            else:
                cell = WriteOnlyCell(self.sheet, content)
                cell.number_format = self.styled[index]
            if row.ragged and cell is not None:
                cell.fill = _RAGGED
            made.append(cell)
        return made

    def _totals(self) -> list[object]:
        cells: list[object] = []
        for index, column in enumerate(self.plan.columns):
            letter = get_column_letter(index + 1)
            value = f"=SUM({letter}2:{letter}{self.count + 1})" if column.adds_up else "Total" if index == 0 else None
            cell = WriteOnlyCell(self.sheet, value)
            cell.font, cell.fill = _TOTAL
            cell.number_format = self.styled[index]
            cells.append(cell)
        return cells

    def _side(self) -> Iterator[list[object]]:
        """The chart's own table, as formulas over the data."""
        plan = self.plan.chart
        if plan is None or not self.count:
            return
        letters = get_column_letter(plan.category + 1), get_column_letter(plan.number + 1)
        category, number = (f"${letter}$2:${letter}${self.count + 1}" for letter in letters)
        names = (
            self.plan.columns[plan.category].name if plan.by == "text" else plan.by,
            self.plan.columns[plan.number].name,
        )
        yield [self._styled(name, *_HEADER) for name in names]
        for row, bucket in enumerate(plan.buckets, 2):
            label = _text(self.sheet, bucket.label)
            if bucket.start and bucket.end:
                formula = f'=SUMIFS({number},{category},">="&{_day(bucket.start)},{category},"<"&{_day(bucket.end)})'
            else:
                formula = f"=SUMPRODUCT(--({category}={get_column_letter(self.side + 1)}{row}),{number})"
            cell = WriteOnlyCell(self.sheet, formula)
            cell.number_format = self.styled[plan.number]
            yield [label, cell]

    def _draw(self, plan: ChartPlan) -> None:
        chart = BarChart() if plan.by == "text" else LineChart()
        rows = len(plan.buckets) + 1
        numbers = Reference(self.sheet, min_col=self.side + 2, min_row=1, max_row=rows)
        chart.add_data(numbers, titles_from_data=True)
        letter, title = get_column_letter(self.side + 1), self.sheet.title.replace("'", "''")
        chart.series[0].cat = AxDataSource(strRef=StrRef(f=f"'{title}'!${letter}$2:${letter}${rows}"))
        chart.title, chart.legend = plan.title, None
        chart.x_axis.delete = chart.y_axis.delete = False
        chart.width, chart.height = 22, 11
        self.sheet.add_chart(chart, f"{get_column_letter(self.side + 4)}2")


def _summary(book: Workbook, sheets: Sequence[SheetPlan], skipped: Sequence[tuple[str, str]], title: str) -> None:
    sheet = book.create_sheet("Summary")
    for letter, width in zip("ABCDEFGH", (40, 26, 12, 12, 14, 14, 12, 80), strict=True):
        sheet.column_dimensions[letter].width = width
    heading = _text(sheet, title)
    heading.font = Font(bold=True, size=14)
    sheet.append([heading])
    sheet.append([])
    names = ("source", "sheet", "rows", "columns", "format", "encoding", "ragged", "notes")
    sheet.append([_filled(sheet, name, *_HEADER) for name in names])
    for plan in sheets:
        for number, source in enumerate(plan.sources):
            ragged = f"; uneven lines {', '.join(map(str, source.ragged[:20]))}, marked yellow" if source.ragged else ""
            notes = "; ".join([*source.notes, *(plan.notes if number == 0 else [])]) + ragged
            values = (source.count, len(source.columns), source.kind, source.encoding, len(source.ragged))
            last = _text(sheet, notes.removeprefix("; "))
            last.alignment = Alignment(wrap_text=True, vertical="top")
            sheet.append([_text(sheet, source.name), _text(sheet, plan.title), *values, last])
    if skipped:
        sheet.append([])
        sheet.append([_filled(sheet, name, *_HEADER) for name in ("left out", "why")])
        for name, why in skipped:
            sheet.append([_text(sheet, name), _text(sheet, why)])


def _filled(sheet, value: str, font: Font, fill: PatternFill) -> Cell:
    cell = _text(sheet, value)
    cell.font, cell.fill = font, fill
    return cell


def _format(column: Column) -> str:
    match column.kind:
        case "whole":
            return "#,##0" if column.adds_up else "0"
        case "decimal":
            zeros = f".{'0' * min(column.scale, 10)}" if column.scale else ""
            return f"#,##0{zeros}" if column.adds_up else f"0{zeros}"
        case "date":
            return "yyyy-mm-dd"
        case "time":
            return "yyyy-mm-dd hh:mm:ss"
        case _:
            return "General"


def _is_special(text: str) -> bool:
    return text[:1] in "=+-@\t\r\n" or len(text) > _LONGEST or ILLEGAL_CHARACTERS_RE.search(text) is not None


def _text(sheet, text: object) -> Cell:
    """Always text, whatever it begins with: never a formula."""
    clean = ILLEGAL_CHARACTERS_RE.sub("�", str(text))
    cell = WriteOnlyCell(sheet, clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1] + "…")
    cell.data_type = "s"
    if re.match(r"[=+\-@\t\r]", clean):
        cell.quotePrefix = True
    return cell


def _day(day: date) -> str:
    return f"DATE({day.year},{day.month},{day.day})"
