"""Data files as rows, whatever their encoding and separator. Nothing is held in memory but JSON arrays."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import cast

SUFFIXES = {
    ".csv": "CSV",
    ".tsv": "TSV",
    ".tab": "TSV",
    ".json": "JSON",
    ".jsonl": "JSON lines",
    ".ndjson": "JSON lines",
}
_SKIPPED_FOLDERS = {"node_modules", "__pycache__", "venv", "env", "build", "dist", "site-packages"}
_LARGEST_JSON = 200 << 20
_MARKS = (",", ";", "\t", "|")
csv.field_size_limit(1 << 27)

Value = str | int | Decimal | bool | None


class Unreadable(Exception):
    """Why a file is left out."""


@dataclass(frozen=True)
class Row:
    """As many values as the source has columns. `ragged`: the file had fewer or more in that line."""

    line: int
    values: Sequence[Value]
    ragged: bool = False


@dataclass
class Source:
    """One file, looked through once. `rows()` reads it again, so a large file never lies in memory."""

    path: Path
    name: str
    """Relative to the folder that was asked for."""
    kind: str
    columns: list[str]
    encoding: str = "utf-8"
    mark: str = ""
    header: bool = True
    count: int = 0
    ragged: list[int] = field(default_factory=list[int])
    notes: list[str] = field(default_factory=list[str])
    bad_lines: int = 0

    def rows(self) -> Iterator[Row]:
        if self.kind == "JSON":
            yield from _records(_json_items(self.path, self.encoding), self.columns)
        elif self.kind == "JSON lines":
            yield from _records((i for i in _json_lines(self.path, self.encoding) if i[1] is not None), self.columns)
        else:
            yield from self._lines()

    def _lines(self) -> Iterator[Row]:
        width = len(self.columns)
        with _open(self.path, self.encoding) as file:
            reader = csv.reader(file, delimiter=self.mark)
            given = 0
            for number, values in enumerate(_nonempty(reader)):
                if number == 0 and self.header:
                    given = len(values)
                    continue
                given = given or len(values)
                blanks = [None] * (width - len(values))
                yield Row(reader.line_num, [v if v else None for v in values] + blanks, len(values) != given)


def find(folder: Path) -> Iterator[Path]:
    """Data files beneath a folder, in order; hidden, built and foreign folders are passed over, links not followed."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(
            f for f in folders if not f.startswith(".") and f not in _SKIPPED_FOLDERS and not Path(here, f).is_symlink()
        )
        for name in sorted(files):
            path = Path(here, name)
            if path.suffix.lower() in SUFFIXES and not name.startswith((".", "~$")) and not path.is_symlink():
                yield path


def look(path: Path, folder: Path) -> Source:
    """Raises `Unreadable` for a file that holds no table."""
    kind = SUFFIXES[path.suffix.lower()]
    try:
        if path.stat().st_size == 0:
            raise Unreadable("it is empty")
        encoding = _encoding(path)
        source = Source(path, path.relative_to(folder).as_posix(), kind, [], encoding)
        if kind in {"CSV", "TSV"}:
            _look_at_lines(source)
        else:
            _look_at_records(source)
    except OSError as error:
        raise Unreadable(f"it can't be read ({error.strerror})") from None
    if encoding == "cp1252":
        source.notes.append("not UTF-8: read as Windows-1252")
    return source


