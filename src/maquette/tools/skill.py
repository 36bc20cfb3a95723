"""A skill's instructions, opened when they apply."""

from __future__ import annotations

import re
from pathlib import Path

from maquette.domain.cards import MarkdownCard
from maquette.domain.errors import Refused
from maquette.kinds.files import Files
from maquette.kinds.tools import Arguments, Effect, Result, Tool, ToolContext
from maquette.tools.blocking import blocking
from maquette.tools.texts.documents import legible
from maquette.workspace.files import BeneathFiles

LIMIT = 40_000
"""Characters of one skill's instructions."""
LISTED, DEPTH = 60, 3


class Skill(Arguments):
    name: str


async def run(ctx: ToolContext, args: Skill) -> Result:
    spec = next((skill for skill in ctx.skills if skill.name == args.name), None)
    if spec is None:
        names = ", ".join(skill.name for skill in ctx.skills) or "none"
        raise Refused(f"There is no skill {args.name!r}; there are: {names}.", code="unknown-skill")
    body, files = await blocking(lambda: _opened(BeneathFiles(Path(spec.folder))))
    text = f"{body}\n\nThe skill's folder is {spec.folder}; it holds: {', '.join(files)}"
    return Result(text, MarkdownCard(text=body))


def _opened(files: Files) -> tuple[str, list[str]]:
    """The instructions without their front matter, and the paths of all files beside them."""
    whole = legible(files.read("SKILL.md").decode("utf-8", "surrogateescape"))
    body = re.sub(r"\A---[ \t]*\n.*?^---[ \t]*\n", "", whole, count=1, flags=re.DOTALL | re.MULTILINE).strip()
    if len(body) > LIMIT:
        body = f"{body[:LIMIT]}\n[… {len(body) - LIMIT:,} characters left out; read SKILL.md for them]"
    return body, _listing(files, "", DEPTH)[:LISTED]


def _listing(files: Files, folder: str, depth: int) -> list[str]:
    found: list[str] = []
    for name, entry in files.names(folder or "."):
        if not entry.is_folder:
            found.append(folder + name)
        elif depth and not name.startswith((".", "__pycache__")):
            found += _listing(files, f"{folder}{name}/", depth - 1)
    return found


TOOL = Tool(
    name="skill",
    description="Open a listed skill: its instructions.",
    arguments=Skill,
    effects=frozenset({Effect.READS}),
    run=run,
    idempotent=True,
)
