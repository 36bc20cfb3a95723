"""Whether a model answers, asked in place, and what came of it in words."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from house.bases import a_machine
from house.homes import a_home
from maquette.actions import models
from maquette.domain.errors import Refused
from maquette.testing.models import Asked, Fails, Says, ScriptedModels, Turn

pytestmark = pytest.mark.anyio
CHAT = "openai-chat:scripted"


@pytest.mark.parametrize(
    ("turn", "came", "said"),
    [
        (Says("here"), "works", "It works"),
        (Says("", thinking="hm"), "works", "It works"),
        (Fails(401, "Incorrect API key."), "key-refused", "refused the key"),
        (Fails(404, "No such model.", code="model_not_found"), "no-such-model", "There is no scripted"),
        (Fails(400, "Not so."), "refused", "Not so."),
        (Fails(503, "Later."), "unreachable", "not available"),
    ],
)
async def test_a_model_that_is_tried_says_what_came_of_it(tmp_path: Path, turn: Turn, came: str, said: str) -> None:
    with ScriptedModels([turn]) as server:
        async with a_home(tmp_path / "state", server.variables) as home:
            tried = await models.try_out(home, CHAT)
            assert (tried.model, tried.came) == (CHAT, came)
            assert said in tried.said
            assert len(server.requests) == 1, "once, whatever comes of it"


async def test_a_model_that_is_not_there_or_not_connected_is_told_without_waiting(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        async with a_home(tmp_path / "state", {"OPENAI_BASE_URL": address}) as home:
            assert (await models.try_out(home, CHAT)).came == "unreachable"
            none = await models.try_out(home, "anthropic:any")
            assert none.came == "not-connected"
            assert "ANTHROPIC_API_KEY" in none.said
            assert "Nobody was asked" in (await models.try_out(home, "apprentice:rules")).said
            with pytest.raises(Refused, match="No model is called"):
                await models.try_out(home, "nothing")


def test_the_command_line_tells_whether_a_model_answers_by_its_words_and_its_status(tmp_path: Path) -> None:
    def play(asked: Asked) -> Turn:
        return Fails(401, "Incorrect API key.") if asked.body["model"] == "locked" else Says("here")

    with ScriptedModels(play) as server, a_machine(tmp_path, server.variables) as machine:
        assert "✓ It works" in machine.ok("models", "--test", CHAT)
        refused = machine.run("models", "--test", "openai-chat:locked")
        assert refused.returncode == 2
        assert "refused the key" in refused.stdout
