"""A part of the work, given to another agent: a thread of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from maquette.domain.errors import Refused
from maquette.domain.projects import Budget
from maquette.kinds.tools import Arguments, Delegates, Tool, ToolContext


class Delegate(Arguments):
    task: str
    tree: Literal["own", "read"] = "own"
    model: str | None = None
    steps: int | None = Field(default=None, ge=1)
    tokens: int | None = Field(default=None, ge=1)
    dollars: float | None = Field(default=None, gt=0, le=1e9)


async def run(ctx: ToolContext, args: Delegate) -> Delegates:
    if not args.task.strip():
        raise Refused("`task` is empty. Say all that is to be known: nothing else is told.", code="empty")
    money = None if args.dollars is None else Decimal(str(args.dollars))
    budget = Budget(steps=args.steps, tokens=args.tokens, money=money)
    return Delegates(args.task, args.tree == "read", args.model, budget)


TOOL = Tool(
    name="delegate",
    description=(
        "Hand a part of the work to a subagent and wait for its report; several calls at once run in parallel. It "
        "knows only the task. tree: own (begins as yours is; take_result brings what it made) or read (looks at yours)."
    ),
    arguments=Delegate,
    effects=frozenset(),
    run=run,
    idempotent=True,
    first=False,
)
