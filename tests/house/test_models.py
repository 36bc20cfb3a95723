"""Whether a model answers, asked in place, and what came of it in words."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from house.bases import a_machine
from house.homes import a_home
from maquette.actions import trying
from maquette.domain.errors import Refused
from maquette.kinds.providers import Known
from maquette.providers import openai_chat
from maquette.testing.models import Asked, Call, Calls, Fails, Says, ScriptedModels, Turn

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
            tried = await trying.try_out(home, CHAT)
            assert (tried.model, tried.came) == (CHAT, came)
            assert said in tried.said
            asked = 3 if came == "works" else 1
            assert len(server.requests) == asked, "once, and where it works for tools and for pictures"


async def test_a_model_that_is_not_there_or_not_connected_is_told_without_waiting(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        async with a_home(tmp_path / "state", {"OPENAI_BASE_URL": address}) as home:
            assert (await trying.try_out(home, CHAT)).came == "unreachable"
            none = await trying.try_out(home, "anthropic:any")
            assert none.came == "not-connected"
            assert "ANTHROPIC_API_KEY" in none.said
            assert "Nobody was asked" in (await trying.try_out(home, "apprentice:rules")).said
            with pytest.raises(Refused, match="No model is called"):
                await trying.try_out(home, "nothing")


def test_the_command_line_tells_whether_a_model_answers_by_its_words_and_its_status(tmp_path: Path) -> None:
    def play(asked: Asked) -> Turn:
        return Fails(401, "Incorrect API key.") if asked.body["model"] == "locked" else Says("here")

    with ScriptedModels(play) as server, a_machine(tmp_path, server.variables) as machine:
        assert "✓ It works" in machine.ok("models", "--test", CHAT)
        refused = machine.run("models", "--test", "openai-chat:locked")
        assert refused.returncode == 2
        assert "refused the key" in refused.stdout


def able(asked: Asked) -> Turn:
    if asked.body.get("tools"):
        return Calls(Call("here"))
    return Says("Red." if "colour" in asked.said else "here", thinking="hm")


def unable(asked: Asked) -> Turn:
    refused = "tools" in asked.body or "colour" in asked.said
    return Fails(400, "This model takes neither tools nor pictures.") if refused else Says("here")


def vague(asked: Asked) -> Turn:
    return Says("blue")


Play = Callable[[Asked], Turn]
Offers = list[dict[str, object]]
PLAYS: list[tuple[Play, Offers, tuple[str, ...]]] = [
    (able, [{"id": "scripted", "max_model_len": 32768}], ("yes", "yes", "yes", "32,768 tokens")),
    (unable, [{"id": "scripted", "meta": {"n_ctx_train": 9999}}], ("no", "no", "not known", "not known")),
    (vague, [{"id": "another"}], ("not known",) * 4),
]


@pytest.mark.parametrize(
    ("play", "offers", "says"),
    PLAYS,
    ids=["able", "unable", "vague"],
)
async def test_what_a_model_can_do_is_what_was_seen_or_said_and_otherwise_not_known(
    tmp_path: Path, play: Play, offers: Offers, says: tuple[str, ...]
) -> None:
    with ScriptedModels(play, offers=offers) as server:
        async with a_home(tmp_path / "state", server.variables) as home:
            tried = await trying.try_out(home, CHAT)
            assert tuple(ability.says for ability in tried.abilities) == says
            assert all(bool(ability.by) is (ability.says != "not known") for ability in tried.abilities)
            assert f"Context window: {says[3]}" in tried.can


def test_what_is_on_record_counts_for_a_vendors_own_models_at_its_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert openai_chat.PROVIDER.known("gpt-5-mini") == Known(reasoning=True, window=400_000)
    assert openai_chat.PROVIDER.known("nobody-knows-this") == Known()
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert openai_chat.PROVIDER.known("gpt-5-mini") == Known(), "whatever has that name there"
