"""Anthropic's Messages: what a request must be, and how an answer looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import orjson

from maquette.testing.models.shapes import (
    Count,
    Gist,
    Json,
    Played,
    Shape,
    bad_image,
    pieces,
    unanswered,
)


def _blocks(content: Any) -> list[Json]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or ())


def _text(content: Any) -> str:
    return "".join(block["text"] for block in _blocks(content) if block["type"] == "text")


def _of(content: Any, kind: str) -> list[Json]:
    return [block for block in _blocks(content) if block["type"] == kind]


class AnthropicWire:
    name = "anthropic"
    path = "/v1/messages"

    @cached_property
    def _shape(self) -> Shape:
        from anthropic.types.beta import BetaMessageParam
        from anthropic.types.beta.message_create_params import MessageCreateParamsBase

        return Shape(MessageCreateParamsBase, BetaMessageParam, "messages")

    def gist(self, body: Json) -> Gist:
        said = [b["text"] for m in body["messages"] if m["role"] == "user" for b in _of(m["content"], "text")] or [""]
        last: Json = body["messages"][-1] if body["messages"] else {"role": "user", "content": ""}
        results = {b["tool_use_id"]: _text(b.get("content")) for b in _of(last["content"], "tool_result")}
        answers = sum(m["role"] == "assistant" for m in body["messages"])
        return Gist(said[0], said[-1], results, answers)

    def misshapen(self, body: Json) -> Iterator[str]:
        yield from self._shape.faults({k: v for k, v in body.items() if k != "stream"})

    def problems(self, body: Json, played: Sequence[Played]) -> Iterator[str]:
        yield from self._order(body["messages"])
        yield from self._pictures(body["messages"])
        yield from self._reasoning(body["messages"], played)
        if body["messages"] and body["messages"][0]["role"] != "user":
            yield "messages[0]: a thread begins with the user"

    def _order(self, messages: list[Json]) -> Iterator[str]:
        asked: list[str] = []
        for number, message in enumerate(messages):
            where = f"messages[{number}]"
            blocks = _blocks(message["content"])
            if not blocks:
                yield f"{where}: it is empty"
            if any(not block["text"].strip() for block in _of(blocks, "text")):
                yield f"{where}: words that are only white space"
            if message["role"] == "assistant":
                if asked:
                    yield f"{where}: calls before it have no results"
                asked = [block["id"] for block in _of(blocks, "tool_use")]
                continue
            answered = [block["tool_use_id"] for block in _of(blocks, "tool_result")]
            yield from (f"{where}: {p}" for p in unanswered(asked, answered))
            if any(block["type"] != "tool_result" for block in blocks[: len(answered)]):
                yield f"{where}: the results of tools must come first in it"
            asked = []
        if asked:
            yield "at the end: calls have no results"

    def _pictures(self, messages: list[Json]) -> Iterator[str]:
        for number, message in enumerate(messages):
            inner = [b for r in _of(message["content"], "tool_result") for b in _blocks(r.get("content"))]
            for block in _of([*_blocks(message["content"]), *inner], "image"):
                source = block["source"]
                if source["type"] == "base64" and (why := bad_image(source["media_type"], source["data"])):
                    yield f"messages[{number}]: {why}"

    def _reasoning(self, messages: list[Json], played: Sequence[Played]) -> Iterator[str]:
        """An answer with calls must come back with its reasoning first, the signature unbroken."""
        for one in (p for p in played if p.answer.thinking and p.calls):
            for number, message in enumerate(messages):
                blocks = _blocks(message["content"])
                if one.calls[0] not in [block["id"] for block in _of(blocks, "tool_use")]:
                    continue
                if blocks[0] != _thinking(one):
                    yield f"messages[{number}]: its reasoning did not come back as it was"

    def _content(self, played: Played) -> list[Json]:
        answer = played.answer
        blocks = [_thinking(played)] if answer.thinking else []
        if answer.text:
            blocks.append({"type": "text", "text": answer.text})
        for call, id in zip(answer.calls, played.calls, strict=True):
            blocks.append({"type": "tool_use", "id": id, "name": call.name, "input": call.arguments})
        return blocks

    def events(self, played: Played, count: Count, body: Json) -> Iterator[bytes]:
        usage = _usage(count, body)
        yield _event(
            "message_start", message={**_head(played, body), "content": [], "usage": {**usage, "output_tokens": 1}}
        )
        yield _event("ping")
        for index, block in enumerate(self._content(played)):
            opened, deltas = _streamed(block)
            yield _event("content_block_start", index=index, content_block=opened)
            for delta in deltas:
                yield _event("content_block_delta", index=index, delta=delta)
            yield _event("content_block_stop", index=index)
        delta = {"stop_reason": _stop(played), "stop_sequence": None}
        yield _event("message_delta", delta=delta, usage={"output_tokens": count.output})
        yield _event("message_stop")

    def whole(self, played: Played, count: Count, body: Json) -> Json:
        content = self._content(played)
        for block in _of(content, "tool_use"):
            block["input"] = orjson.loads(block["input"])
        head = {**_head(played, body), "content": content, "stop_reason": _stop(played)}
        return {**head, "usage": _usage(count, body)}

    def failure(self, status: int, message: str, code: str | None) -> Json:
        kinds = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error"}
        kinds |= {404: "not_found_error", 429: "rate_limit_error", 529: "overloaded_error"}
        return {"type": "error", "error": {"type": code or kinds.get(status, "api_error"), "message": message}}

    def overflow(self, tokens: int, window: int) -> Json:
        return self.failure(400, f"prompt is too long: {tokens} tokens > {window} maximum", "invalid_request_error")

    def fault(self, message: str) -> bytes:
        return _event("error", error={"type": "overloaded_error", "message": message})


def _thinking(played: Played) -> Json:
    if played.answer.redacted:
        return {"type": "redacted_thinking", "data": played.signature}
    return {"type": "thinking", "thinking": played.answer.thinking, "signature": played.signature}


def _streamed(block: Json) -> tuple[Json, list[Json]]:
    """How a block begins, and what is added to it."""
    match block["type"]:
        case "text":
            return {**block, "text": ""}, [{"type": "text_delta", "text": p} for p in pieces(block["text"])]
        case "thinking":
            deltas: list[Json] = [{"type": "thinking_delta", "thinking": p} for p in pieces(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
            return {**block, "thinking": "", "signature": ""}, deltas
        case "tool_use":
            parts = [{"type": "input_json_delta", "partial_json": p} for p in pieces(block["input"])]
            return {**block, "input": {}}, parts
        case _:
            return block, []


def _event(kind: str, **data: Any) -> bytes:
    return f"event: {kind}\ndata: ".encode() + orjson.dumps({"type": kind, **data}) + b"\n\n"


def _head(played: Played, body: Json) -> Json:
    return {
        "id": f"msg_{played.name}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _stop(played: Played) -> str:
    if played.answer.cut:
        return "max_tokens"
    return "tool_use" if played.answer.calls else "end_turn"


def _usage(count: Count, body: Json) -> Json:
    """Nothing is cached here unless it was asked for; then all that is new is written."""
    cached, written = (count.cached, count.input - count.cached) if "cache_control" in body else (0, 0)
    return {
        "input_tokens": count.input - cached - written,
        "cache_read_input_tokens": cached,
        "cache_creation_input_tokens": written,
        "output_tokens": count.output,
    }
