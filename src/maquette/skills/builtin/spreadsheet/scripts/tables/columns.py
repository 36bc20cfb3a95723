"""What a column holds, found out from all its values: whole numbers, decimals, dates, truth, or text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from .sources import Value

Kind = Literal["text", "whole", "decimal", "date", "time", "truth"]
Cell = str | int | Decimal | bool | date | datetime | None

_MISSING = {"n/a", "na", "-", "–", "—", "null", "none", "nan", "?", "."}
_WHOLE = re.compile(r"-?(0|[1-9]\d*)")
_DECIMAL = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_COMMA = re.compile(r"-?(0|[1-9]\d{0,2}(\.\d{3})+|[1-9]\d*)(,\d+)?")
_GROUPED = re.compile(r"-?(0|[1-9]\d{0,2}(,\d{3})*)(\.\d+)?")
_DIGITS = 15
"""More than these a spreadsheet doesn't keep: such numbers stay text."""
_EPOCH = date(1900, 3, 1)
_DISTINCT = 40
_NO_TOTAL = re.compile(
    r"(^|[\W_])(id|ids|isbn|ean|sku|uuid|key|code|no|nr|num|number|index|row|line|zip|postcode|plz|phone|tel|fax|receipt|order|invoice|"
    r"account|year|month|day|week|hour|quarter|jahr|monat|price|rate|ratio|percent|share|age|lat|latitude|lon|lng|longitude|"
    r"temperature|score|rank|rating|version)([\W_]|$)|%|[a-z]I[dD]$",
    re.IGNORECASE,
)


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) and len(text.lstrip("-")) <= _DIGITS and text != "-0" else None


def _exact(text: str) -> Decimal | None:
    return Decimal(text) if sum(c.isdigit() for c in text) <= _DIGITS else None


def _decimal(text: str) -> Decimal | None:
    return _exact(text) if _DECIMAL.fullmatch(text) else None


def _comma(text: str) -> Decimal | None:
    return _exact(text.replace(".", "").replace(",", ".")) if _COMMA.fullmatch(text) else None


def _grouped(text: str) -> Decimal | None:
    return _exact(text.replace(",", "")) if _GROUPED.fullmatch(text) else None


