"""A report of what was gathered: lines, each with the posts that it rests on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from maquette.domain.cards import ReportCard
from maquette.domain.posts import SAID_ELSEWHERE
from maquette.domain.reports import Report
from maquette.kinds.reports import Draft
from maquette.kinds.tools import Arguments, Effect, Result, Tool, ToolContext


class Written(BaseModel):
    """One line, and the numbers of what it rests on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(max_length=1_000)
    cites: tuple[int, ...]


class WriteReport(Arguments):
    heading: str = Field(default="What matters", max_length=200)
    lines: tuple[Written, ...] = Field(default=(), max_length=100)


async def run(ctx: ToolContext, args: WriteReport) -> Result:
    if not args.lines:
        await ctx.reports.gather(f"{ctx.call}:gather")
    drafts = [Draft(line.text, line.cites) for line in args.lines]
    report = await ctx.reports.give(ctx.call, args.heading, drafts)
    return Result(_told(report), ReportCard(report=report), label=SAID_ELSEWHERE)


def _told(report: Report) -> str:
    how = "in their sources' own words" if report.rules else "each with its sources"
    lines = [f"{number}. {line.text}" for number, line in enumerate(report.lines, 1)]
    head = f"here is the report, out of {report.looked:,} posts: {len(lines)} lines, {how}."
    head = head if lines else f"nothing that matters among {report.looked:,} posts."
    unread = f" Not read to the end: {'; '.join(report.unread)}" if report.unread else ""
    return "\n".join([head + unread, *([""] if lines else []), *lines])


TOOL = Tool(
    name="write_report",
    description=(
        "Write the report of what gather_posts found: lines, each citing its numbers; what cites none is refused. "
        "No lines: the usual ones, in their sources' own words."
    ),
    arguments=WriteReport,
    effects=frozenset({Effect.READS}),
    run=run,
    idempotent=True,
    first=False,
)
