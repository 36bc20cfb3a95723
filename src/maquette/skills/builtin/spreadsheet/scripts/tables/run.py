"""The command: what to read, where to write, what to say."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from .plan import SheetPlan, plan
from .sources import Source, Unreadable, find, look
from .workbook import write

DONE, BAD_INPUT = 0, 2


def main() -> int:
    options = _options()
    here = Path.cwd()
    folder: Path = options.folder or _named_folder(options.request, here) or here
    if not folder.is_dir():
        return _refuse(f"There is no folder {folder}.")
    folder = folder.resolve()
    sources, skipped = _sources(folder, options.most)
    if not sources:
        why = f" ({len(skipped)} were left out: {skipped[0][0]}: {skipped[0][1]})" if skipped else ""
        return _refuse(f"There are no CSV, TSV, JSON or JSON lines files with tables in {folder.name}{why}.")
    sheets = plan(sources, folder.name, separate=options.separate)
    out: Path = options.out or _where(here, folder) / f"{folder.name or 'data'}.xlsx"
    if out.suffix.lower() != ".xlsx" or not out.parent.is_dir():
        return _refuse(f"{out} can't be written: it must end in .xlsx and lie in a folder that exists.")
    if not options.force:
        out = _free(out)
    try:
        write(out, sheets, skipped, f"Data in {folder.name}")
    except OSError as error:
        return _refuse(f"{out} can't be written: {error.strerror}.")
    print(_markdown(out, here, sheets, skipped))
    if not options.out and out.parent != here:
        print("\nIt lies beside the files, since the sandbox lets nothing new be made in the project's own folder.")
    if options.json:
        options.json.write_text(_json(out, sheets, skipped), "utf-8")
    return DONE


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="spreadsheet.py", description=__doc__)
    add = parser.add_argument
    add("folder", type=Path, nargs="?", help="where the data files are (default: here); folders in it count, too")
    add("--out", type=Path, metavar="FILE", help="the workbook to make (default: the folder's name, here)")
    add("--force", action="store_true", help="write over a workbook of that name; else a new name is found")
    add(
        "--separate",
        action="store_true",
        help="a sheet for each file, also where files of a folder have the same columns",
    )
    add("--most", type=int, default=200, metavar="N", help="read at most N files (default 200)")
    add("--request", default="", metavar="TEXT", help="what the person asked for; a folder named in it is taken")
    add("--json", type=Path, metavar="FILE", help="write the result as JSON, too")
    return parser.parse_args()


def _named_folder(request: str, here: Path) -> Path | None:
    """The longest path in the request that is a folder here."""
    words = {word.strip("'\"`.,:;!?()").rstrip("/") for word in re.split(r"\s+", request)}
    folders = [here / word for word in words if word and ".." not in word and not word.startswith(("/", "~"))]
    return max((f for f in folders if f.is_dir() and f != here), key=lambda f: len(str(f)), default=None)


def _sources(folder: Path, most: int) -> tuple[list[Source], list[tuple[str, str]]]:
    sources: list[Source] = []
    skipped: list[tuple[str, str]] = []
    for number, path in enumerate(find(folder)):
        name = path.relative_to(folder).as_posix()
        if number >= most:
            skipped.append((name, f"only {most} files are read; allow more with --most"))
            continue
        print(f"reading {name}", file=sys.stderr, flush=True)
        try:
            sources.append(look(path, folder))
        except Unreadable as error:
            skipped.append((name, str(error)))
    return sources, skipped


def _where(here: Path, folder: Path) -> Path:
    """Here; beside the files, where nothing new may be made here. Tried, since asking doesn't tell of a sandbox."""
    with suppress(OSError), NamedTemporaryFile(dir=here):
        return here
    return folder


def _free(path: Path) -> Path:
    """A name that nothing has yet."""
    free, again = path, 2
    while free.exists() or free.is_symlink():
        free, again = path.with_name(f"{path.stem} {again}{path.suffix}"), again + 1
    return free


def _markdown(out: Path, here: Path, sheets: Sequence[SheetPlan], skipped: Sequence[tuple[str, str]]) -> str:
    shown = out.relative_to(here) if out.is_relative_to(here) else out
    files = sum(len(sheet.sources) for sheet in sheets)
    lines = [
        f"# Spreadsheet: {shown}",
        "",
        f"{sum(s.count for s in sheets)} rows from {files} files on {len(sheets)} sheets, and a summary.",
        "",
        "| sheet | from | rows | columns | totals | chart |",
        "|---|---|---|---|---|---|",
    ]
    for sheet in sheets:
        names = ", ".join(s.name for s in sheet.sources[:3]) + (" …" if len(sheet.sources) > 3 else "")
        totals = ", ".join(c.name for c in sheet.columns if c.adds_up)
        kinds = ", ".join(f"{c.name} ({c.kind})" for c in sheet.columns[:12])
        chart = sheet.chart.title if sheet.chart else ""
        lines.append(f"| {' | '.join(map(_cell, (sheet.title, names, str(sheet.count), kinds, totals, chart)))} |")
    notes = [f"- {s.name}: {note}" for sheet in sheets for s in sheet.sources for note in s.notes]
    notes += [
        f"- {s.name}: {len(s.ragged)} uneven lines are kept and marked yellow (the first is line {s.ragged[0]})"
        for sheet in sheets
        for s in sheet.sources
        if s.ragged
    ]
    notes += [f"- {sheet.title}: {note}" for sheet in sheets for note in sheet.notes]
    if notes:
        lines += ["", "## Worth knowing", "", *notes]
    if skipped:
        lines += ["", "## Left out", "", *(f"- {name}: {why}" for name, why in skipped)]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _json(out: Path, sheets: Sequence[SheetPlan], skipped: Sequence[tuple[str, str]]) -> str:
    """Keys: out, sheets (title, rows, files, columns with kind and total, chart), skipped."""
    told = {
        "out": str(out),
        "sheets": [
            {
                "title": sheet.title,
                "rows": sheet.count,
                "files": [s.name for s in sheet.sources],
                "columns": [{"name": c.name, "kind": c.kind, "total": c.adds_up} for c in sheet.columns],
                "chart": sheet.chart.title if sheet.chart else None,
                "notes": [*sheet.notes, *(note for s in sheet.sources for note in s.notes)],
                "ragged": sheet.ragged,
            }
            for sheet in sheets
        ],
        "skipped": [{"file": name, "why": why} for name, why in skipped],
    }
    return json.dumps(told, indent=1, ensure_ascii=False)


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return BAD_INPUT
