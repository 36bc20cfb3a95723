"""Chat Completions: what a request must be, and how an answer looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, cast

import orjson

from maquette.testing.models.shapes import (
    Count,
    Gist,
    Json,
    Played,
    Shape,
    bad_image_url,
    pieces,
    unanswered,
)

_EXTENSIONS = ("reasoning_content", "reasoning")
"""Fields beside OpenAI's own, in which other servers hand reasoning out and want it back."""


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content or ())


class ChatWire:
    name = "openai-chat"
    path = "/v1/chat/completions"

    @cached_property
    def _shape(self) -> Shape:
        from openai.types.chat import ChatCompletionMessageParam
        from openai.types.chat.completion_create_params import CompletionCreateParamsBase

        return Shape(CompletionCreateParamsBase, ChatCompletionMessageParam, "messages")

    def gist(self, body: Json) -> Gist:
        people: list[Json] = [m for m in body["messages"] if m["role"] == "user"] or [{}]
        results: dict[str, str] = {}
        for message in body["messages"]:
            if message["role"] == "assistant":
                results = {}
            elif message["role"] == "tool":
                results[message["tool_call_id"]] = _text(message["content"])
        answers = sum(m["role"] == "assistant" for m in body["messages"])
        return Gist(_text(people[0].get("content")), _text(people[-1].get("content")), results, answers)

    def misshapen(self, body: Json) -> Iterator[str]:
        plain = {k: v for k, v in body.items() if k != "stream"}
        if isinstance(messages := body.get("messages"), list):
            bare = [{k: v for k, v in m.items() if k not in _EXTENSIONS} for m in cast("list[Json]", messages)]
            plain = {**plain, "messages": bare}
        yield from self._shape.faults(plain)

    def problems(self, body: Json, played: Sequence[Played]) -> Iterator[str]:
        yield from self._order(body["messages"])
        yield from self._pictures(body["messages"])
        yield from self._reasoning(body["messages"], played)

    def _order(self, messages: list[Json]) -> Iterator[str]:
        asked: list[str] = []
        answered: list[str] = []
        for number, message in enumerate(messages):
            role = message["role"]
            if role == "tool":
                if not asked:
                    yield f"messages[{number}]: a tool's result follows no call"
                answered.append(message["tool_call_id"])
                continue
            yield from (f"messages[{number}]: {p}" for p in unanswered(asked, answered))
            asked, answered = [], []
            if role == "assistant":
                asked = [call["id"] for call in message.get("tool_calls") or ()]
                if message.get("content") is None and not asked:
                    yield f"messages[{number}]: an answer with neither words nor calls"
            if role in ("system", "developer") and number:
                yield f"messages[{number}]: a {role} message is not at the beginning"
        yield from (f"at the end: {p}" for p in unanswered(asked, answered))

    def _pictures(self, messages: list[Json]) -> Iterator[str]:
        for number, message in enumerate(messages):
            content: Any = message.get("content")
            if isinstance(content, list):
                for part in cast("list[Json]", content):
                    if part.get("type") == "image_url" and (why := bad_image_url(part["image_url"]["url"])):
                        yield f"messages[{number}]: {why}"

    def _reasoning(self, messages: list[Json], played: Sequence[Played]) -> Iterator[str]:
        """Servers with open reasoning (DeepSeek) refuse a step whose reasoning was left out."""
        thought = {p.calls: p.answer.thinking for p in played if p.answer.thinking and p.calls}
        for number, message in enumerate(messages):
            calls = tuple(call["id"] for call in message.get("tool_calls") or ())
            wanted = thought.get(calls)
            if wanted is not None and message.get("reasoning_content") != wanted:
                yield f"messages[{number}]: its reasoning_content did not come back as it was"

    def events(self, played: Played, count: Count, body: Json) -> Iterator[bytes]:
        head = {"id": f"chatcmpl-{played.name}", "object": "chat.completion.chunk", "created": 1_700_000_000}
        head["model"] = body["model"]

        def chunk(delta: Json, finish: str | None = None) -> bytes:
            return _event({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

        yield chunk({"role": "assistant", "content": ""})
        for piece in pieces(played.answer.thinking):
            yield chunk({"reasoning_content": piece})
        for piece in pieces(played.answer.text):
            yield chunk({"content": piece})
        for index, (call, id) in enumerate(zip(played.answer.calls, played.calls, strict=True)):
            function = {"name": call.name, "arguments": ""}
            yield chunk({"tool_calls": [{"index": index, "id": id, "type": "function", "function": function}]})
            for piece in pieces(call.arguments):
                yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
        yield chunk({}, _finish(played))
        options: Json = body.get("stream_options") or {}
        if options.get("include_usage") and played.answer.counted:
            yield _event({**head, "choices": [], "usage": _usage(count)})
        yield b"data: [DONE]\n\n"

    def whole(self, played: Played, count: Count, body: Json) -> Json:
        answer = played.answer
        message: Json = {"role": "assistant", "content": answer.text or None, "refusal": None}
        if answer.thinking:
            message["reasoning_content"] = answer.thinking
        if answer.calls:
            message["tool_calls"] = [
                {"id": id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call, id in zip(answer.calls, played.calls, strict=True)
            ]
        choice = {"index": 0, "message": message, "finish_reason": _finish(played), "logprobs": None}
        return {
            "id": f"chatcmpl-{played.name}",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": body["model"],
            "choices": [choice],
            "usage": _usage(count),
        }

    def failure(self, status: int, message: str, code: str | None) -> Json:
        return {"error": {"message": message, "type": "scripted", "param": None, "code": code or str(status)}}

    def overflow(self, tokens: int, window: int) -> Json:
        told = f"This model's maximum context length is {window} tokens, but your messages resulted in {tokens}."
        return self.failure(400, told, "context_length_exceeded")

    def fault(self, message: str) -> bytes:
        return _event(self.failure(503, message, "overloaded"))


def _event(data: Json) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"


def _finish(played: Played) -> str:
    if played.answer.cut:
        return "length"
    return "tool_calls" if played.answer.calls else "stop"


def _usage(count: Count) -> Json:
    return {
        "prompt_tokens": count.input,
        "completion_tokens": count.output,
        "total_tokens": count.input + count.output,
        "prompt_tokens_details": {"cached_tokens": count.cached},
    }
