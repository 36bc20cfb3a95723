"""What is to be done, step by step, for the person to see."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from maquette.domain.cards import PlanStep
from maquette.kinds.tools import Arguments, Plans, Tool, ToolContext


class Step(Arguments):
    text: str
    state: Literal["open", "doing", "done", "dropped"] = "open"


class Plan(Arguments):
    steps: tuple[Step, ...] = Field(min_length=1, max_length=50)


async def run(ctx: ToolContext, args: Plan) -> Plans:
    return Plans(tuple(PlanStep(text=step.text, state=step.state) for step in args.steps))


TOOL = Tool(
    name="plan",
    description="Set the plan, whole, for work of several steps.",
    arguments=Plan,
    effects=frozenset(),
    run=run,
    idempotent=True,
)
