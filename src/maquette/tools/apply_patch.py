"""Changes to several files as one patch: all of it or nothing."""

from __future__ import annotations

from pydantic import AliasChoices, Field

from maquette.kinds.tools import Arguments, Effect, Result, Tool, ToolContext
from maquette.tools.blocking import blocking
from maquette.tools.texts.changes import Applied, apply
from maquette.tools.texts.diffs import Change, diff_card
from maquette.tools.texts.patches import parse
from maquette.tools.texts.seen import seen_by


class ApplyPatch(Arguments):
    patch: str = Field(validation_alias=AliasChoices("patch", "input"))


async def run(ctx: ToolContext, args: ApplyPatch) -> Result:
    sections = parse(args.patch)
    seen = seen_by(ctx)
    async with seen.writing:
        applied = await blocking(lambda: apply(ctx.files, sections, seen))
    return Result(told(applied), card=diff_card(applied.changes))


def told(applied: Applied) -> str:
    """One line a file, as `git status` has it, then what was overlooked."""
    lines = [_line(change) for change in applied.changes] or ["Nothing to change: the files are so already."]
    return "\n".join([*lines, *(f"Note: {note}." for note in applied.notes)])


def _line(change: Change) -> str:
    if change.was is not None:
        return f"R {change.was} -> {change.path}"
    letter = "A" if change.before is None else "D" if change.after is None else "M"
    return f"{letter} {change.path}"


TOOL = Tool(
    name="apply_patch",
    description=(
        "Change files by a patch, all or nothing: '*** Begin Patch', then '*** Add File: p' with '+' lines, "
        "'*** Delete File: p' or '*** Update File: p' (+ '*** Move to: p') with hunks: '@@ enclosing line', then "
        "' ', '-', '+' lines with 3 of context; '*** End Patch'."
    ),
    arguments=ApplyPatch,
    effects=frozenset({Effect.READS, Effect.WRITES}),
    run=run,
)
