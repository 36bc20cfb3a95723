# pyright: basic, reportOptionalOperand=false, reportArgumentType=false, reportOperatorIssue=false
# (openpyxl has no types)
"""The sheets of a workbook: what is in their cells, as they show it."""

from __future__ import annotations

import math
import re
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from . import formats

SHEETS, ROWS, COLUMNS, LETTERS = 10, 100, 20, 300
"""What is shown at most; characters of a cell."""
COUNTED, UNPACKED = 100_000, 128 << 20
"""Cells that are looked at in all; bytes that a file may come to."""
_SUM = re.compile(r"=SUM\(\$?[A-Z]{1,3}\$?\d{1,7}:\$?[A-Z]{1,3}\$?\d{1,7}\)")


def read(data: bytes, first: int) -> dict[str, object]:
    with zipfile.ZipFile(BytesIO(data)) as packed:
        if sum(part.file_size for part in packed.infolist()) > UNPACKED:
            raise OverflowError
        charts = sum(bool(re.fullmatch(r"xl/charts/chart\d+\.xml", name)) for name in packed.namelist())
    book = load_workbook(BytesIO(data), read_only=True, data_only=False)
    computed = load_workbook(BytesIO(data), read_only=True, data_only=True)
    seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    some = seen[:SHEETS]
    sheets = [_Sheet(sheet, computed[sheet.title], COUNTED // len(some)) for sheet in some]
    return {
        "kind": "workbook",
        "sheets": [sheet.told for sheet in sheets],
        "more_sheets": max(0, len(seen) - SHEETS),
        "hidden": len(book.worksheets) - len(seen),
        "charts": charts,
        "formulas": sum(sheet.formulas for sheet in sheets),
    }


class _Sheet:
    """`formulas`: how many are shown as such."""

    def __init__(self, sheet, computed, counted: int) -> None:
        self.formulas = 0
        self._numbers: dict[int, dict[int, int | float]] = {}
        self._unsure: set[tuple[int, int]] = set()
        rows, self._last, widest, self._whole = self._looked_through(sheet, counted)
        wide = max((len(row) for row in rows), default=0)
        values = self._computed(computed, len(rows)) if self._unsure else None
        shown = [
            [self._cell(cell, values and values.get((at, column))) for column, cell in enumerate(row)]
            + [("", False)] * (wide - len(row))
            for at, row in enumerate(rows)
        ]
        self.told = {
            "name": sheet.title[:LETTERS],
            "rows": shown,
            "more_rows": self._last - len(rows) if self._whole else None,
            "more_columns": max(0, widest - COLUMNS),
        }

    def _looked_through(self, sheet, counted: int) -> tuple[list[list], int, int, bool]:
        """Its first rows; the number of its last; its widest; whether that is all of it."""
        rows, last, widest, looked = [], 0, 0, 0
        sheet.reset_dimensions()
        for at, row in enumerate(sheet.iter_rows()):
            looked += len(row) + 1
            if looked > counted:
                return rows, last, widest, False
            held = 0
            for column, cell in enumerate(row):
                if cell.value is None:
                    continue
                held = column + 1
                if cell.data_type == "f":
                    self._unsure.add((at, column))
                elif isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
                    self._numbers.setdefault(column, {})[at] = cell.value
            if held:
                last, widest = at + 1, max(widest, held)
            if held and at < ROWS:
                rows += [[] for _ in range(at - len(rows))]
                rows.append(list(row[: min(held, COLUMNS)]))
        return rows, last, widest, True

    @staticmethod
    def _computed(sheet, rows: int) -> dict[tuple[int, int], object]:
        sheet.reset_dimensions()
        cells = enumerate(sheet.iter_rows(max_row=rows, max_col=COLUMNS, values_only=True))
        return {(at, column): value for at, row in cells for column, value in enumerate(row) if value is not None}

    def _cell(self, cell, computed) -> tuple[str, bool]:
        value = cell.value
        if cell.data_type == "f":
            formula = value.text if isinstance(value, ArrayFormula) else value
            formula = "=TABLE()" if isinstance(formula, DataTableFormula) else str(formula)
            value = self._sum(formula) if computed is None else computed
            if value is None:
                self.formulas += 1
                return formula[:LETTERS], False
        return _shown(value, cell.number_format if value is not None else "General")

    def _sum(self, formula: str) -> int | float | None:
        """What a plain sum comes to, where all that it adds up is known: a file that no program for sheets has saved
        since holds the formula alone.
        """
        if not self._whole or not _SUM.fullmatch(formula):
            return None
        left, top, right, bottom = range_boundaries(formula[5:-1].replace("$", ""))
        inside = range(top - 1, min(bottom, self._last))
        if any(at in inside and left - 1 <= column < right for at, column in self._unsure):
            return None
        added = [
            number
            for column, numbers in self._numbers.items()
            if left - 1 <= column < right
            for at, number in numbers.items()
            if at in inside
        ]
        return math.fsum(added) if any(isinstance(number, float) for number in added) else sum(added)


def _shown(value, form: str) -> tuple[str, bool]:
    match value:
        case None:
            return "", False
        case bool():
            return str(value).upper(), False
        case int() | float():
            return formats.number(value, form)[:LETTERS], True
        case datetime() if (value.hour, value.minute, value.second) == (0, 0, 0):
            return value.date().isoformat(), True
        case datetime():
            return value.isoformat(" ", "minutes" if not value.second else "seconds"), True
        case date() | time():
            return value.isoformat(), True
        case timedelta():
            return str(value), True
    return str(value)[:LETTERS], False
