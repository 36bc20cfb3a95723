"""An address that can't be right is told at once, with the variable that holds it; one that may be isn't given up."""

from __future__ import annotations

import socket

import pytest

from maquette.domain.errors import Refused, Unavailable
from maquette.domain.messages import FromPerson
from maquette.kinds.providers import Request
from maquette.testing.models import Fails, Garbles, Says, ScriptedModels
from seams.wires import CHAT, Wire, each_wire, talking

pytestmark = pytest.mark.anyio


def variable(wire: Wire) -> str:
    return "ANTHROPIC_BASE_URL" if wire.provider.wire == "anthropic" else "OPENAI_BASE_URL"


async def refusal(wire: Wire, address: str, monkeypatch: pytest.MonkeyPatch) -> Refused:
    monkeypatch.setenv(variable(wire), address)
    conversation = wire.provider.open(wire.model)
    try:
        with pytest.raises(Refused) as refused:
            _ = [delta async for delta in conversation.stream(Request(wire.model, "", [FromPerson(text="Hi.")], ()))]
    finally:
        await conversation.close()
    assert variable(wire) in str(refused.value)
    assert "canary" not in str(refused.value)
    return refused.value


@each_wire
async def test_f8_a_host_that_there_is_not_is_told_at_once(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)  # no test asks the network
    refused = await refusal(wire, "http://me:canary@models.invalid/v1", monkeypatch)
    assert refused.code == "bad-address"
    assert "no host is called 'models.invalid'" in str(refused)


@each_wire
async def test_f8_a_port_of_this_machine_where_nothing_listens_is_told_at_once(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        refused = await refusal(wire, f"http://me:canary@127.0.0.1:{free.getsockname()[1]}/v1", monkeypatch)
    assert refused.code == "bad-address"
    assert "nothing listens there" in str(refused)


@each_wire
@pytest.mark.parametrize("status", [200, 404])
async def test_f8_a_web_page_is_told_at_once(wire: Wire, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Garbles(b"<html>Welcome</html>", "text/html; charset=utf-8", status)
    with ScriptedModels([page]) as server:
        refused = await refusal(wire, server.variables[variable(wire)], monkeypatch)
        assert len(server.requests) == 1
    assert "web page" in str(refused)


@each_wire
async def test_f8_a_path_that_the_server_does_not_know_is_told_at_once(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedModels([]) as server:
        refused = await refusal(wire, f"{server.url}/elsewhere", monkeypatch)
    assert refused.code == "bad-address"
    assert "no such path" in str(refused)
    assert ("most end in /v1" in str(refused)) is (wire.provider.wire != "anthropic")


@each_wire
@pytest.mark.parametrize("address", ["localhost:8080/v1", "http://", "http://[::1/v1", "me:canary@host", "ftp://a/b"])
async def test_f8_what_is_no_address_at_all_is_told_before_anything_is_sent(
    wire: Wire, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = await refusal(wire, address, monkeypatch)
    assert "is no address" in str(refused)
    assert wire.provider.connected().detail == str(refused)


@each_wire
@pytest.mark.parametrize("status", [502, 503])
async def test_f8_a_web_page_of_a_server_in_trouble_is_no_wrong_address(
    wire: Wire, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Garbles(b"<html>Bad Gateway</html>", "text/html", status)
    async with talking(wire, [page, Says("Now.")], monkeypatch) as talk:
        with pytest.raises(Unavailable):
            await talk.ask("Hello.")
        assert (await talk.ask()).answer.text == "Now."


async def test_a_model_that_there_is_not_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(CHAT, [Fails(404, "model 'gpt-0' not found")], monkeypatch) as talk:
        with pytest.raises(Refused, match="gpt-0") as refused:
            await talk.ask("Hello.")
    assert refused.value.code == "unknown-model"
