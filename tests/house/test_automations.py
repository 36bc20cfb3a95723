"""Work that is done by itself: each slot once or told of, under what a person approved, with a receipt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from house.homes import PATIENCE, a_home
from maquette.actions import automations, threads
from maquette.actions.home import Home
from maquette.domain.automations import Plan, Reports, Result, When
from maquette.domain.events import Entry, RunEnded
from maquette.engine import ticker
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn

pytestmark = [pytest.mark.anyio, pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap")]
CHAT = "openai-chat:scripted"
HOURLY = When(schedule="0 * * * *", zone="UTC")


class Hands:
    """A clock that is set by hand, and goes on from there."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def real(self, seconds: float) -> float:
        return seconds


def play(asked: Asked) -> Turn:
    if asked.results:
        return Says("Seen.")
    if "ask" in asked.thread:
        return Calls(Call("ask", {"question": "Which?"}))
    if "write" in asked.thread:
        return Calls(Call("shell", {"command": "echo made > made.txt"}))
    return Says("Nothing new." if "quiet" in asked.thread else "A report.")


@pytest.fixture(scope="module")
def models() -> Iterator[ScriptedModels]:
    with ScriptedModels(play) as models:
        yield models


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def clock() -> Iterator[Hands]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ticker, "CLOCK", clock := Hands())
        patch.setattr(ticker, "LONGEST", 0.02)
        yield clock


@pytest.fixture(scope="module")
async def home(models: ScriptedModels, clock: Hands, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with a_home(tmp_path_factory.mktemp("a") / "state", models.variables) as home:
        yield home


def a_plan(name: str, **given: object) -> Plan:
    return Plan.model_validate({"name": name, "brief": name, "model": CHAT, **given})


async def turned_on(home: Home, plan: Plan) -> str:
    made = await automations.draft(home, plan)
    told = await automations.show(home, made.id)
    return (await automations.turn_on(home, made.id, told.digest)).id


async def comes(home: Home, automation: str, *kinds: type, count: int = 1) -> list[Entry]:
    """The first so many entries of these kinds in its stream."""
    found: list[Entry] = []
    async with asyncio.timeout(PATIENCE):
        async for item in home.store.feed.follow(stream=automation):
            if isinstance(item, Entry) and isinstance(item.event, kinds):
                found.append(item)
                if len(found) == count:
                    return found
    raise AssertionError


async def test_a_slot_has_one_run_and_a_receipt_that_says_what_came_of_it(home: Home, clock: Hands) -> None:
    id = await turned_on(home, a_plan("tell", when=HOURLY, postcondition=Reports()))
    clock.ahead += timedelta(hours=1)
    await comes(home, id, RunEnded)
    (receipt,) = await automations.receipts(home, id)
    assert (receipt.state, receipt.result, receipt.version) == ("ended", Result.DONE, 1)
    assert (receipt.proved, receipt.words, receipt.requests) == ("It reported 2 words.", 2, 1)
    assert (await threads.find(home, receipt.thread or "")).automation == id
