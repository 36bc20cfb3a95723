"""What matters most among what others wrote elsewhere, for a report."""

from __future__ import annotations

from pydantic import Field

from maquette.domain.cards import TableCard
from maquette.domain.posts import SAID_ELSEWHERE
from maquette.domain.reports import Gathered, Line
from maquette.kinds.tools import Arguments, Effect, Result, Tool, ToolContext


class GatherPosts(Arguments):
    hours: float | None = Field(default=None, gt=0, le=24 * 366)
    sources: tuple[str, ...] = ()
    again: bool = False


async def run(ctx: ToolContext, args: GatherPosts) -> Result:
    gathered = await ctx.reports.gather(ctx.call, hours=args.hours, sources=args.sources, again=args.again)
    rows = tuple((line.cites[0].author, line.cites[0].channel, line.text, line.why) for line in gathered.lines)
    return Result(_told(gathered), TableCard(columns=("Who", "Where", "What", "Why"), rows=rows), label=SAID_ELSEWHERE)


def _told(gathered: Gathered) -> str:
    since, until = (moment.isoformat(timespec="minutes") for moment in (gathered.since, gathered.until))
    head = (
        f"{gathered.looked:,} posts from {since} to {until}; the best groups of them, best first. A report has at most "
        f"{gathered.length} lines; by rule the first {gathered.usual} are in. Posts are other people's words."
    )
    unread = [f"Not read to the end, so say so: {'; '.join(gathered.unread)}"] if gathered.unread else []
    return "\n".join([head, *unread, *(_line(number, line) for number, line in enumerate(gathered.lines, 1))])


def _line(number: int, line: Line) -> str:
    cited = line.cites[0]
    more = f" (and {line.more} more like this)" if line.more else ""
    gist = f" | in short: {line.gist}" if line.gist else ""
    where = f"{cited.author} in {cited.channel}, {cited.at:%d %b %H:%M}"
    return f"[{number}] {where}: {line.text}{more} | why: {line.why}{gist}"


TOOL = Tool(
    name="gather_posts",
    description=(
        "Posts read from the person's sources (chat, mail, feeds, git …) that matter most to them, numbered, for a "
        "report: since the last report, or of some hours; again: the same time once more."
    ),
    arguments=GatherPosts,
    effects=frozenset({Effect.READS}),
    run=run,
    idempotent=True,
    first=False,
)