def _truth(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _iso_date(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found >= _EPOCH else None


def _iso_time(text: str) -> datetime | None:
    """With or without an offset; the offset is told apart by the column."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?", text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.date() >= _EPOCH else None


def _written(pattern: str) -> Callable[[str], date | None]:
    order = re.compile(pattern)

    def parse(text: str) -> date | None:
        match = order.fullmatch(text)
        if match is None:
            return None
        try:
            found = date(int(match["y"]), int(match["m"]), int(match["d"]))
        except ValueError:
            return None
        return found if found >= _EPOCH else None

    return parse


_PARSERS: Mapping[str, tuple[Kind, Callable[[str], Cell]]] = {
    "true or false": ("truth", _truth),
    "whole numbers": ("whole", _whole),
    "decimals": ("decimal", _decimal),
    "decimals with a comma": ("decimal", _comma),
    "decimals in groups of three": ("decimal", _grouped),
    "dates": ("date", _iso_date),
    "times": ("time", _iso_time),
    "dates as day.month.year": ("date", _written(r"(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<y>\d{4})")),
    "dates as day/month/year": ("date", _written(r"(?P<d>\d\d?)/(?P<m>\d\d?)/(?P<y>\d{4})")),
    "dates as month/day/year": ("date", _written(r"(?P<m>\d\d?)/(?P<d>\d\d?)/(?P<y>\d{4})")),
}


@dataclass
class Column:
    """Fed with every value first; then knows its kind and turns values into cells."""

    name: str
    comma_separates: bool
    """The file's separator is a comma, so a comma in a number more likely groups digits."""
    left: set[str] = field(default_factory=lambda: set(_PARSERS))
    filled: int = 0
    missing: int = 0
    places: int = 0
    width: int = 0
    fractions: set[int] = field(default_factory=set[int])
    """Digits after a comma, as far as seen."""
    offsets: set[timedelta | None] = field(default_factory=set[timedelta | None])
    distinct: set[Value] = field(default_factory=set[Value])
    first: date | None = None
    last: date | None = None
    years: bool = True
    natives: set[type] = field(default_factory=set[type])

    def feed(self, value: Value) -> None:
        if value is None:
            return
        self.filled += 1
        text = str(value)
        self.width = max(self.width, min(max(map(len, text.splitlines() or [""])), 60))
        if len(self.distinct) <= _DISTINCT:
            self.distinct.add(value)
        self.natives.add(type(value))
        if not self.left:
            return
        text = text.strip() if isinstance(value, str) else text.lower()
        if isinstance(value, str) and text.lower() in _MISSING:
            self.missing += 1
            return
        self._narrow(text)

    def _narrow(self, text: str) -> None:
        found = {name: cell for name in self.left if (cell := _PARSERS[name][1](text)) is not None}
        self.left = set(found)
        if "decimals" in self.left or "decimals in groups of three" in self.left:
            self.places = max(self.places, len(text.partition(".")[2]))
        if "decimals with a comma" in self.left and "," in text:
            self.fractions.add(len(text.partition(",")[2]))
        if "whole numbers" in self.left and not 1800 <= int(text) <= 2200:
            self.years = False
        for cell in found.values():
            if isinstance(cell, datetime):
                self.offsets.add(cell.utcoffset())
            if isinstance(cell, date):
                day = cell.date() if isinstance(cell, datetime) else cell
                self.first, self.last = min(self.first or day, day), max(self.last or day, day)

    @property
    def reading(self) -> str:
        """How the values are read; "text" when in no single way."""
        if not self.left or self.missing * 2 > self.filled or self.filled == self.missing:
            return "text"
        if (str in self.natives and self.natives - {str}) or (bool in self.natives and self.natives != {bool}):
            return "text"
        if "times" in self.left and len(self.offsets) > 1:
            return "text"
        if {"dates as day/month/year", "dates as month/day/year"} <= self.left:
            return "text"
        grouped, comma = "decimals in groups of three", "decimals with a comma"
        ways = [name for name in _PARSERS if name in self.left]
        if ways[0] in {grouped, comma} and {grouped, comma} <= self.left:
            # "1,234" alone could be either: only what a comma is followed by tells.
            return comma if not self.comma_separates else "text" if self.fractions == {3} else comma
        return ways[0]

    @property
    def kind(self) -> Kind:
        return "text" if self.reading == "text" else _PARSERS[self.reading][0]

    @property
    def scale(self) -> int:
        """Digits after the decimal point."""
        return max(self.fractions, default=0) if self.reading == "decimals with a comma" else self.places

    @property
    def adds_up(self) -> bool:
        """A sum of it means something."""
        return self.kind in {"whole", "decimal"} and not _NO_TOTAL.search(self.name) and not (self.is_year)

    @property
    def is_year(self) -> bool:
        return self.kind == "whole" and self.years

    @property
    def note(self) -> str:
        """What a reader should know of how it was read; empty for the plain cases."""
        if {"dates as day/month/year", "dates as month/day/year"} <= self.left and self.kind == "text":
            return f"“{self.name}” could be day/month or month/day, so it stays text"
        if self.kind == "time" and self.offsets != {None}:
            return f"“{self.name}” is in UTC{_offset(next(iter(self.offsets)))}"
        return (
            f"“{self.name}” read as {self.reading}" if " " in self.reading and self.kind in {"decimal", "date"} else ""
        )

    def cell(self, value: Value) -> Cell:
        if self.kind == "text" or value is None:
            return value if value is None or isinstance(value, str) else _text(value)
        text = value.strip() if isinstance(value, str) else str(value).lower()
        found = _PARSERS[self.reading][1](text)
        if found is None:
            return str(value)
        return found.replace(tzinfo=None) if isinstance(found, datetime) else found


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _offset(offset: timedelta | None) -> str:
    minutes = int((offset or timedelta()).total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else ""
