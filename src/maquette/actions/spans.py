"""A thread as spans of OpenTelemetry, by its semantic conventions for generative AI, in OTLP's JSON.

A turn is a trace: `invoke_agent`, and beneath it a `chat` for each request to a model and an `execute_tool` for each
call. Ids follow from the turn's, so exporting again gives the same spans. What was said is in them only if asked for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from maquette import __version__
from maquette.domain.events import (
    AnswerFailed,
    AnswerGiven,
    AnswerInterrupted,
    CallFinished,
    CallStarted,
    Entry,
    MessageSent,
    TurnFinished,
    TurnResumed,
    TurnStarted,
    TurnWaiting,
)
from maquette.domain.messages import Call, FromModel, Text, Thinking, Usage
from maquette.domain.threads import Outcome
from maquette.turn.hearing import heard

AGENT = "maquette"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INTERNAL, _CLIENT = 1, 3
_ERROR = 2
_VENDORS = {"anthropic": "anthropic", "openai": "openai", "openai-chat": "openai", "apprentice": "maquette.apprentice"}
"""A provider's name in the conventions, by wire; of Chat Completions, whose servers are many, the wire's inventor."""

Json = dict[str, object]


def spans(thread: str, entries: Sequence[Entry], *, content: bool = False) -> Json:
    """Of a thread's own turns. `invoke_agent` is left out while a turn isn't over, since it has no end yet."""
    told = _Told(thread, content)
    for before, entry in heard(entries):
        own = [one.event for one in before if one.stream == thread]
        told.unsaid += [("user", [_words(event.text)]) for event in own if isinstance(event, MessageSent)]
        if entry is not None and entry.stream == thread:
            told.entry(entry)
    resource = {"attributes": _attributes({"service.name": AGENT, "service.version": __version__})}
    scope = {"name": AGENT, "version": __version__}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": told.spans}]}]}


class _Turn:
    """What is known of a turn so far."""

    def __init__(self, turn: str, begun: datetime) -> None:
        self.id = turn
        self.begun = begun
        self.events: list[Json] = []
        self.used = Usage()
        self.model = ""
        self.asked: list[Json] = []
        self.answer = FromModel(parts=())


class _Told:
    def __init__(self, thread: str, content: bool) -> None:
        self.spans: list[Json] = []
        self.unsaid: list[tuple[str, list[Json]]] = []
        """Roles and parts of what the next request says more than the one before it."""
        self._thread = thread
        self._content = content
        self._turn: _Turn | None = None
        self._calls: dict[str, Call] = {}
        self._started: dict[str, datetime] = {}
        self._before = _EPOCH

    def entry(self, entry: Entry) -> None:
        match entry.event:
            case TurnStarted(turn=turn) if self._turn is None or self._turn.id != turn:
                self._turn = _Turn(turn, entry.at)
            case TurnWaiting() | TurnResumed() as event if self._turn and self._turn.id == event.turn:
                self._turn.events.append({"timeUnixNano": _nanos(entry.at), "name": f"maquette.{event.type}"})
            case AnswerGiven() as event if self._turn:
                self._answered(self._turn, entry, event)
            case AnswerFailed() | AnswerInterrupted() as event if self._turn:
                why = "failed" if isinstance(event, AnswerFailed) else event.why
                self._chat(self._turn, event.model, f"{why}:{entry.position}", (self._before, entry.at), {}, error=why)
            case CallStarted(call=call):
                self._started[call] = entry.at
            case CallFinished() as event if self._turn:
                self._called(self._turn, entry, event)
            case TurnFinished() as event if self._turn and self._turn.id == event.turn:
                self._finished(self._turn, entry, event)
                self._turn = None
            case _:
                pass
        self._before = entry.at

    def _answered(self, turn: _Turn, entry: Entry, event: AnswerGiven) -> None:
        turn.model, turn.answer = event.model, event.answer
        self._calls |= {call.id: call for call in event.answer.calls}
        asked: list[Json] = [{"role": role, "parts": parts} for role, parts in self.unsaid]
        turn.asked += [message for message in asked if message["role"] == "user"]
        self.unsaid = []
        if event.rules:  # no request was made to any model
            return
        used = event.usage
        turn.used = Usage(
            input=turn.used.input + used.input,
            output=turn.used.output + used.output,
            cached=turn.used.cached + used.cached,
            written=turn.used.written + used.written,
        )
        ended = "length" if event.cut else "tool_call" if event.answer.calls else "stop"
        about = _tokens(used) | {"gen_ai.response.finish_reasons": [ended]}
        if used.price is not None:
            about["maquette.usage.cost_usd"] = float(used.price)
        if self._content:
            about["gen_ai.input.messages"] = _text(asked)
            about["gen_ai.output.messages"] = _text([_said(event.answer, ended)])
        times = (entry.at - timedelta(seconds=event.seconds), entry.at)
        self._chat(turn, event.model, f"chat:{event.step}", times, about)

    def _chat(
        self, turn: _Turn, model: str, part: str, times: tuple[datetime, datetime], more: Json, error: str | None = None
    ) -> None:
        wire, _, name = model.partition(":")
        about = {"gen_ai.operation.name": "chat", "gen_ai.request.model": name, "gen_ai.request.stream": True}
        self._span(turn, part, f"chat {name}", _CLIENT, times, about | _provider(wire) | more, error)

    def _called(self, turn: _Turn, entry: Entry, event: CallFinished) -> None:
        begun = self._started.pop(event.call, entry.at - timedelta(seconds=event.seconds))
        about: Json = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": event.name,
            "gen_ai.tool.call.id": event.call,
            "gen_ai.tool.type": "function",
        }
        if self._content:
            about["gen_ai.tool.call.arguments"] = self._calls[event.call].arguments
            about["gen_ai.tool.call.result"] = event.text
        self.unsaid.append(("tool", [{"type": "tool_call_response", "id": event.call, "response": event.text}]))
        error = None if event.status == "ok" else event.status
        name = f"execute_tool {event.name}"
        self._span(turn, f"call:{event.call}", name, _INTERNAL, (begun, entry.at), about, error)

    def _finished(self, turn: _Turn, entry: Entry, event: TurnFinished) -> None:
        wire, _, model = turn.model.partition(":")
        about: Json = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": AGENT,
            "gen_ai.agent.version": __version__,
            "maquette.turn.outcome": event.outcome.value,
        }
        if model:
            about |= {"gen_ai.request.model": model, **_provider(wire), **_tokens(turn.used)}
        if self._content:
            about["gen_ai.input.messages"] = _text(turn.asked)
            about["gen_ai.output.messages"] = _text([_said(turn.answer, "stop")])
        error = event.outcome.value if event.outcome in {Outcome.FAILED, Outcome.BUDGET} else None
        self._span(turn, "", f"invoke_agent {AGENT}", _INTERNAL, (turn.begun, entry.at), about, error)

    def _span(
        self,
        turn: _Turn,
        part: str,
        name: str,
        kind: int,
        times: tuple[datetime, datetime],
        about: Json,
        error: str | None,
    ) -> None:
        """`part` names the span within its turn; the turn's own has none."""
        if error is not None:
            about = about | {"error.type": error}
        span: Json = {
            "traceId": _id(turn.id, 16),
            "spanId": _id(f"{turn.id}/{part}", 8),
            "name": name,
            "kind": kind,
            "startTimeUnixNano": _nanos(times[0]),
            "endTimeUnixNano": _nanos(times[1]),
            "attributes": _attributes(about | {"gen_ai.conversation.id": self._thread}),
            "status": {} if error is None else {"code": _ERROR},
        }
        self.spans.append(span | ({"parentSpanId": _id(f"{turn.id}/", 8)} if part else {"events": turn.events}))


