"""What each wire carries, over real HTTP."""

from __future__ import annotations

import itertools
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest

from maquette.domain.errors import Unavailable
from maquette.domain.messages import Call, FromModel, FromPerson, FromTool, Message, Text, Thinking, Usage
from maquette.kinds.providers import TextDelta, ThinkingDelta
from maquette.testing import models as script
from maquette.testing.models import Calls, Says
from seams.wires import CHAT, MESSAGES, PNG, RESPONSES, Wire, each_wire, talking

pytestmark = pytest.mark.anyio
LONG = "Once upon a time there was a model that spoke in pieces — ünïcödé and all."


@each_wire
async def test_words_arrive_in_pieces_and_then_whole(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, [Says(LONG)], monkeypatch, pace=0.05) as talk:
        answered = await talk.ask("Tell me.")
    pieces = [d.text for d in talk.deltas if isinstance(d, TextDelta)]
    assert len(pieces) > 1
    assert "".join(pieces) == answered.answer.text == LONG
    assert answered.model == wire.model
    assert not answered.cut


@each_wire
async def test_tools_asked_for_at_once_get_their_results_in_the_next_request(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [script.Call("read", {"path": path}) for path in ("a", "b", "c")]
    async with talking(wire, [Calls(*calls, text="I look."), Says("Three.")], monkeypatch) as talk:
        first = await talk.ask("Read all.")
        assert [(c.name, c.arguments) for c in first.answer.calls] == [(c.name, c.arguments) for c in calls]
        assert len({c.id for c in first.answer.calls}) == 3
        second = await talk.ask(*talk.results())
        assert second.answer.text == "Three."
        assert list(talk.server.requests[-1].results.values()) == [f"what {c.arguments} gives" for c in calls]


@each_wire
async def test_the_model_is_told_of_tools_and_instructions(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, [Says("ok")], monkeypatch) as talk:
        await talk.ask("Hello.", max_output=77)
        raw = talk.server.requests[0].raw
    assert all(word in raw for word in (b"Be brief.", b"Reads a file.", b'"path"', b"77"))


@each_wire
async def test_pictures_go_both_ways_to_the_model(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = [Calls(script.Call("read", {"path": "x.png"}), script.Call("read", {"path": "y.png"})), Says("Dots.")]
    async with talking(wire, turns, monkeypatch) as talk:
        await talk.ask(FromPerson(text="What is this?", images=(PNG, PNG)))
        assert talk.server.requests[-1].raw.count(b"iVBORw0KGgo") == 2
        await talk.ask(*talk.results(images=(PNG,)))
        assert talk.server.requests[-1].raw.count(b"iVBORw0KGgo") == 4


@each_wire
async def test_reasoning_is_streamed_and_comes_back_as_the_wire_wants_it(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    think = "First I ought to look at the file, then I know."
    turns = [Calls(script.Call("read", {"path": "a"}), thinking=think), Says("Known.")]
    async with talking(wire, turns, monkeypatch) as talk:
        first = await talk.ask("Think.")
        assert "".join(d.text for d in talk.deltas if isinstance(d, ThinkingDelta)) == think
        assert isinstance(thought := first.answer.parts[0], Thinking)
        assert (thought.text, thought.wire) == (think, str(wire))
        await talk.ask(*talk.results())
        assert think.encode() in talk.server.requests[-1].raw  # and the server compared it with what it had sent


async def test_once_a_server_has_sent_open_reasoning_no_call_goes_back_without_the_field(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call = script.Call("read", {"path": "a"})
    async with talking(CHAT, [Calls(call, thinking="Hm."), Calls(call), Says("Known.")], monkeypatch) as talk:
        await talk.ask("Think.")
        await talk.ask(*talk.results())
        await talk.ask(*talk.results())
        answers = [m for m in talk.sent["messages"] if m["role"] == "assistant"]
    assert [m["reasoning_content"] for m in answers] == ["Hm.", ""]


async def test_sealed_reasoning_comes_back_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = [Calls(script.Call("read", {"path": "a"}), thinking="secret", redacted=True), Says("Known.")]
    async with talking(MESSAGES, turns, monkeypatch) as talk:
        first = await talk.ask("Think.")
        assert isinstance(thought := first.answer.parts[0], Thinking)
        assert thought.signature
        assert not thought.text
        await talk.ask(*talk.results())
        assert b'"redacted_thinking"' in talk.server.requests[-1].raw


@each_wire
async def test_reasoning_of_another_wire_stays_at_home(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = Thinking(text="private thoughts", signature="abc", id="rs_1", wire="elsewhere")
    async with talking(wire, [Says("unused"), Says("Hello again.")], monkeypatch) as talk:
        talk.messages = [FromPerson(text="Hello."), FromModel(parts=(foreign, Text(text="Hello.")))]
        await talk.ask("And now?")
        assert b"private thoughts" not in talk.server.requests[-1].raw


@each_wire
async def test_reasoning_a_wire_can_not_take_back_is_left_out(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    thought = Thinking(text="private thoughts", wire=str(wire))
    async with talking(wire, [Says("unused"), Says("Hello again.")], monkeypatch) as talk:
        talk.messages = [FromPerson(text="Hello."), FromModel(parts=(thought, Text(text="\n\n"), Text(text="Hello.")))]
        await talk.ask("And now?")
        assert (b"private thoughts" in talk.server.requests[-1].raw) is (wire is CHAT)


@each_wire
async def test_this_machine_is_reached_without_a_proxy(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, [Says("ok")], monkeypatch) as talk:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        assert (await talk.ask("Hello.")).answer.text == "ok"


@each_wire
async def test_how_hard_to_think_is_handed_on(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {CHAT: ("reasoning_effort", "high"), RESPONSES: ("reasoning", {"effort": "high"})}
    field, value = wanted.get(wire, ("output_config", {"effort": "high"}))
    async with talking(wire, [Says("ok")], monkeypatch) as talk:
        await talk.ask("Hello.", settings={"thinking": "high"})
        assert talk.sent[field] == value


@each_wire
async def test_tokens_are_counted_and_priced(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, [Says(LONG), Says("Yes.")], monkeypatch) as talk:
        first = (await talk.ask("Hello. " * 500)).usage
        second = (await talk.ask("Again.")).usage
        one, two = (len(asked.raw) // 4 for asked in talk.server.requests)
    assert (first.input, first.cached, first.output) == (one, 0, len(LONG) // 4)
    assert second.input == two
    assert first.input - 5 < second.cached <= first.input
    assert second.written == (two - second.cached if wire is MESSAGES else 0)
    assert first.price is not None
    assert second.price is not None
    assert Decimal(0) < second.price < first.price
    assert wire.provider.price(wire.model, first) == first.price, "expected before a request as it is counted after it"


@each_wire
async def test_a_model_nobody_has_a_price_for_costs_none(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(Wire(wire.provider, "home-grown-7b", wire.grows), [Says("Hi.")], monkeypatch) as talk:
        usage = (await talk.ask("Hello.")).usage
    assert usage == Usage(input=usage.input, written=usage.written, output=usage.output, price=None)
    assert usage.input > 0


def stem(raw: bytes) -> bytes:
    """A request without its closing brackets."""
    return raw.rstrip(b"]}")


@each_wire
async def test_each_request_only_adds_bytes_to_the_former(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[script.Turn] = []
    for n in range(4):
        path = script.Call("read", {"path": f"{n}.png"})
        turns += [Calls(path, path, thinking=f"thought {n}"), Says(f"said {n}", thinking="hm"), Calls(path)]
    async with talking(wire, turns, monkeypatch) as talk:
        await talk.ask("Begin.")
        for n, _ in enumerate(turns[1:]):
            steer = [FromPerson(text=f"by the way, {n}", images=(PNG,))] if n % 2 else []
            await talk.ask(*talk.results(images=(PNG,) if n % 3 else ()), *(steer or ["Go on."] * (n % 3 == 1)))
        raws = [asked.raw for asked in talk.server.requests]
    assert len(raws) == len(turns)
    for former, latter in itertools.pairwise(raws):
        assert latter.startswith(stem(former))


@each_wire
async def test_a_person_who_speaks_twice_before_an_answer_only_adds_bytes_too(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talking(wire, [script.Fails(500), Says("ok")], monkeypatch) as talk:
        with pytest.raises(Unavailable):
            await talk.ask("Hello?")
        await talk.ask("Are you there?")
        former, latter = (asked.raw for asked in talk.server.requests)
    assert latter.startswith(stem(former))


@each_wire
async def test_a_compacted_thread_is_sent_as_it_is_now(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, lambda asked: Says(f"answer {asked.number}"), monkeypatch) as talk:
        for n in range(3):
            await talk.ask(f"question {n}")
        talk.messages = [FromPerson(text="In short: three questions."), *talk.messages[-2:]]
        await talk.ask("One more.")
        raw = talk.server.requests[-1].raw
    assert b"In short" in raw
    assert b"question 2" in raw
    assert b"question 1" not in raw


HISTORY: list[Message] = [
    FromPerson(text="Look.", images=(PNG,)),
    FromModel(
        parts=(
            Text(text="Looking."),
            Call(id="c1", name="read", arguments='{"path": "a"}'),
            Call(id="c2", name="read", arguments='{"path": '),
        )
    ),
    FromTool(call="c1", name="read", text="a picture", images=(PNG,)),
    FromTool(call="c2", name="read", text="invalid arguments", error=True),
    FromPerson(text="Never mind."),
    FromModel(parts=(Text(text="Fine."),)),
    FromPerson(text="Bye."),
]


@each_wire
async def test_the_words_of_a_failed_tool_are_sent_as_they_are(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, lambda _: Says("ok"), monkeypatch) as talk:
        talk.messages = list(HISTORY)
        await talk.ask()
        raw = talk.server.requests[-1].raw
    assert b'"invalid arguments"' in raw
    assert (b'"is_error":true' in raw) is (wire is MESSAGES)


@each_wire
async def test_messages_are_mapped_as_the_stock_library_does(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(wire, lambda _: Says("ok"), monkeypatch) as talk:
        talk.messages = list(HISTORY)
        await talk.ask()
        ours = talk.sent[wire.grows]
        await stock(wire, talk.server.url)
        theirs = talk.sent[wire.grows]
    assert ours == theirs


async def stock(wire: Wire, url: str) -> None:
    """Asks the same with pydantic_ai's own model, and without anything of ours but the words."""
    from pydantic_ai.messages import InstructionPart, ModelMessage
    from pydantic_ai.models import Model, ModelRequestParameters
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
    from pydantic_ai.providers.anthropic import AnthropicProvider
    from pydantic_ai.providers.openai import OpenAIProvider

    from maquette.providers.wires.mapping import Manners, outgoing

    groups = [HISTORY[0:1], HISTORY[1:2], HISTORY[2:5], HISTORY[5:6], HISTORY[6:7]]
    if wire is not MESSAGES:
        groups[2:3] = [HISTORY[2:4], HISTORY[4:5]]
    model: Model[Any]
    if wire is MESSAGES:
        model = AnthropicModel(wire.model, provider=AnthropicProvider(base_url=url, api_key="k"))
    else:
        provider = OpenAIProvider(base_url=f"{url}/v1", api_key="k")
        model = (OpenAIChatModel if wire is CHAT else OpenAIResponsesModel)(wire.model, provider=provider)
    manners = Manners(str(wire), model.system, marks_errors=wire is MESSAGES, pictures_apart=wire is CHAT)
    messages: list[ModelMessage] = [m for group in groups for m in outgoing(group, manners)]
    parameters = ModelRequestParameters(instruction_parts=[InstructionPart(content="Be brief.")])
    settings: Any = {"openai_store": False} if wire is RESPONSES else None
    async with model, model.request_stream(messages, settings, parameters) as streamed:
        async for _ in streamed:
            pass


def test_nothing_heavy_is_imported_before_the_first_request() -> None:
    """It takes about a second, which the start of the base doesn't have."""
    program = (
        "import sys\n"
        "from maquette.providers import anthropic, openai_chat, openai_responses\n"
        "for m in (anthropic, openai_chat, openai_responses): m.PROVIDER.connected(); m.PROVIDER.open('m')\n"
        "heavy = {'pydantic_ai', 'openai', 'anthropic', 'httpx2'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "anthropic.PROVIDER.preload()\n"
        "assert 'pydantic_ai' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
