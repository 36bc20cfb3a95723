"""One piece of a file for another."""

from __future__ import annotations

from pydantic import Field

from maquette.domain.errors import Refused
from maquette.kinds.files import Files
from maquette.kinds.tools import Arguments, Effect, Result, Tool, ToolContext
from maquette.tools.blocking import blocking
from maquette.tools.texts.changes import current
from maquette.tools.texts.diffs import Change, diff_card
from maquette.tools.texts.documents import Document
from maquette.tools.texts.missing import no_such
from maquette.tools.texts.replacing import Replaced, replace
from maquette.tools.texts.seen import Seen, seen_by


class Edit(Arguments):
    path: str
    old: str
    new: str
    every: bool = Field(default=False, alias="all")


async def run(ctx: ToolContext, args: Edit) -> Result:
    seen = seen_by(ctx)
    async with seen.writing:
        return await blocking(lambda: _edit(ctx.files, args, seen))


def _edit(files: Files, args: Edit, seen: Seen) -> Result:
    before = current(files, args.path)
    if before is None:
        raise no_such(files, args.path)
    with seen.warning(args.path, before) as warning:
        replaced = replace(Document.of(before, args.path), args.old, args.new, args.path, every=args.every)
    if warning and (replaced.overlooked or args.every):
        seen.shown(args.path, before)
        raise Refused(f"{warning}\nNothing was written. Take it into account and try again.", code="changed-file")
    after = replaced.document.data()
    files.write(args.path, after)
    seen.note(args.path, after)
    card = diff_card([Change(args.path, before, after)])
    return Result("\n".join(filter(None, (_told(args.path, replaced), warning and f"{warning}\nThat was kept."))), card)


def _told(path: str, replaced: Replaced) -> str:
    lines = ", ".join(map(str, replaced.lines))
    where = f"line {lines}" if len(replaced.lines) == 1 else f"lines {lines}"
    overlooked = f" `old` matched but for {replaced.overlooked}." if replaced.overlooked else ""
    return f"Edited {path} at {where}.{overlooked}"


TOOL = Tool(
    name="edit",
    description="Replace the text `old`, which must be one place in the file, by `new` (`all`: every place).",
    arguments=Edit,
    effects=frozenset({Effect.READS, Effect.WRITES}),
    run=run,
)
