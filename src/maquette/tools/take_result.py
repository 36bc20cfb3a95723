"""What a child made, brought into the tree of who asked for it."""

from __future__ import annotations

from maquette.domain.cards import DiffCard, MarkdownCard
from maquette.kinds.tools import Arguments, Effect, Result, Taken, Tool, ToolContext

SHOWN = 12_000
"""Characters of conflicting files that are told."""


class TakeResult(Arguments):
    child: str
    leave: tuple[str, ...] = ()


async def run(ctx: ToolContext, args: TakeResult) -> Result:
    taken = await ctx.take(args.child, args.leave)
    if taken.conflicts:
        return _conflicting(taken)
    if not taken.files:
        return Result("Your tree holds all of it already.", MarkdownCard(text="Nothing was new."))
    text = f"Taken (+{taken.added} -{taken.removed}): {', '.join(taken.files)}. What was there is kept at {taken.kept}."
    return Result(text, DiffCard(diff=taken.diff, added=taken.added, removed=taken.removed, files=taken.files))


def _conflicting(taken: Taken) -> Result:
    paths = ", ".join(path for path, _ in taken.conflicts)
    marked = "\n\n".join(f"# {path}\n{text or '(no text)'}" for path, text in taken.conflicts)
    why = f"Nothing was taken: you and the child both changed {paths}."
    how = "Put into your files what they should hold, then call again with these paths in `leave`; they stay as yours."
    return Result(f"{why} {how} Yours comes first:\n\n{marked[:SHOWN]}", MarkdownCard(text=why), error=True)


TOOL = Tool(
    name="take_result",
    description="Bring the files a subagent made into your tree, three-way, all or nothing; conflicts are told.",
    arguments=TakeResult,
    effects=frozenset({Effect.READS, Effect.WRITES}),
    run=run,
    idempotent=True,
    first=False,
)
