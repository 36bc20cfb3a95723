"""Names and contents of the tree's files, leaving out what ignore files leave out."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import json
import posixpath
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from maquette.domain.cards import TableCard
from maquette.domain.errors import Refused, Unavailable
from maquette.kinds.tools import Arguments, Effect, Result, Tool, ToolContext
from maquette.tools.finding import inside

SECONDS = 20.0
OUTPUT = 1 << 20


class Search(Arguments):
    pattern: str
    where: str | None = None
    names: bool = False


async def run(ctx: ToolContext, args: Search) -> Result:
    if not args.pattern:
        raise Refused("`pattern` is empty; to list a folder, read it.", code="empty")
    where = _beneath(ctx.files.root, args.where or "")
    printed = bytearray()

    def heard(data: bytes) -> None:
        if len(printed) < OUTPUT:
            printed.extend(data)

    asked = {
        "root": str(ctx.files.root),
        "library": library(),
        "pattern": args.pattern,
        "where": where,
        "names": args.names,
    }
    ended = await ctx.box.run(
        [*python(), inspect.getsource(inside)],
        sink=heard,
        seconds=SECONDS,
        stdin=json.dumps(asked).encode(),
    )
    found = list(_parsed(printed))
    if ended.status != 0 and ended.why != "time":
        raise Unavailable(f"The search ended badly ({ended.why or printed[-200:].decode(errors='replace')}).")
    return _told(args, found, in_time=ended.why != "time")


@functools.cache
def python() -> tuple[str, ...]:
    """Our own interpreter, bare: the box has it too."""
    return (str(Path(sys.executable).resolve()), "-I", "-S", "-W", "ignore", "-c")


@functools.cache
def library() -> str:
    """The folder that pathspec lies in."""
    spec = importlib.util.find_spec("pathspec")
    if spec is None or spec.origin is None:
        raise Unavailable("Searching needs the package pathspec; installing maquette anew mends it.")
    return str(Path(spec.origin).parents[1])


def _beneath(root: Path, where: str) -> str:
    """`where` as seen from the root: whoever names what lies outside gets told so."""
    path = posixpath.normpath(where) if where else "."
    if path.startswith("/"):
        path = posixpath.relpath(path, root.as_posix())
    if path == ".." or path.startswith("../") or "\0" in path:
        raise Refused(f"{where} lies outside the tree.", code="outside")
    return "" if path == "." else path


def _parsed(printed: bytearray) -> Iterator[dict[str, Any]]:
    for line in bytes(printed).splitlines():
        try:
            fields = json.loads(line)
        except ValueError:
            continue  # the last line of a search that was ended in the middle
        if isinstance(fields, dict):
            yield cast("dict[str, Any]", fields)


def _told(args: Search, found: list[dict[str, Any]], *, in_time: bool) -> Result:
    said = {key: value for fields in found if "file" not in fields for key, value in fields.items()}
    if "missing" in said:
        raise Refused(f"There is no {args.where}.", code="no-file")
    if "wrong" in said:
        raise Refused(f"The glob is not valid: {said['wrong']}.", code="bad-pattern")
    if "slow" in said:
        raise Refused("The pattern takes too long on some file; make it simpler.", code="slow-pattern")
    files = [fields for fields in found if "file" in fields]
    notes = list(_notes(args, files, said, in_time=in_time))
    lines = [line for fields in files for line in _lines(fields)]
    rows = tuple((str(f["file"]), str(n), str(text)) for f in files for n, text in f.get("hits", [[" ", ""]]))
    return Result("\n".join(lines + notes), TableCard(columns=("File", "Line", "Text"), rows=rows))


def _lines(fields: dict[str, Any]) -> Iterator[str]:
    yield str(fields["file"])
    for number, text in fields.get("hits", ()):
        yield f"{number}: {text}"
    if fields.get("more"):
        yield f"… {fields['more']} more in this file"


def _notes(args: Search, files: list[dict[str, Any]], said: dict[str, Any], *, in_time: bool) -> Iterator[str]:
    if "plain" in said:
        yield "[`pattern` is no valid regular expression; it was looked for as plain text]"
    if not in_time:
        yield f"[stopped after {SECONDS:.0f} s; there may be more. Narrow it by `where`]"
    elif not files:
        large = f" ({said['skipped']} binary or large files were not looked into)" if said.get("skipped") else ""
        yield f"[nothing found{large}]"
    elif args.names:
        if said["files"] > said["shown"]:
            yield f"[{said['files'] - said['shown']:,} more files]"
    elif said["lines"] > said["shown"]:
        yield f"[{said['lines']:,} lines in {said['files']:,} files match; {said['shown']} are shown]"


TOOL = Tool(
    name="search",
    description=(
        "Find lines by a Python regex, in all files or `where` (path or glob); `names`: files whose path matches a "
        "glob or part. Ignored files are left out."
    ),
    arguments=Search,
    effects=frozenset({Effect.READS}),
    run=run,
    idempotent=True,
)
