"""A whole file."""

from __future__ import annotations

from maquette.kinds.files import Files
from maquette.kinds.tools import Arguments, Effect, Result, Tool, ToolContext
from maquette.tools.blocking import blocking
from maquette.tools.texts.changes import current
from maquette.tools.texts.diffs import Change, diff_card
from maquette.tools.texts.documents import Document, is_binary
from maquette.tools.texts.seen import Seen, seen_by


class Write(Arguments):
    path: str
    text: str


async def run(ctx: ToolContext, args: Write) -> Result:
    seen = seen_by(ctx)
    async with seen.writing:
        return await blocking(lambda: _write(ctx.files, args, seen))


def _write(files: Files, args: Write, seen: Seen) -> Result:
    before = current(files, args.path)
    after = _as_before(before, args)
    if before == after:
        return Result(f"{args.path} is so already.")
    if before is not None:
        seen.may_replace(args.path, before)
    files.write(args.path, after)
    seen.note(args.path, after)
    size = f"{len(after):,} bytes" if before is None else f"{len(after):,} bytes (it had {len(before):,})"
    return Result(f"Wrote {args.path}: {size}.", card=diff_card([Change(args.path, before, after)]))


def _as_before(before: bytes | None, args: Write) -> bytes:
    """With the BOM and Windows endings that the file had: what was read showed none of them."""
    if before is None or is_binary(before) or "\r" in args.text:
        return args.text.encode()
    former = Document.of(before, args.path)
    ending = "\r\n" if former.endings and set(former.endings) == {"\r\n"} else "\n"
    endings = [ending] * args.text.count("\n")
    return Document(args.text, endings, former.bom, former.encoding).data()


TOOL = Tool(
    name="write",
    description="Make a file, or replace all of one you have read, by `text`. Makes folders.",
    arguments=Write,
    effects=frozenset({Effect.READS, Effect.WRITES}),
    run=run,
    idempotent=True,
)
