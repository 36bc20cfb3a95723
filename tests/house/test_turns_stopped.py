"""A stop is never lost, whatever its turn is about to do."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from house.homes import a_home, rest, until
from maquette.actions import threads
from maquette.domain.events import TurnFinished, TurnWaiting
from maquette.domain.threads import Outcome
from maquette.testing.models import Call, Calls, ScriptedModels

pytestmark = pytest.mark.anyio
ASK = Calls(Call("ask", {"question": "Tea or coffee?"}))


async def test_a_turn_stopped_in_the_moment_in_which_it_begins_to_wait_ends(tmp_path: Path) -> None:
    with ScriptedModels(lambda _: ASK) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            for later in (0, 0.002, 0.004, 0.008, 0.016):  # seconds: at no moment of its tidying up may it be lost
                sent = await threads.start(home, f"choose {later}", project=None, model="openai-chat:scripted")
                assert isinstance(await rest(home, sent), TurnWaiting)
                await asyncio.sleep(later)
                await threads.stop(home, sent.thread)
                ended = await until(home, sent.thread, TurnFinished, after=sent.cursor)
                assert isinstance(ended.event, TurnFinished)
                assert ended.event.outcome is Outcome.STOPPED
