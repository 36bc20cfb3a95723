"""Ideas of what could go, each to be made real and proved in a run of its own."""

from __future__ import annotations

from pydantic import Field

from maquette.domain.gardening import Idea
from maquette.kinds.tools import Arguments, Effect, Offers, Tool, ToolContext


class OfferIdeas(Arguments):
    ideas: tuple[Idea, ...] = Field(max_length=1_000)


async def run(ctx: ToolContext, args: OfferIdeas) -> Offers:
    return Offers(args.ideas)


TOOL = Tool(
    name="offer_ideas",
    description=(
        "In an automation's run: hand on the ideas that the skill garden found, as its JSON has them. Each gets a run "
        "and a work tree of its own, and comes into the inbox if the project's checks pass."
    ),
    arguments=OfferIdeas,
    effects=frozenset({Effect.READS, Effect.WRITES}),
    run=run,
    idempotent=True,
    first=False,
)
