"""What goes wrong on a wire becomes `Refused` or `Unavailable`, and no half of an answer is taken for one (F8, F9)."""

from __future__ import annotations

import asyncio
import functools
import gzip
import logging
import socket
import traceback
from typing import cast

import pytest

from maquette.domain.errors import Refused, Unavailable
from maquette.domain.messages import FromPerson
from maquette.kinds.providers import Answered, Connection, Request, TextDelta
from maquette.kinds.providers import Wire as Connectable
from maquette.providers.wires import watched
from maquette.providers.wires.endpoint import Patience
from maquette.testing import models as script
from maquette.testing.models import Breaks, Calls, Fails, Faults, Garbles, Says, ScriptedModels, Slow, Splits, Stalls
from seams.wires import CHAT, MESSAGES, READ, Talk, Wire, each_wire, talking

pytestmark = pytest.mark.anyio
LONG = "Es war einmal ein Modell — 模型 🦊 — das sprach in Stücken, " * 4


@each_wire
@pytest.mark.parametrize(
    ("status", "code"), [(400, "bad-request"), (401, "bad-key"), (403, "bad-key"), (404, "unknown-model")]
)
async def test_what_the_person_can_mend_is_refused_in_the_providers_words(
    wire: Wire, status: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talking(wire, [Fails(status, "The flux is off.")], monkeypatch) as talk:
        with pytest.raises(Refused, match=r"The flux is off\.") as caught:
            await talk.ask("Hello.")
        assert caught.value.code == code
        assert wire.model in str(caught.value)
        assert talk.server.url in str(caught.value)


@each_wire
@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 529])
async def test_what_may_help_to_try_again_is_tried_once_and_unavailable(
    wire: Wire, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talking(wire, [Fails(status, "Busy.", retry_after=7), Says("Now.")], monkeypatch) as talk:
        with pytest.raises(Unavailable, match=r"Busy\.") as caught:
            await talk.ask("Hello.")
        assert caught.value.retry_after == 7
        assert len(talk.server.requests) == 1
        assert (await talk.ask()).answer.text == "Now."


async def test_an_account_with_nothing_left_is_no_reason_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(CHAT, [Fails(429, "No credit.", code="insufficient_quota")], monkeypatch) as talk:
        with pytest.raises(Refused) as caught:
            await talk.ask("Hello.")
    assert caught.value.code == "no-credit"


@pytest.mark.parametrize(
    ("wire", "message", "code"),
    [
        (CHAT, "This model's maximum context length is 8 tokens.", "context_length_exceeded"),
        (MESSAGES, "prompt is too long: 210000 tokens > 200000 maximum", None),
    ],
    ids=str,
)
async def test_a_thread_too_long_for_the_model_has_a_code_of_its_own(
    wire: Wire, message: str, code: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talking(wire, [Fails(400, message, code=code)], monkeypatch) as talk:
        with pytest.raises(Refused) as caught:
            await talk.ask("Hello.")
    assert caught.value.code == "context-overflow"


@each_wire
async def test_a_key_in_an_answer_gets_into_no_error(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sk-very-secret-4711"
    async with talking(wire, [Fails(401, f"Incorrect API key provided: {key}.")], monkeypatch) as talk:
        monkeypatch.setenv("OPENAI_API_KEY", key)
        monkeypatch.setenv("ANTHROPIC_API_KEY", key)
        other = Talk(wire, talk.server, wire.provider.open(wire.model))
        with pytest.raises(Refused) as caught:
            await other.ask("Hello.")
        await other.conversation.close()
        assert key in str(dict(talk.server.requests[0].headers))  # it was the one in use
    assert key not in "".join(traceback.format_exception(caught.value))
    assert key not in repr(other.conversation)


@each_wire
async def test_a_first_byte_that_does_not_come_is_not_waited_for(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, [Slow(30, Says("late"))], monkeypatch) as talk:
        async with asyncio.timeout(5):
            with pytest.raises(Unavailable, match="in time"):
                await talk.ask("Hello.", settings={"first_byte_seconds": 0.2})


@each_wire
async def test_a_stream_that_stalls_is_left(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, [Stalls(Says(LONG), after=3)], monkeypatch) as talk:
        async with asyncio.timeout(5):
            with pytest.raises(Unavailable, match="in time"):
                await talk.ask("Hello.", settings={"between_chunks_seconds": 0.2})


@each_wire
async def test_f8_an_answer_that_goes_on_and_on_is_left(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, [Says(LONG)], monkeypatch, pace=0.02) as talk:
        async with asyncio.timeout(5):
            with pytest.raises(Unavailable, match="in time"):
                await talk.ask("Hello.", settings={"whole_seconds": 0.1})


@each_wire
async def test_f8_a_connection_that_is_not_taken_up_is_not_waited_for(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Patience, "__init__", functools.partialmethod(Patience.__init__, connect=0.2))
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, socket.socket() as first:
        first.connect(deaf.getsockname())  # the one that waits in line; the next isn't let in
        for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{deaf.getsockname()[1]}/v1")
        asked = wire.provider.open(wire.model)
        async with asyncio.timeout(10):
            with pytest.raises(Unavailable, match="in time"):
                _ = [delta async for delta in asked.stream(Request(wire.model, "", [FromPerson(text="Hi.")], ()))]
        await asked.close()


@each_wire
async def test_a_slow_stream_that_keeps_coming_is_waited_for(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, [Says(LONG)], monkeypatch, pace=0.02) as talk:
        patience = {"first_byte_seconds": 5, "between_chunks_seconds": 0.15}
        assert (await talk.ask("Hello.", settings=patience)).answer.text == LONG


BROKEN = [
    Breaks(Says(LONG), after=0),
    Breaks(Says(LONG), after=3),
    Breaks(Says(LONG), after=3, clean=True),
    Breaks(Calls(script.Call("read", {"path": "a" * 99}), script.Call("read", {"path": "b"})), after=5),
    Breaks(Calls(script.Call("read", {"path": "a" * 99}), script.Call("read", {"path": "b"})), after=5, clean=True),
    Faults(Says(LONG), after=3),
    Garbles(),
    Garbles(b"<html>Welcome to the hotel's WiFi</html>"),
    Garbles(b'data: {"choices": 7, "type": "message_start", "message": 3}\n\ndata: [DONE]\n\n'),
    Garbles(b""),
]


@each_wire
@pytest.mark.parametrize("turn", BROKEN, ids=[f"{type(t).__name__}-{n}" for n, t in enumerate(BROKEN)])
async def test_an_answer_that_is_not_whole_is_none(
    wire: Wire, turn: script.Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talking(wire, [turn, Says("Now.")], monkeypatch) as talk:
        with pytest.raises(Unavailable):
            await talk.ask("Hello.")
        assert not any(isinstance(delta, Answered) for delta in talk.deltas)
        assert (await talk.ask()).answer.text == "Now."


@each_wire
async def test_without_a_key_a_request_is_refused_with_what_to_set(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = wire.provider.connected()
    assert not connected.ready
    conversation = wire.provider.open(wire.model)
    with pytest.raises(Refused) as caught:
        async for _ in conversation.stream(Request(wire.model, "", [], [])):
            pass
    assert str(caught.value) == connected.detail
    assert "_API_KEY" in connected.detail
    assert "_BASE_URL" in connected.detail


@each_wire
async def test_a_server_of_ones_own_needs_no_key(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, [Says("Hi.")], monkeypatch) as talk:
        for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
            monkeypatch.delenv(name)
        assert wire.provider.connected().ready
        own = Talk(wire, talk.server, wire.provider.open(wire.model))
        assert (await own.ask("Hello.")).answer.text == "Hi."
        await own.conversation.close()


@each_wire
@pytest.mark.parametrize("size", [1, 7])
async def test_characters_in_parts_are_put_together(wire: Wire, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, [Splits(Says(LONG, thinking="Füchse 🦊"), size)], monkeypatch) as talk:
        assert (await talk.ask("Hello.")).answer.text == LONG


@each_wire
@pytest.mark.parametrize("arguments", ['{"path": "a', "[1, 2]", "not json at all", '{"path": 7}'])
async def test_bad_arguments_are_handed_on_as_they_came(
    wire: Wire, arguments: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = [Calls(script.Call("read", arguments), script.Call("no_such_tool", "{}")), Says("Sorry.")]
    async with talking(wire, turns, monkeypatch) as talk:
        first = await talk.ask("Hello.")
        assert [(c.name, c.arguments) for c in first.answer.calls] == [("read", arguments), ("no_such_tool", "{}")]
        assert (await talk.ask(*talk.results(error=True))).answer.text == "Sorry."


@each_wire
async def test_a_call_without_arguments_has_an_empty_object(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, [Calls(script.Call("read", ""))], monkeypatch) as talk:
        assert [c.arguments for c in (await talk.ask("Hello.")).answer.calls] == ["{}"]


@each_wire
async def test_calls_under_one_id_are_all_there(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    twice = [script.Call("read", {"path": path}, id="same") for path in ("a", "b")]
    async with talking(wire, [Calls(*twice, script.Call("read", {"path": "c"}, id=""))], monkeypatch) as talk:
        calls = (await talk.ask("Hello.")).answer.calls
    assert [c.arguments for c in calls] == ['{"path":"a"}', '{"path":"b"}', '{"path":"c"}']
    assert [c.id for c in calls[:2]] == ["same", "same"]


@each_wire
async def test_five_hundred_calls_at_once_come_whole(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    many = Calls(*(script.Call("read", {"path": f"{n}"}) for n in range(500)))
    async with talking(wire, [many, Says("Phew.")], monkeypatch) as talk:
        calls = (await talk.ask("Hello.")).answer.calls
        assert [c.arguments for c in calls] == [f'{{"path":"{n}"}}' for n in range(500)]
        assert (await talk.ask(*talk.results())).answer.text == "Phew."


@each_wire
async def test_an_empty_answer_is_an_answer(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, [Says(""), Says("Now.")], monkeypatch) as talk:
        assert (await talk.ask("Hello.")).answer.parts == ()
        assert (await talk.ask("Well?")).answer.text == "Now."


@each_wire
async def test_an_answer_cut_off_says_so_and_keeps_no_call_that_was_not_all_there(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = Calls(script.Call("read", {"path": "a"}), script.Call("read", '{"path": "b'), text="So,", cut=True)
    async with talking(
        wire, [Says("And then", cut=True), half, Calls(script.Call("read", ""), cut=True)], monkeypatch
    ) as talk:
        assert (first := await talk.ask("Hello.")).cut
        assert first.answer.text == "And then"
        second = await talk.ask("Go on.")
        assert second.cut
        assert [c.arguments for c in second.answer.calls] == ['{"path":"a"}']
        assert not (await talk.ask(*talk.results())).answer.calls


@each_wire
async def test_a_stream_that_is_left_half_way_hangs_up_and_the_next_works(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talking(wire, [Stalls(Says(LONG), after=8), Says("Now.")], monkeypatch) as talk:
        begun = asyncio.Event()

        async def listen() -> None:
            request = Request(wire.model, "Be brief.", talk.messages, [READ])
            async for delta in talk.conversation.stream(request):
                if isinstance(delta, TextDelta):
                    begun.set()

        talk.messages.append(FromPerson(text="Hello."))
        listening = asyncio.create_task(listen())
        async with asyncio.timeout(5):
            await begun.wait()
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        assert (await talk.ask()).answer.text == "Now."


@each_wire
async def test_an_answer_without_end_is_broken_off(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "LONGEST", 100_000)
    async with talking(wire, [Says("on and " * 20_000)], monkeypatch) as talk:
        with pytest.raises(Refused) as refused:
            await talk.ask("go on")
        assert refused.value.code == "endless-answer"


@each_wire
async def test_a_packed_answer_is_not_unpacked(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of 4 MB would take 4 GB."""
    packed = Garbles(gzip.compress(b"data: " + b" " * (64 << 20)), "text/event-stream\r\nContent-Encoding: gzip")
    async with talking(wire, [packed], monkeypatch) as talk:
        with pytest.raises(Unavailable, match="packed"):
            await talk.ask("go on")
        assert talk.server.requests[-1].headers["accept-encoding"] == "identity"


@each_wire
async def test_s26_what_the_environment_adds_to_requests_does_not_go_where_a_connection_leads(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S26: gateways' keys are in headers that the SDKs take from variables of their own."""
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, "canary")
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "canary")
    for name in ("ANTHROPIC_CUSTOM_HEADERS", "OPENAI_CUSTOM_HEADERS"):
        monkeypatch.setenv(name, "X-Gateway: canary")
    with ScriptedModels([Says("Hi."), Says("Hi.")]) as server:
        address = server.url if wire is MESSAGES else f"{server.url}/v1"
        for key in ("", "own"):
            there = cast("Connectable", wire.provider).at(
                Connection("mine", wire.provider.wire, address, key, functools.partial(str, key))
            )
            conversation = there.open(wire.model)
            asked = Request(wire.model, "", [FromPerson(text="Hi.")], ())
            assert [delta async for delta in conversation.stream(asked)]
            await conversation.close()
        server.problems.clear()  # a server of one's own may be sent no key
        assert "canary" not in str([request.headers for request in server.requests])


async def test_a_server_is_not_believed_more_tokens_than_can_be_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three answers of 4e18 tokens, and no cost could be shown, nor any cap be asked for, any more."""
    head = '{"id":"x","object":"chat.completion.chunk","created":1,"model":"gpt-5-pro",'
    pieces = (
        '"choices":[{"index":0,"delta":{"role":"assistant","content":"Hi."},"finish_reason":null}]}',
        '"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
        f'"choices":[],"usage":{{"prompt_tokens":{4 * 10**18},"completion_tokens":{4 * 10**18},"total_tokens":1}}}}',
    )
    body = "".join(f"data: {head}{piece}\n\n" for piece in pieces) + "data: [DONE]\n\n"
    async with talking(CHAT, [Garbles(body.encode())], monkeypatch) as talk:
        usage = (await talk.ask("Hello.")).usage
        assert (usage.input, usage.output, usage.price) == (10**7, 10**7, None)


async def test_a_character_that_comes_in_halves_is_one_and_a_lone_half_is_told_as_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = (r'{"role":"assistant","content":"fox \ud83e"}', r'{"content":"\udd8a, half \ud83e"}', r'{"content":" end"}')
    pieces = [
        f'data: {{"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":'
        f'[{{"index":0,"delta":{delta},"finish_reason":{end}}}]}}\n\n'
        for delta, end in [*((delta, "null") for delta in said), ("{}", '"stop"')]
    ]
    async with talking(CHAT, [Garbles("".join([*pieces, "data: [DONE]\n\n"]).encode())], monkeypatch) as talk:
        answered = await talk.ask("Hello.")
        assert answered.answer.text == "fox 🦊, half \ufffd end"
        assert "".join(delta.text for delta in talk.deltas if isinstance(delta, TextDelta)) == answered.answer.text


@each_wire
async def test_a_password_in_an_address_gets_into_no_log(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with ScriptedModels([Fails(400, "No."), Says("Yes.")]) as server, caplog.at_level(logging.INFO):
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value.replace("http://", "http://me:canary@"))
        conversation = wire.provider.open(wire.model)
        with pytest.raises(Refused) as refused:
            _ = [delta async for delta in conversation.stream(Request(wire.model, "", [FromPerson(text="Hi.")], ()))]
        await conversation.close()
        assert "canary" not in caplog.text + str(refused.value)
        assert server.requests
