"""The background processes that `shell` started."""

from __future__ import annotations

from maquette.domain.cards import TableCard
from maquette.domain.errors import Refused
from maquette.kinds.tools import Arguments, Effect, Result, Tool, ToolContext
from maquette.tools.commands.processes import Process, processes_of

LONGEST = 600.0


class ProcessArguments(Arguments):
    number: int | None = None
    input: str | None = None
    stop: bool = False
    seconds: float | None = None


async def run(ctx: ToolContext, args: ProcessArguments) -> Result:
    processes = processes_of(ctx)
    if args.number is None:
        return _listed(await processes.all())
    process = processes.get(args.number)
    if args.stop:
        await process.stop()
    elif args.input is not None:
        await process.finish(0)
        if process.exit is not None:
            raise Refused(f"Process {args.number} has ended: {process.state()}.", code="ended")
        await process.running.write(args.input.encode())
        await process.answer(min(args.seconds or 10, LONGEST))
    else:
        await process.finish(min(args.seconds or 0, LONGEST))
    return process.news()


def _listed(processes: list[Process]) -> Result:
    rows = tuple((str(p.number), p.state(), p.command) for p in processes)
    text = "\n".join(f"{number}: {state}: {command[:200]}" for number, state, command in rows)
    return Result(text or "No processes.", TableCard(columns=("Number", "State", "Command"), rows=rows))


TOOL = Tool(
    name="process",
    description=(
        "A background process of shell, by number: what it printed since last asked. `input` goes to its standard "
        "input (end it with a newline); `stop` ends it; `seconds`: wait so long for its end. Without a number: all."
    ),
    arguments=ProcessArguments,
    effects=frozenset({Effect.RUNS, Effect.READS, Effect.WRITES}),
    run=run,
    first=False,
)
