"""Commands, in the thread's sandbox."""

from __future__ import annotations

import asyncio

from maquette.domain.cards import TerminalCard
from maquette.domain.errors import Refused
from maquette.kinds.tools import Arguments, Effect, Result, Tool, ToolContext
from maquette.tools.commands.capture import Capture
from maquette.tools.commands.processes import processes_of
from maquette.tools.commands.told import ENV, argv, ending, output_file

LONGEST = 600.0


class Shell(Arguments):
    command: str
    seconds: float = 120
    background: bool = False


async def run(ctx: ToolContext, args: Shell) -> Result:
    if not args.command.strip():
        raise Refused("`command` is empty.", code="no-program")
    return await (_background(ctx, args) if args.background else _foreground(ctx, args))


async def _foreground(ctx: ToolContext, args: Shell) -> Result:
    capture = Capture(output_file(ctx, ctx.call), ctx.show)
    seconds = min(max(args.seconds, 0.1), LONGEST)
    exit = await ctx.box.run(argv(args.command), sink=capture, seconds=seconds, env=ENV)
    taken = capture.take()
    card = TerminalCard(
        command=args.command,
        output=taken.text,
        exit=exit.status,
        seconds=round(exit.seconds, 3),
        file=str(capture.stored) if capture.stored else None,
    )
    text = taken.text if taken.text.endswith("\n") or not taken.text else taken.text + "\n"
    return Result(f"{text}[{ending(exit)}]", card, error=exit.status != 0)


async def _background(ctx: ToolContext, args: Shell) -> Result:
    process = await processes_of(ctx).start(ctx, args.command)
    try:
        await process.answer(1.0)
    except asyncio.CancelledError:
        await process.stop()  # nobody would ever learn its number
        raise
    news = process.news()
    told = f'{news.text}\nTo read or stop it, or to write to it: use_tool, process, {{"number": {process.number}}}.'
    return Result(told if process.exit is None else news.text, news.card)


TOOL = Tool(
    name="shell",
    description=(
        "Run a bash command in the tree; no network. Long output is cut; the whole is in a file. Stopped after "
        "`seconds` (120, at most 600). `background`: it goes on and gets a number."
    ),
    arguments=Shell,
    effects=frozenset({Effect.RUNS, Effect.READS, Effect.WRITES}),
    run=run,
)