def _encoding(path: Path) -> str:
    """UTF-8 unless it isn't: byte order marks first, then UTF-16 by its zeros, else Windows-1252."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
        if head.startswith(b"\xef\xbb\xbf"):
            return "utf-8-sig"
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        if b"\0" in head:
            even, odd = head[::2].count(0), head[1::2].count(0)
            if odd > len(head) // 5 and even < odd // 10:
                return "utf-16-le"
            if even > len(head) // 5 and odd < even // 10:
                return "utf-16-be"
            raise Unreadable("it isn't text")
    try:
        with path.open(encoding="utf-8", newline="") as file:
            while file.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _open(path: Path, encoding: str) -> io.TextIOWrapper:
    return path.open(encoding=encoding, errors="replace", newline="")


def _nonempty(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    return (values for values in reader if any(v.strip() for v in values))


def _look_at_lines(source: Source) -> None:
    with _open(source.path, source.encoding) as file:
        sample = [line for line, _ in zip(file, range(50), strict=False)]
    source.mark = "\t" if source.kind == "TSV" and any("\t" in line for line in sample) else _mark(sample)
    try:
        with _open(source.path, source.encoding) as file:
            reader = csv.reader(file, delimiter=source.mark)
            rows = _nonempty(reader)
            first = next(rows, None)
            if first is None:
                raise Unreadable("it has no rows")
            source.header = _is_header(first)
            given = width = len(first)
            source.count = 0 if source.header else 1
            for values in rows:
                source.count += 1
                width = max(width, len(values))
                if len(values) != given:
                    source.ragged.append(reader.line_num)
    except csv.Error as error:
        raise Unreadable(f"it isn't well-formed {source.kind} ({error})") from None
    names = first if source.header else []
    if not source.header:
        source.notes.append("no header line: columns are numbered")
    source.columns = _unique([*names, *(f"extra {i + 1}" for i in range(width - given))] if names else [""] * width)


def _is_header(values: Sequence[str]) -> bool:
    """Names, and no numbers but years."""
    numbers = [v.strip() for v in values if _is_number(v)]
    years = all(len(n) == 4 and n[:2] in {"19", "20"} for n in numbers)
    return years and len(numbers) < len([v for v in values if v.strip()])


def _is_number(text: str) -> bool:
    return text.strip().replace(".", "", 1).replace(",", "", 1).replace("-", "").isdigit()


def _mark(lines: Sequence[str]) -> str:
    """The separator that cuts the lines into the most columns, and into equally many."""

    def worth(mark: str) -> tuple[float, int]:
        widths = [len(v) for v in _nonempty(csv.reader(lines, delimiter=mark))]
        usual = max(set(widths), key=widths.count) if widths else 0
        return (widths.count(usual) / max(len(widths), 1) if usual > 1 else 0, usual)

    try:
        return max(_MARKS, key=worth)
    except csv.Error:
        return ","


def _unique(names: Sequence[str]) -> list[str]:
    """Empty names are numbered, repeated ones too."""
    found: list[str] = []
    for number, name in enumerate(names, 1):
        wanted = " ".join(name.split()) or f"column {number}"
        name, again = wanted, 2
        while name in found:
            name, again = f"{wanted} {again}", again + 1
        found.append(name)
    return found


def _look_at_records(source: Source) -> None:
    columns: dict[str, None] = {}
    if source.kind == "JSON":
        if source.path.stat().st_size > _LARGEST_JSON:
            raise Unreadable("it is larger than 200 MB; JSON lines may be of any size")
        items = _json_items(source.path, source.encoding)
    else:
        items = _json_lines(source.path, source.encoding)
    for _, item in items:
        if item is None:
            source.bad_lines += 1
            continue
        columns.update(dict.fromkeys(item))
        source.count += 1
    if not source.count:
        raise Unreadable("it holds no records")
    if source.bad_lines:
        source.notes.append(f"{source.bad_lines} lines aren't JSON objects and were left out")
    source.columns = list(columns)


def _json_items(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, object] | None]]:
    """Of an array of objects, or of the one array of objects that an object holds."""
    try:
        with _open(path, encoding) as file:
            loaded: object = json.load(file, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"it isn't valid JSON ({error})") from None
    if isinstance(loaded, dict):
        inner = [v for v in cast("dict[str, object]", loaded).values() if _is_table(v)]
        loaded = inner[0] if len(inner) == 1 else None
    if not _is_table(loaded):
        raise Unreadable("it holds no list of records")
    yield from enumerate(cast("list[dict[str, object]]", loaded), 1)


def _is_table(value: object) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(item, dict) for item in cast("list[object]", value))


def _json_lines(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, object] | None]]:
    with _open(path, encoding) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                item: object = json.loads(line, parse_float=Decimal)
            except (ValueError, RecursionError):
                item = None
            yield number, cast("dict[str, object]", item) if isinstance(item, dict) else None


def _records(items: Iterator[tuple[int, dict[str, object] | None]], columns: Sequence[str]) -> Iterator[Row]:
    for number, item in items:
        if item is not None:
            yield Row(number, [_plain(item.get(name)) for name in columns])


def _plain(value: object) -> Value:
    """What is nested stays JSON text."""
    if value is None or isinstance(value, str | int | Decimal):
        return value if value != "" else None
    return json.dumps(value, ensure_ascii=False, default=str)
