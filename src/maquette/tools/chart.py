"""Numbers, shown to the person as bars."""

from __future__ import annotations

from pydantic import Field

from maquette.domain.cards import ChartCard
from maquette.kinds.tools import Arguments, Result, Tool, ToolContext


class Bar(Arguments):
    name: str
    number: float = Field(allow_inf_nan=False)


class Chart(Arguments):
    of: str = Field(min_length=1)
    bars: tuple[Bar, ...] = Field(min_length=1, max_length=60)
    unit: str = ""


async def run(ctx: ToolContext, args: Chart) -> Result:
    bars = tuple((bar.name, bar.number) for bar in args.bars)
    return Result("The person sees the chart.", ChartCard(title=args.of, unit=args.unit, bars=bars))


TOOL = Tool(
    name="chart",
    description="Show the person numbers as a chart of bars, with a name each.",
    arguments=Chart,
    effects=frozenset(),
    run=run,
    idempotent=True,
    first=False,
)
