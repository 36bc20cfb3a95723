"""A call of a tool that the first request left out. The turn's toolbox unwraps it, and judges and runs that one."""

from __future__ import annotations

from pydantic import Field

from maquette.domain.errors import Refused
from maquette.kinds.tools import Arguments, Result, Tool, ToolContext


class UseTool(Arguments):
    name: str
    arguments: dict[str, object] = Field(default_factory=dict[str, object])


async def run(ctx: ToolContext, args: UseTool) -> Result:
    raise Refused(f"Only a turn can pass a call on; call {args.name!r} itself.", code="no-turn")


TOOL = Tool(
    name="use_tool",
    description="Call a tool that find_tool told of.",
    arguments=UseTool,
    effects=frozenset(),
    run=run,
)
