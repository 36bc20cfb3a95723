"""A draft of an automation: what a person said about work that is to be done by itself."""

from __future__ import annotations

from typing import Literal

from maquette.kinds.tools import Arguments, Drafts, Effect, Tool, ToolContext


class Automate(Arguments):
    name: str
    brief: str
    when: str
    zone: str = ""
    look: str = ""
    check: str = ""
    may: tuple[Literal["reads", "writes", "runs", "network"], ...] = ("reads", "writes", "runs")
    hosts: tuple[str, ...] = ()


async def run(ctx: ToolContext, args: Automate) -> Drafts:
    return Drafts(
        name=args.name,
        brief=args.brief,
        when=args.when,
        zone=args.zone,
        look=args.look,
        check=args.check,
        may=tuple(Effect(one) for one in args.may),
        hosts=args.hosts,
    )


TOOL = Tool(
    name="automate",
    description=(
        "Draft work to be done by itself; the person tries it and turns it on. when: as they said it (weekdays at 7). "
        "brief: all a run must know. look: a command that prints nothing when there is no news. check: a command "
        "that proves a run."
    ),
    arguments=Automate,
    effects=frozenset({Effect.AUTHORITY}),
    run=run,
    first=False,
)
