"""The tools that the first request leaves out, found by what they are for."""

from __future__ import annotations

import json
import re
from typing import Any

from maquette.domain.cards import TableCard
from maquette.kinds.tools import Arguments, Result, Tool, ToolContext, parameters

MOST, UNASKED = 5, 20
"""Tools that are told whole: of those sought, and where none is sought."""
LISTED = 100
TELLS = 3
"""Letters of a word that says something; shorter ones are in every description."""


class FindTool(Arguments):
    query: str = ""


async def run(ctx: ToolContext, args: FindTool) -> Result:
    asked = re.findall(r"\w+", args.query.lower())
    words = {word for word in asked if len(word) >= TELLS} or {*asked}
    scored = [(_score(tool, words), tool) for tool in ctx.later]
    found = [tool for score, tool in sorted(scored, key=lambda s: (-s[0], s[1].name)) if score or not words]
    if not found:
        names = ", ".join(sorted(tool.name for tool in ctx.later)[:LISTED])
        return Result(f"No tool is like that. There are: {names or 'no more tools'}.")
    most = MOST if words else UNASKED
    text = "\n\n".join(_told(tool) for tool in found[:most])
    others = ", ".join(tool.name for tool in found[most : most + LISTED])
    rows = tuple((tool.name, tool.description) for tool in found[:most])
    return Result(
        f"{text}\n\n" + (f"Others: {others}. " if others else "") + "Call them by use_tool.",
        TableCard(columns=("Tool", "What it does"), rows=rows),
    )


def _score(tool: Tool[Any], words: set[str]) -> int:
    """A word of the name counts more than one of the description; the beginning of a word counts too."""
    name, told = tool.name.lower(), re.findall(r"\w+", f"{tool.name} {tool.description}".lower())
    return sum(3 * (word in name) + any(w.startswith(word) for w in told) for word in words)


def _told(tool: Tool[Any]) -> str:
    return f"{tool.name}: {tool.description}\narguments: {json.dumps(parameters(tool), separators=(',', ':'))}"


TOOL = Tool(
    name="find_tool",
    description="Find more tools (for background processes, and others) by words; call them by use_tool.",
    arguments=FindTool,
    effects=frozenset(),
    run=run,
    idempotent=True,
)
