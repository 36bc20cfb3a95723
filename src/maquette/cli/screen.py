"""What goes to the terminal. Nothing gets there but through here: what models and tools wrote can't steer it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from argparse import Namespace

from maquette.domain.inert import inert

STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}


def line_of(text: str, width: int = 100) -> str:
    """On one line, cut to `width` characters."""
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def short(id: str) -> str:
    """Enough of an id to name it by."""
    return id[-6:]


def minute(at: str) -> str:
    """`2026-11-26T07:00:00Z` to the minute, by the clocks of this machine."""
    from datetime import datetime

    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"


def many(number: int, what: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def count(number: int) -> str:
    """1234 as 1.2k."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number / size:.1f}{unit}"
    return str(number)


class Screen:
    """One output. Colours only at a terminal, and not where NO_COLOR is set."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.live = out.isatty()
        self.colour = self.live and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def write(self, text: str, style: str = "") -> None:
        """Inert, in one of `STYLES`; several as "bold red"."""
        text = inert(text)
        if style and self.colour and text:
            codes = ";".join(STYLES[name] for name in style.split())
            text = f"\x1b[{codes}m{text}\x1b[0m"
        self._out.write(text)

    def line(self, *pieces: str | tuple[str, str]) -> None:
        """Pieces of text, or of (text, style)."""
        for piece in pieces:
            self.write(*((piece,) if isinstance(piece, str) else piece))
        self._out.write("\n")

    def flush(self) -> None:
        self._out.flush()

    @property
    def width(self) -> int:
        import shutil

        return shutil.get_terminal_size().columns if self.live else 100

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]], none: str = "") -> None:
        """Drawn at a terminal; otherwise a line a row, cells between tabs, no heading. `none`: said where no row is."""
        cells = [[line_of(inert(cell), 400) for cell in row] for row in rows]
        if none and not cells:
            self.line((none, "dim"))
            return
        if not self.live:
            for row in cells:
                self._out.write("\t".join(row) + "\n")
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(*columns, box=None, pad_edge=False, header_style="bold")
        for column in table.columns:
            column.overflow, column.no_wrap = "ellipsis", True
        for row in cells:
            table.add_row(*(Text(cell) for cell in row))
        Console(file=self._out, highlight=False, no_color=not self.colour).print(table)


def out() -> Screen:
    return Screen(sys.stdout)


def err() -> Screen:
    return Screen(sys.stderr)


def as_json(answer: object) -> int:
    """As the base gives it, on a line; returns the exit status of what went well."""
    import json

    out().line(json.dumps(answer))
    return 0


def told(args: Namespace, answer: object, *pieces: str | tuple[str, str]) -> int:
    """On a line, in words or as JSON; returns the exit status of what went well."""
    if args.json:
        return as_json(answer)
    out().line(*pieces)
    return 0


def listed(
    args: Namespace, answer: object, columns: Sequence[str], rows: Iterable[Sequence[str]], none: str = ""
) -> int:
    """The same, as a table."""
    if args.json:
        return as_json(answer)
    out().table(columns, rows, none)
    return 0
