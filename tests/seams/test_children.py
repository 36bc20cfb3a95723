"""Children on either store, and done by whichever process is free."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from house.bases import Machine
from house.homes import PATIENCE, a_home, events, said, there, until
from house.together import a_worker
from maquette.actions import threads
from maquette.domain.events import ChildAsked, TurnFinished, TurnStarted
from maquette.domain.threads import Outcome
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Stalls, Turn
from maquette.testing.proof.scenes import answers

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
CHAT = "openai-chat:scripted"


def hands_on(count: int, *parts: Turn) -> ScriptedModels:
    """A model that hands the whole on in so many parts."""
    scripts: dict[str, Sequence[Turn]] = {
        "whole": [Calls(*[Call("delegate", {"task": "part"})] * count), Says("the whole")],
        "part": [*parts, Says("a part")],
        "busy": [Stalls(Says("still at it, and at it"), after=3)],
    }

    def play(asked: Asked) -> Turn:
        return scripts[asked.thread][answers(asked)]

    return ScriptedModels(play)


async def test_children_are_begun_and_heard_on_either_store(tmp_path: Path, place: Path | str) -> None:
    database = {"MAQUETTE_DATABASE": place} if isinstance(place, str) else {}
    with hands_on(2) as models:
        async with a_home(tmp_path / "state", models.variables | database | {"MAQUETTE_TURNS": "1"}, "dbos") as home:
            sent = await threads.start(home, "whole", project=None, model=CHAT)
            await until(home, sent.thread, TurnFinished)
            assert said(home, sent.thread) == "the whole"
            assert [one.outcome for one in await threads.family(home, sent.thread)] == [Outcome.DONE] * 2


async def test_a_child_of_a_killed_worker_is_taken_over_and_its_parent_goes_on(tmp_path: Path, database: str) -> None:
    with hands_on(1, Calls(Call("shell", {"command": "touch begun; sleep 600"}))) as models:
        variables = {**models.variables, "MAQUETTE_DATABASE": database, "MAQUETTE_TURNS": "2"}
        async with a_home(tmp_path / "state", variables, "dbos") as home:
            busy = await threads.start(home, "busy", project=None, model=CHAT)
            await until(home, busy.thread, TurnStarted)
            with a_worker(Machine(tmp_path, variables)) as worker:
                sent = await threads.start(home, "whole", project=None, model=CHAT)
                asked = (await until(home, sent.thread, ChildAsked)).event
                assert isinstance(asked, ChildAsked)
                await there(home.workspace.tree(asked.child) / "begun")
                worker.send_signal(signal.SIGKILL)
                worker.wait(PATIENCE)
                await until(home, sent.thread, TurnFinished)
                assert said(home, sent.thread) == "the whole"
                assert [ended.outcome for ended in events(home, asked.child, TurnFinished)] == [Outcome.DONE]