def _provider(wire: str) -> Json:
    return {"gen_ai.provider.name": _VENDORS.get(wire, wire)}


def _tokens(used: Usage) -> Json:
    return {
        "gen_ai.usage.input_tokens": used.input,
        "gen_ai.usage.output_tokens": used.output,
        "gen_ai.usage.cache_read.input_tokens": used.cached,
        "gen_ai.usage.cache_creation.input_tokens": used.written,
    }


def _said(answer: FromModel, ended: str) -> Json:
    parts: list[Json] = []
    for part in answer.parts:
        match part:
            case Text():
                parts.append(_words(part.text))
            case Thinking():
                parts.append({"type": "reasoning", "content": part.text})
            case Call():
                parts.append({"type": "tool_call", "id": part.id, "name": part.name, "arguments": part.arguments})
    return {"role": "assistant", "parts": parts, "finish_reason": ended}


def _words(text: str) -> Json:
    return {"type": "text", "content": text}


def _text(messages: Sequence[Json]) -> str:
    """Structured values of spans are JSON text, as the conventions have it where a span can't hold them."""
    return json.dumps(messages, ensure_ascii=False)


def _attributes(values: Json) -> list[Json]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: object) -> Json:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [_value(one) for one in cast("list[object]", value)]}}
        case _:
            return {"stringValue": str(value)}


def _nanos(at: datetime) -> str:
    return str((at - _EPOCH) // timedelta(microseconds=1) * 1000)


def _id(of: str, length: int) -> str:
    """OTLP's JSON writes ids in hexadecimal, unlike other bytes of protobuf's."""
    return hashlib.sha256(of.encode()).hexdigest()[: 2 * length]
