"""Connecting to models: usable at once, told in words, and found on this machine only when somebody asks."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from house.homes import a_home, rest, said
from maquette.actions import connections, models, roles, threads
from maquette.connections import Connections
from maquette.domain.errors import Refused
from maquette.testing.models import Asked, Fails, Says, ScriptedModels, Turn

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]
KEY = "sk-canary-9876543210"


def locked(asked: Asked) -> Turn:
    """Lets in who shows the key, and tells others theirs, as careless servers do."""
    shown = asked.headers.get("authorization", "") + asked.headers.get("x-api-key", "")
    return Says("in") if KEY in shown else Fails(401, f"No such key: {shown}.")


@pytest.mark.parametrize(
    "wire", ["openai-chat", *(pytest.param(wire, marks=pytest.mark.prove) for wire in ("openai", "anthropic"))]
)
async def test_a_model_that_is_connected_does_the_next_thread_and_the_base_goes_on(tmp_path: Path, wire: str) -> None:
    with ScriptedModels(locked) as server:
        address = server.url if wire == "anthropic" else f"{server.url}/v1"
        async with a_home(tmp_path / "state", {}) as home:
            for key, told in (("sk-wrong-key", "refused the key"), ("", "refused the key")):
                with pytest.raises(Refused, match=told) as refused:
                    await connections.connect(home, wire, address=address, key=key, model="scripted", name="mine")
                assert "sk-wrong" not in str(refused.value)
            assert "mine" not in home.providers
            made = await connections.connect(home, wire, address=address, key=KEY, model="scripted", name="mine")
            assert (made.model, made.worker) == ("mine:scripted", True)
            assert await roles.worker(home) == "mine:scripted"
            sent = await threads.start(home, "go", project=None)
            await rest(home, sent)
            assert said(home, sent.thread) == "in"
            assert KEY not in repr(models.listed(home)) + repr(home.providers["mine"])
            await connections.forget(home, "mine")
            with pytest.raises(Refused, match="No model is called"):
                await threads.start(home, "go", project=None)
        server.problems.clear()  # a wire that is sent no key at all may leave out its header


async def test_the_environment_goes_before_what_is_kept(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    Connections(state).keep("openai-chat", "openai-chat", "http://127.0.0.1:9/v1", KEY)
    with ScriptedModels([Says("by the environment")]) as server:
        async with a_home(state, server.variables) as home:
            [way] = [way for way in models.listed(home) if way.kept]
            assert way.unused
            sent = await threads.start(home, "go", project=None, model="openai-chat:scripted")
            await rest(home, sent)
            assert said(home, sent.thread) == "by the environment"
            assert KEY.encode() not in server.requests[0].headers["authorization"].encode()
            with pytest.raises(Refused, match="goes before"):
                await connections.connect(home, "openai", address="", key=KEY, model="m")


async def test_servers_of_this_machine_are_found_when_asked_for_and_connected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free, ScriptedModels([Says("here")], offers=[{"id": "qwen3:8b"}, {"id": 5}]) as server:
        free.bind(("127.0.0.1", 0))
        silent = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        places = (("Ollama", "ollama", f"{server.url}/v1"), ("vLLM", "vllm", silent))
        monkeypatch.setattr(connections, "LOCAL", places)
        async with a_home(tmp_path / "state", {}) as home:
            [one] = await connections.found(home)
            assert (one.title, one.models, one.connected) == ("Ollama", ("qwen3:8b",), "")
            assert not server.requests, "nothing was asked but which models there are"
            made = await connections.connect(
                home, "openai-chat", address=one.address, key="", model=one.models[0], name=one.name
            )
            assert made.model == "ollama:qwen3:8b"
            [one] = await connections.found(home)
            assert one.connected == "ollama"


def test_only_this_machine_is_looked_at() -> None:
    assert all(address.startswith("http://127.0.0.1:") for _, _, address in connections.LOCAL)
