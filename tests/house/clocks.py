"""Automations in a test: clocks for the ticker, and waiting for what becomes of slots."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from house.homes import PATIENCE, a_home
from maquette import app
from maquette.actions import automations
from maquette.actions.home import Home
from maquette.domain.automations import Plan, Receipt, When
from maquette.domain.events import Entry, Event, RunEnded
from maquette.engine import ticker
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn
from maquette.testing.proof.mortal import POST
from maquette.testing.proof.scenes import answers

CHAT = "openai-chat:scripted"
HOUR = timedelta(hours=1)
MOVES = {
    "asks": [Call("ask", {"question": "Which?"})],
    "writes": [Call("shell", {"command": "echo made > made.txt"})],
    "posts": [Call("post", {"text": "hello"})],
    "hands on": [Call("delegate", {"task": "posts as a part"})],
    "drafts": [
        Call("read", {"path": "strange.txt"}),
        Call("automate", {"name": "from a thread", "brief": "again", "when": "0 * * * *"}),
    ],
}


def play(asked: Asked) -> Turn:
    """Moves by the words of the brief, one an answer; then a report."""
    moves = next((calls for words, calls in MOVES.items() if words in asked.thread), list[Call]())
    if (place := answers(asked)) < len(moves):
        return Calls(moves[place])
    return Says("There was nothing.\n\nNothing new." if "quiet" in asked.thread else "A report.")


def _board(_: object) -> Sequence[str]:
    return ("board.example",)


@asynccontextmanager
async def a_home_by_hand(folder: Path) -> AsyncGenerator[ByHand]:
    """A base whose ticker looks at a clock that is set by hand, whose agents may post, and whose model plays `play`."""
    tools = [*app.all_tools(), replace(POST, reaches=_board)]
    with pytest.MonkeyPatch.context() as patch, ScriptedModels(play) as models:
        patch.setattr(ticker, "CLOCK", clock := Hands())
        patch.setattr(ticker, "LONGEST", 0.02)
        patch.setattr(app, "all_tools", lambda: tools)
        patch.setenv("PROOF_OUTSIDE", str(folder / "outside"))
        async with a_home(folder / "state", models.variables) as home:
            yield home, clock, models


def a_plan(name: str, **given: object) -> Plan:
    """Whose brief is its name."""
    return Plan.model_validate({"name": name, "brief": name, "model": CHAT, **given})


class Hands:
    """A clock that is set by hand, and goes on from there."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    @property
    def hourly(self) -> When:
        """Half an hour away from any test that begins now."""
        return When(schedule=f"{(datetime.now(UTC).minute + 30) % 60} * * * *", zone="UTC")

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def real(self, seconds: float) -> float:
        return seconds


ByHand = tuple[Home, Hands, ScriptedModels]


async def turned_on(home: Home, plan: Plan) -> str:
    """Of an automation that was drafted, looked at and approved."""
    made = await automations.draft(home, plan)
    told = await automations.show(home, made.id)
    return (await automations.turn_on(home, made.id, told.digest)).id


async def comes(home: Home, stream: str, *kinds: type[Event], count: int = 1) -> list[Entry]:
    """The first so many entries of these kinds in a stream, once they are there."""
    found: list[Entry] = []
    async with asyncio.timeout(2 * PATIENCE):
        async for item in home.store.feed.follow(stream=stream):
            if isinstance(item, Entry) and isinstance(item.event, kinds):
                found.append(item)
                if len(found) == count:
                    return found
    raise AssertionError("the feed ended")


async def run(home: Home, plan: Plan) -> tuple[str, Receipt]:
    """The thread of one run, begun by hand, and what came of it."""
    id = await turned_on(home, plan)
    began = await automations.run(home, id)
    await comes(home, id, RunEnded)
    return began.thread, (await automations.receipts(home, id))[0]
