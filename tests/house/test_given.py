"""Files that a person gives with what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.checkouts import Checkout
from house.homes import a_home, results, until
from maquette.actions import projects, reviews, threads
from maquette.domain.events import TurnFinished
from maquette.domain.messages import Given
from maquette.testing.models import Asked, Call, Calls, Says, ScriptedModels, Turn

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
CHAT = "openai-chat:scripted"
PRICES = Given.model_construct(name="prices.csv", data=b"tea,3\n")


def play(asked: Asked) -> Turn:
    """Reads the first file that it was given."""
    if asked.results:
        return Says("read")
    path = asked.said.partition("Given with this:\n- ")[2].partition(" (")[0]
    return Calls(Call("read", {"path": path}))


async def test_on_a_desk_files_lie_with_what_is_there_and_overwrite_nothing(tmp_path: Path) -> None:
    desk = tmp_path / "state/desk"
    outside = Given.model_construct(name="../..\\x/.e\u202evil.txt", data=b"e")
    with ScriptedModels(play) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            for name in ("prices.csv", "prices-2.csv"):
                sent = await threads.start(home, "Look", project=None, model=CHAT, files=[PRICES, outside])
                await until(home, sent.thread, TurnFinished)
                assert (desk / name).read_bytes() == PRICES.data
                assert "tea,3" in results(home, sent.thread)[0][1]
    assert {path.name for path in desk.iterdir()} == {"prices.csv", "prices-2.csv", "evil.txt", "evil-2.txt"}


async def test_beside_a_project_files_can_be_read_and_are_in_no_result(tmp_path: Path) -> None:
    repo = Checkout.made(tmp_path / "shop", {"a.txt": "a\n"})
    with ScriptedModels(play) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            project = await projects.add(home, repo.path)
            sent = await threads.start(home, "Look", project=project.id, model=CHAT)
            await until(home, sent.thread, TurnFinished)
            more = await threads.send(home, sent.thread, "And here", files=[PRICES])
            await until(home, sent.thread, TurnFinished, after=more.cursor)
            assert "tea,3" in results(home, sent.thread)[-1][1]
            assert (await reviews.result(home, sent.thread)).kept.files == ()
