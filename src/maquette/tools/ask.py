"""A question to the person."""

from __future__ import annotations

from maquette.domain.errors import Refused
from maquette.kinds.tools import Arguments, Asks, Tool, ToolContext


class Ask(Arguments):
    question: str
    choices: tuple[str, ...] = ()


async def run(ctx: ToolContext, args: Ask) -> Asks:
    if not args.question.strip():
        raise Refused("`question` is empty.", code="empty")
    return Asks(args.question, args.choices)


TOOL = Tool(
    name="ask",
    description="Ask the person, if only they can decide; waits for the answer.",
    arguments=Ask,
    effects=frozenset(),
    run=run,
    idempotent=True,
)
