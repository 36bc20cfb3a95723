"""One thread being put to one model over one wire: what all wires do alike."""

from __future__ import annotations

import asyncio
import functools
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, cast

import httpx2
import orjson
from pydantic_ai.messages import (
    InstructionPart,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from maquette.domain.characters import whole
from maquette.domain.errors import Unavailable
from maquette.domain.messages import Usage
from maquette.kinds.providers import Answered, Delta, Request, TextDelta, ThinkingDelta, ToolSpec
from maquette.providers.wires.addresses import check
from maquette.providers.wires.endpoint import Endpoint, Patience
from maquette.providers.wires.errors import explained
from maquette.providers.wires.history import History
from maquette.providers.wires.mapping import incoming
from maquette.providers.wires.prices import cost
from maquette.providers.wires.watched import Watched

MOST = 10**7
"""Tokens of one kind that a server is believed for one answer. No database can add up some of those it could name."""

logging.getLogger("httpx2").setLevel(logging.WARNING)  # it logs each address whole, with a password that is in it


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates to trust; reading them takes 20 ms, so all conversations share them."""
    return httpx2.create_ssl_context()


class SteadyTools(Model[Any]):
    """Adapts the tools' schemas to the model once, and not in every request: `WireConversation` hands in the same.

    They are handed to the SDK as bytes, since it would walk through them each time.
    """

    mark: str
    """Whose reasoning this is, since it only goes back there: the wire's, or a connection's."""
    _given: ModelRequestParameters | None = None
    _made: ModelRequestParameters | None = None
    _encoded: Mapping[int, tuple[ToolDefinition, orjson.Fragment]] = MappingProxyType({})

    def customize_request_parameters(self, model_request_parameters: ModelRequestParameters) -> ModelRequestParameters:
        if self._made is None or self._given is not model_request_parameters:
            self._given = model_request_parameters
            self._made = super().customize_request_parameters(model_request_parameters)
            self._encoded = {}
        return self._made

    def encoded(self, tool: ToolDefinition, mapped: Callable[[], object]) -> orjson.Fragment:
        known, there = self._encoded.get(id(tool), (None, None))
        if there is None or known is not tool:
            there = orjson.Fragment(orjson.dumps(mapped()))
            self._encoded = {**self._encoded, id(tool): (tool, there)}
        return there


@dataclass
class Line:
    """What the SDK's client of a wire sends by: HTTP, and the history as bytes that are there already."""

    endpoint: Endpoint
    history: bytearray = field(default_factory=bytearray)
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        # Never through a proxy to this machine, and never with a key to where a server points. How long an answer
        # may take is watched in `Watched` and in `WireConversation.stream`.
        here = self.endpoint.on_loopback
        self.http = httpx2.AsyncClient(
            base_url=self.endpoint.url,
            headers={"Accept-Encoding": "identity"},
            timeout=httpx2.Timeout(None, connect=self.patience.connect, write=60, pool=10),
            trust_env=not here,
            verify=not (here and self.endpoint.unencrypted) and _trusted(),
            follow_redirects=False,
            limits=httpx2.Limits(keepalive_expiry=60),
            event_hooks={"response": [self._watch]},
        )

    async def _watch(self, response: httpx2.Response) -> None:
        check(response, self.endpoint)
        response.stream = Watched(cast("httpx2.AsyncByteStream", response.stream), self.patience)

    def body(self, head: Mapping[str, object], key: str, first: Sequence[object] = ()) -> bytes:
        """A request's bytes: what stays the same, and last, under `key`, `first` and then what grows."""
        same = orjson.dumps({k: v for k, v in head.items() if k != key})
        begun = b",".join([orjson.dumps(item) for item in first])
        between = b"," if begun and self.history else b""
        return b"".join((same[:-1], b",", orjson.dumps(key), b":[", begun, between, self.history, b"]}"))


class WireConversation:
    """A conversation over `model`, which asks through `line`, and whose mapping is left to `history`."""

    def __init__(
        self,
        wire: str,
        endpoint: Endpoint,
        model: Model[Any],
        line: Line,
        history: History,
        always: Callable[[Request], Mapping[str, object]],
    ) -> None:
        self._wire = wire
        self._endpoint = endpoint
        self._model = model
        self._line = line
        self._history = history
        self._always = always
        self._asked: tuple[str, Sequence[ToolSpec], ModelRequestParameters] | None = None

    async def stream(self, request: Request) -> AsyncIterator[Delta]:
        limit = {} if request.max_output is None else {"max_tokens": request.max_output}
        settings = {**self._always(request), **limit, **request.settings}
        patience = self._line.patience = self._patience(settings)
        try:
            self._line.history = await self._history.of(request.messages)
            parameters = self._parameters(request)
            async with AsyncExitStack() as stack:
                asking = self._model.request_stream([], cast("ModelSettings", settings), parameters)
                async with asyncio.timeout(patience.first_byte):
                    streamed = await stack.enter_async_context(asking)
                joined = _Joined()
                async for event in streamed:
                    if (delta := _delta(event)) is not None and (delta := joined.next(delta)) is not None:
                        yield delta
                response = streamed.get()
            yield self._answered(response)
        except Exception as error:
            reason, cause = explained(error, self._endpoint, request.model)
            raise reason from cause

    async def close(self) -> None:
        await self._line.http.aclose()

    def _patience(self, settings: dict[str, object]) -> Patience:
        """Takes out of `settings` what is ours; trying again is the loop's business."""
        settings.pop("max_retries", None)
        usual = Patience()
        return Patience(
            first_byte=float(cast("float", settings.pop("first_byte_seconds", usual.first_byte))),
            between_chunks=float(cast("float", settings.pop("between_chunks_seconds", usual.between_chunks))),
            whole=float(cast("float", settings.pop("whole_seconds", usual.whole))),
        )

    def _parameters(self, request: Request) -> ModelRequestParameters:
        """Made anew only when the instructions or tools are others."""
        if self._asked is None or self._asked[0] != request.instructions or self._asked[1] != request.tools:
            tools = [
                ToolDefinition(
                    name=tool.name,
                    description=tool.description,
                    parameters_json_schema=cast("dict[str, Any]", orjson.loads(orjson.dumps(tool.parameters))),
                )
                for tool in request.tools
            ]
            instructions = [InstructionPart(content=request.instructions)] if request.instructions else []
            parameters = ModelRequestParameters(function_tools=tools, instruction_parts=instructions)
            self._asked = (request.instructions, request.tools, parameters)
        return self._asked[2]

    def _answered(self, response: ModelResponse) -> Answered:
        if response.state != "complete" or response.finish_reason in (None, "error"):
            raise Unavailable(f"The answer of {self._model.model_name} at {self._endpoint.place} broke off.")
        cut = response.finish_reason == "length"
        answer = incoming(response, self._wire, cut=cut)
        return Answered(answer, _usage(response), response.model_name or self._model.model_name, cut)


class _Joined:
    """A character may come in two halves, in two deltas: the first waits for the second."""

    def __init__(self) -> None:
        self._half = ""

    def next(self, delta: TextDelta | ThinkingDelta) -> TextDelta | ThinkingDelta | None:
        text, self._half = self._half + delta.text, ""
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return replace(delta, text=whole(text)) if text else None


def _delta(event: ModelResponseStreamEvent) -> TextDelta | ThinkingDelta | None:
    match event:
        case PartStartEvent(part=TextPart(content=text)) if text:
            return TextDelta(text)
        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)) if text:
            return TextDelta(text)
        case PartStartEvent(part=ThinkingPart(content=text)) if text:
            return ThinkingDelta(text)
        case PartDeltaEvent(delta=ThinkingPartDelta(content_delta=text)) if text:
            return ThinkingDelta(text)
        case _:
            return None


def _usage(response: ModelResponse) -> Usage:
    counted = response.usage
    told = (counted.input_tokens, counted.output_tokens)
    return Usage(
        input=min(counted.input_tokens, MOST),
        cached=min(counted.cache_read_tokens, MOST),
        written=min(counted.cache_write_tokens, MOST),
        output=min(counted.output_tokens, MOST),
        price=cost(response) if 0 < min(told) <= max(told) <= MOST else None,
    )
