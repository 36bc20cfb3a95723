"""OpenAI's Responses: what a request must be, and how an answer looks."""

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

_SEALED = "reasoning.encrypted_content"


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content or ())


def _of_model(item: Json) -> bool:
    return item.get("type") in ("reasoning", "function_call") or item.get("role") == "assistant"


class ResponsesWire:
    name = "openai"
    path = "/v1/responses"

    @cached_property
    def _shape(self) -> Shape:
        from openai.types.responses import ResponseInputItemParam
        from openai.types.responses.response_create_params import ResponseCreateParamsBase

        return Shape(ResponseCreateParamsBase, ResponseInputItemParam, "input")

    def gist(self, body: Json) -> Gist:
        items = self._items(body)
        people: list[Json] = [i for i in items if i.get("role") == "user"] or [{}]
        results: dict[str, str] = {}
        answers = 0
        before = False
        for item in items:
            if _of_model(item):
                answers += not before
                results = {}
            elif item.get("type") == "function_call_output":
                results[item["call_id"]] = _text(item["output"])
            before = _of_model(item)
        return Gist(_text(people[0].get("content")), _text(people[-1].get("content")), results, answers)

    @staticmethod
    def _items(body: Json) -> list[Json]:
        given: Any = body["input"]
        return [{"role": "user", "content": given}] if isinstance(given, str) else given

    def misshapen(self, body: Json) -> Iterator[str]:
        yield from self._shape.faults({k: v for k, v in body.items() if k != "stream"})

    def problems(self, body: Json, played: Sequence[Played]) -> Iterator[str]:
        items = self._items(body)
        yield from self._order(items)
        yield from self._pictures(items)
        if _SEALED in (body.get("include") or ()):
            if body.get("store") is not False:
                yield "sealed reasoning is asked for, which is for those who store nothing: store must be false"
            yield from self._reasoning(items, played)

    def _order(self, items: list[Json]) -> Iterator[str]:
        asked: list[str] = []
        answered: list[str] = []
        for number, item in enumerate(items):
            kind = item.get("type")
            if kind == "function_call_output":
                answered.append(item["call_id"])
                continue
            if answered:
                yield from (f"input[{number}]: {p}" for p in unanswered(asked, answered))
                asked, answered = [], []
            if kind == "function_call":
                asked.append(item["call_id"])
            elif asked and not _of_model(item):
                yield f"input[{number}]: something comes between the calls and their results"
        yield from (f"at the end: {p}" for p in unanswered(asked, answered))

    def _pictures(self, items: list[Json]) -> Iterator[str]:
        for number, item in enumerate(items):
            content: Any = item.get("output") or item.get("content")
            if isinstance(content, list):
                for part in cast("list[Json]", content):
                    if part.get("type") == "input_image" and (why := bad_image_url(part["image_url"])):
                        yield f"input[{number}]: {why}"

    def _reasoning(self, items: list[Json], played: Sequence[Played]) -> Iterator[str]:
        """A call is refused without the reasoning that led to it; the seal must be unbroken."""
        for one in (p for p in played if p.answer.thinking and p.calls):
            place = next((n for n, i in enumerate(items) if i.get("call_id") == one.calls[0]), None)
            if place is None:
                continue
            sent = next((i for i in items[:place] if i.get("id") == f"rs_{one.name}"), None)
            if sent is None:
                yield f"the reasoning rs_{one.name} did not come back before its calls"
            elif sent.get("encrypted_content") != one.signature:
                yield f"the seal of reasoning rs_{one.name} came back broken"

    def _output(self, played: Played, body: Json) -> list[Json]:
        answer = played.answer
        items: list[Json] = []
        if answer.thinking:
            summary = [] if answer.redacted else [{"type": "summary_text", "text": answer.thinking}]
            items.append({"type": "reasoning", "id": f"rs_{played.name}", "summary": summary})
            if _SEALED in (body.get("include") or ()):
                items[-1]["encrypted_content"] = played.signature
        if answer.text:
            content: list[Json] = [{"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}]
            message = {"type": "message", "id": f"msg_{played.name}", "role": "assistant", "status": "completed"}
            items.append({**message, "content": content})
        for number, (call, id) in enumerate(zip(answer.calls, played.calls, strict=True)):
            item = {"type": "function_call", "id": f"fc_{played.name}_{number}", "call_id": id, "name": call.name}
            items.append({**item, "arguments": call.arguments, "status": "completed"})
        return items

    def whole(self, played: Played, count: Count, body: Json) -> Json:
        cut = played.answer.cut
        return {
            **_head(played, body),
            "status": "incomplete" if cut else "completed",
            "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
            "output": self._output(played, body),
            "usage": _usage(count),
        }

    def events(self, played: Played, count: Count, body: Json) -> Iterator[bytes]:
        begun: Json = {**_head(played, body), "status": "in_progress", "output": []}
        yield _event("response.created", response=begun)
        for place, item in enumerate(self._output(played, body)):
            yield from _item(item, place, played.answer.cut)
        end = "response.incomplete" if played.answer.cut else "response.completed"
        yield _event(end, response=self.whole(played, count, body))

    def failure(self, status: int, message: str, code: str | None) -> Json:
        return {"error": {"message": message, "type": "scripted", "param": None, "code": code or str(status)}}

    def overflow(self, tokens: int, window: int) -> Json:
        return self.failure(
            400,
            "Your input exceeds the context window of this model. Please adjust your input and try again.",
            "context_length_exceeded",
        )

    def fault(self, message: str) -> bytes:
        return _event("error", code="server_is_overloaded", message=message, param=None)


def _item(item: Json, place: int, cut: bool) -> Iterator[bytes]:
    where = {"output_index": place, "item_id": item["id"]}
    match item["type"]:
        case "reasoning":
            yield _event("response.output_item.added", output_index=place, item={**item, "summary": []})
            for index, part in enumerate(item["summary"]):
                at = {**where, "summary_index": index}
                yield _event("response.reasoning_summary_part.added", **at, part={**part, "text": ""})
                for piece in pieces(part["text"]):
                    yield _event("response.reasoning_summary_text.delta", **at, delta=piece)
                yield _event("response.reasoning_summary_text.done", **at, text=part["text"])
                yield _event("response.reasoning_summary_part.done", **at, part=part)
        case "message":
            part = item["content"][0]
            begun: Json = {**item, "status": "in_progress", "content": []}
            yield _event("response.output_item.added", output_index=place, item=begun)
            at = {**where, "content_index": 0}
            yield _event("response.content_part.added", **at, part={**part, "text": ""})
            for piece in pieces(part["text"]):
                yield _event("response.output_text.delta", **at, delta=piece, logprobs=[])
            yield _event("response.output_text.done", **at, text=part["text"], logprobs=[])
            yield _event("response.content_part.done", **at, part=part)
        case _:
            begun = {**item, "status": "in_progress", "arguments": ""}
            yield _event("response.output_item.added", output_index=place, item=begun)
            for piece in pieces(item["arguments"]):
                yield _event("response.function_call_arguments.delta", **where, delta=piece)
            if cut:
                return
            done = {"name": item["name"], "arguments": item["arguments"]}
            yield _event("response.function_call_arguments.done", **where, **done)
    yield _event("response.output_item.done", output_index=place, item=item)


def _event(kind: str, **data: Any) -> bytes:
    body = orjson.dumps({"type": kind, "sequence_number": 0, **data})
    return f"event: {kind}\ndata: ".encode() + body + b"\n\n"


def _head(played: Played, body: Json) -> Json:
    return {
        "id": f"resp_{played.name}",
        "object": "response",
        "created_at": 1_700_000_000,
        "model": body["model"],
        "error": None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
    }


def _usage(count: Count) -> Json:
    return {
        "input_tokens": count.input,
        "input_tokens_details": {"cached_tokens": count.cached, "cache_write_tokens": 0},
        "output_tokens": count.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": count.input + count.output,
    }
