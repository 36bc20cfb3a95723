"""The scripted model server keeps the vendors' rules itself, and tells of who doesn't."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from anthropic.types.beta import BetaMessage, BetaRawMessageStreamEvent
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from maquette.testing.models import (
    Answer,
    Asked,
    Call,
    Calls,
    Fails,
    Says,
    ScriptedModels,
    Scripts,
    Thinks,
    script_from,
)
from seams.wires import PNG

Body = dict[str, Any]
PICTURE = json.loads(PNG.model_dump_json())["data"]
FULL = Calls(Call("read", {"path": "a"}), Call("read", {"path": "b"}), text="I look — 🦊", thinking="Hm, where? " * 5)
TURNS = [FULL, Says("Done.", cut=True), Says(""), Thinks("only that", redacted=True)]
TOOL_SCHEMA: Body = {"type": "object", "properties": {}}
HOME = {"openai-chat": "/v1/chat/completions", "openai": "/v1/responses", "anthropic": "/v1/messages"}


def chat(*messages: Body, **more: Any) -> Body:
    return {"model": "m", "messages": [{"role": "user", "content": "Hello."}, *messages], **more}


def responses(*items: Body, **more: Any) -> Body:
    return {"model": "m", "input": [{"role": "user", "content": "Hello."}, *items], **more}


def messages(*turns: Body, **more: Any) -> Body:
    return {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello."}, *turns], **more}


def post(server: ScriptedModels, wire: str, body: Body) -> str:
    request = urllib.request.Request(server.url + HOME[wire], json.dumps(body).encode(), method="POST")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        return answer.read().decode()


def refusal(server: ScriptedModels, wire: str, body: Body, status: int) -> str:
    with pytest.raises(HTTPError, match=str(status)) as refused:
        post(server, wire, body)
    with refused.value as answer:
        return answer.read().decode()


@contextmanager
def blaming(why: str, scripts: Scripts) -> Generator[ScriptedModels]:
    """A server which is sent something bad, and says so at the end."""
    with ScriptedModels(scripts) as server:
        yield server
        with pytest.raises(AssertionError, match=why):
            server.check()
        server.problems.clear()


def events(text: str) -> list[Body]:
    data = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in data if line != "[DONE]"]


@pytest.mark.parametrize("turn", TURNS, ids=["calls", "cut", "empty", "redacted"])
def test_what_it_streams_is_what_the_vendors_sdk_declares(turn: Answer) -> None:
    with ScriptedModels([turn]) as server:
        streamed = events(post(server, "openai-chat", chat(stream=True, stream_options={"include_usage": True})))
        for event in streamed:
            ChatCompletionChunk.model_validate(event, strict=True)
        assert streamed[-1]["usage"]["completion_tokens"] >= 0
        sealed: Body = {"include": ["reasoning.encrypted_content"], "store": False}
        each: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
        for event in events(post(server, "openai", responses(stream=True, **sealed))):
            each.validate_python(event)
        each = TypeAdapter(BetaRawMessageStreamEvent)
        for event in events(post(server, "anthropic", messages(stream=True))):
            if event["type"] != "ping":
                each.validate_python(event)


def test_what_it_answers_in_one_piece_is_what_the_vendors_sdk_declares() -> None:
    with ScriptedModels([FULL]) as server:
        ChatCompletion.model_validate_json(post(server, "openai-chat", chat()))
        Response.model_validate_json(post(server, "openai", responses()))
        BetaMessage.model_validate_json(post(server, "anthropic", messages()))


CALL: Body = {"id": "c1", "type": "function", "function": {"name": "read", "arguments": "{}"}}
ASKS: Body = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT: Body = {"role": "tool", "tool_call_id": "c1", "content": "x"}
ITEM: Body = {"type": "function_call", "call_id": "c1", "name": "read", "arguments": "{}"}
OUTPUT: Body = {"type": "function_call_output", "call_id": "c1", "output": "x"}
USE: Body = {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "read", "input": {}}]}
BACK: Body = {"type": "tool_result", "tool_use_id": "c1", "content": "x"}
NO_PNG = "data:image/png;base64,AAAA"

BAD = [
    ("openai-chat", chat(temprature=1), "temprature"),
    ("openai-chat", chat({"role": "user", "content": 7}), "content"),
    ("openai-chat", chat({"role": "user", "content": [{"type": "text"}]}), "text"),
    ("openai-chat", chat({"role": "assistant", "content": None}), "neither words nor calls"),
    ("openai-chat", chat(ASKS), "made 1 times and answered 0 times"),
    ("openai-chat", chat(ASKS, RESULT, RESULT), "made 1 times and answered 2 times"),
    ("openai-chat", chat(ASKS, {"role": "user", "content": "wait"}, RESULT), "answered 0 times"),
    ("openai-chat", chat(RESULT), "follows no call"),
    ("openai-chat", chat({"role": "system", "content": "late"}), "not at the beginning"),
    (
        "openai-chat",
        chat({"role": "user", "content": [{"type": "image_url", "image_url": {"url": NO_PNG}}]}),
        "no image/png",
    ),
    ("openai", responses(temprature=1), "temprature"),
    ("openai", responses(ITEM), "answered 0 times"),
    ("openai", responses(ITEM, OUTPUT, OUTPUT), "answered 2 times"),
    ("openai", responses(ITEM, {"role": "user", "content": "wait"}, OUTPUT), "between the calls and their results"),
    ("openai", responses(include=["reasoning.encrypted_content"]), "store must be false"),
    (
        "openai",
        responses(
            {"role": "user", "content": [{"type": "input_image", "image_url": "http://x/y.png", "detail": "auto"}]}
        ),
        "data URL",
    ),
    ("anthropic", messages(temprature=1), "temprature"),
    ("anthropic", messages(USE), "no results"),
    ("anthropic", messages(USE, {"role": "user", "content": [BACK, BACK]}), "answered 2 times"),
    ("anthropic", messages(USE, {"role": "user", "content": [{"type": "text", "text": "x"}, BACK]}), "come first"),
    ("anthropic", messages(USE, {"role": "assistant", "content": "x"}), "no results"),
    ("anthropic", messages({"role": "user", "content": []}), "empty"),
    ("anthropic", {k: v for k, v in messages().items() if k != "max_tokens"}, "max_tokens"),
    ("anthropic", messages(messages=[{"role": "assistant", "content": "x"}]), "begins with the user"),
    (
        "anthropic",
        messages(
            {
                "role": "user",
                "content": [
                    {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": PICTURE}}
                ],
            }
        ),
        "no image/jpeg",
    ),
]


@pytest.mark.parametrize(("wire", "body", "why"), BAD, ids=[f"{w}-{n}" for n, (w, _, _) in enumerate(BAD)])
def test_a_bad_request_is_refused_and_not_forgotten(wire: str, body: Body, why: str) -> None:
    with blaming(why, lambda _: Says("fine")) as server:
        assert why in refusal(server, wire, body, 400)


@pytest.mark.parametrize(
    ("wire", "first", "second", "why"),
    [
        ("openai-chat", chat(), chat({**ASKS, "content": "I look"}, RESULT), "reasoning_content did not come back"),
        (
            "openai",
            responses(store=False, include=["reasoning.encrypted_content"]),
            responses(ITEM, OUTPUT, store=False, include=["reasoning.encrypted_content"]),
            "did not come back before its calls",
        ),
        ("anthropic", messages(), messages(USE, {"role": "user", "content": [BACK]}), "did not come back as it was"),
    ],
    ids=HOME,
)
def test_reasoning_that_is_not_sent_back_is_missed(wire: str, first: Body, second: Body, why: str) -> None:
    turns = [Calls(Call("read", {}, id="c1"), thinking="Hm."), Says("Done.")]
    with blaming(why, turns) as server:
        post(server, wire, first)
        refusal(server, wire, second, 400)


def said(text: str) -> str:
    return json.loads(text)["choices"][0]["message"]["content"]


ONE: Body = {"role": "assistant", "content": "One."}
MORE: Body = {"role": "user", "content": "More."}


def test_a_request_repeated_after_a_crash_gets_its_answer_again() -> None:
    with ScriptedModels([Says("One."), Fails(500), Says("Two.")]) as server:
        assert [said(post(server, "openai-chat", chat())) for _ in range(3)] == ["One."] * 3
        refusal(server, "openai-chat", chat(ONE, MORE), 500)
        assert said(post(server, "openai-chat", chat(ONE, MORE))) == "Two."


def test_a_compacted_thread_goes_on_where_it_was() -> None:
    with ScriptedModels({"Hello": [Says("One."), Says("Two."), Says("Three.")]}) as server:
        assert said(post(server, "openai-chat", chat(ONE, MORE))) == "Two."
        assert said(post(server, "openai-chat", chat(MORE))) == "Three."


def test_threads_are_told_apart_by_a_marker_in_their_first_words() -> None:
    scripts: Scripts = {"apples": [Says("Red.")], "plums": lambda asked: Says(f"Blue, {asked.said}")}
    with ScriptedModels(scripts) as server:
        for fruit, answer in (("plums", "Blue, Which plums?"), ("apples", "Red.")):
            body: Body = {"model": "m", "messages": [{"role": "user", "content": f"Which {fruit}?"}]}
            assert said(post(server, "openai-chat", body)) == answer


def test_a_request_nobody_wrote_an_answer_for_is_a_bad_one() -> None:
    with blaming("1 turns and is over", [Says("One.")]) as server:
        refusal(server, "openai-chat", chat(ONE, MORE), 400)
    with blaming("no script for a thread that begins 'Hello", {"apples": [Says("Red.")]}) as server:
        refusal(server, "openai-chat", chat(), 400)


def test_a_scripts_own_mistake_fails_the_test() -> None:
    def broken(asked: Asked) -> Answer:
        return Says(asked.results["no-such-call"])

    with blaming("no-such-call", broken) as server:
        refusal(server, "openai-chat", chat(), 500)


def test_the_end_of_the_server_fails_the_test_that_sent_a_bad_request() -> None:
    server = ScriptedModels(lambda _: Says("fine")).start()
    refusal(server, "openai-chat", chat(RESULT), 400)
    with pytest.raises(AssertionError, match="follows no call"):
        server.__exit__(None, None, None)


def test_it_remembers_as_many_requests_as_it_is_told_to() -> None:
    with ScriptedModels(lambda _: Says("fine"), keep=2) as server:
        for n in range(4):
            post(server, "openai-chat", chat(temperature=n))
        assert [asked.body["temperature"] for asked in server.requests] == [2, 3]
        assert server.requests[0].raw == json.dumps(chat(temperature=2)).encode()
        assert server.requests[0].arrived <= server.requests[1].arrived
        assert "content-length" in server.requests[0].headers


DOCUMENT = (Path(__file__).parents[2] / "docs" / "reference" / "scripted-models.md").read_text()


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL))
def test_examples_of_the_document_run(example: str) -> None:
    names: dict[str, Any] = {}
    exec(compile(example, "scripted-models.md", "exec"), names)
    for name in [name for name in names if name.startswith("test_")]:
        names[name]()


def test_the_script_of_the_document_is_one() -> None:
    [written] = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    script = script_from(written.encode())
    assert [type(turn).__name__ for turn in script] == ["Fails", "Answer", "Slow", "Breaks"]


def run(script: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "maquette.testing.models", str(script), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


WRITTEN: list[Body] = [
    {"fails": 429, "retry_after": 1},
    {"thinks": "Hm.", "says": "I look.", "calls": [{"name": "read", "arguments": {"path": "a"}}]},
    {"says": "Done.", "slow": 0.01},
]


@pytest.mark.parametrize(("body", "status"), [(chat(), 0), (chat(ASKS), 1)], ids=["good", "bad"])
def test_as_a_program_it_serves_a_script_until_told_to_end(tmp_path: Path, body: Body, status: int) -> None:
    (tmp_path / "script.json").write_text(json.dumps(WRITTEN))
    with run(tmp_path / "script.json") as server:
        assert server.stdout is not None
        exports = dict(
            line.removeprefix("export ").strip().split("=", 1) for line in iter(server.stdout.readline, "\n")
        )
        client = ScriptedModels()
        client.url = exports["ANTHROPIC_BASE_URL"]
        refusal(client, "openai-chat", body, 400 if status else 429)
        if not status:
            answer = json.loads(post(client, "openai-chat", body))
            assert answer["choices"][0]["message"]["reasoning_content"] == "Hm."
        server.send_signal(signal.SIGTERM)
        _, problems = server.communicate(timeout=10)
    assert server.returncode == status
    assert ("answered 0 times" in problems) is bool(status)


def test_a_script_that_is_none_is_refused_with_where(tmp_path: Path) -> None:
    (tmp_path / "script.json").write_text('[{"says": "hi", "shouts": true}]')
    with run(tmp_path / "script.json") as server:
        _, told = server.communicate(timeout=20)
    assert server.returncode == 2
    assert "shouts" in told
    assert "Traceback" not in told
