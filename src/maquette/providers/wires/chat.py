"""The wire `openai-chat`: Chat Completions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from openai.types.chat import ChatCompletionChunk
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from maquette.domain.messages import Message
from maquette.kinds.providers import Conversation
from maquette.providers.wires.conversation import Line, SteadyTools, WireConversation
from maquette.providers.wires.endpoint import Endpoint
from maquette.providers.wires.events import Events, Json, Place
from maquette.providers.wires.history import History, results_together
from maquette.providers.wires.mapping import Manners, outgoing
from maquette.providers.wires.openai import OpenAILine, openai_settings, service

WIRE = "openai-chat"
_OPEN_REASONING = ("reasoning_content", "reasoning")
_NEWER_LIMIT = ("gpt-", "o1", "o3", "o4")
"""Names of OpenAI's own models, which know `max_completion_tokens`; most other servers know only `max_tokens`."""
_VARYING = {"choices", "usage", "obfuscation"}
_CHOICE = {"index", "delta", "finish_reason", "logprobs"}
_DELTA = {"role", "content", "tool_calls"}
"""All that may be in chunks that are joined; where one holds more, it stays as it came."""


class Chunks(Events[ChatCompletionChunk]):
    @staticmethod
    def words(event: Json) -> Place:
        match event:
            case {"choices": [{"delta": {"content": str()} as delta, "finish_reason": None}]}:
                event.pop("obfuscation", None)
                return delta, "content"
            case _:
                return None

    @staticmethod
    def taken_up(last: Json, new: Json) -> bool:
        """Calls go beside calls, an end to what it ends, and what was used to all of it."""
        if last.get("usage") or _same(last) != _same(new):
            return False
        if new.get("choices") == []:
            last["usage"] = new.get("usage")
            return True
        ours, theirs = _plain(last), _plain(new)
        if ours is None or theirs is None or ours.get("finish_reason") or ours.get("index") != theirs.get("index"):
            return False
        delta, more = ours["delta"], theirs["delta"]
        if delta.get("tool_calls") and more.get("content"):
            return False  # words are read before the calls of the same chunk
        if more.get("content") is not None:
            delta["content"] = (delta.get("content") or "") + more["content"]
        if more.get("tool_calls"):
            delta["tool_calls"] = [*(delta.get("tool_calls") or ()), *more["tool_calls"]]
        ours["finish_reason"] = theirs.get("finish_reason")
        last["usage"] = new.get("usage")
        return True

    @staticmethod
    def model(event: Json) -> type[ChatCompletionChunk]:
        return ChatCompletionChunk


def _same(event: Json) -> Json:
    return {name: value for name, value in event.items() if name not in _VARYING}


def _plain(event: Json) -> Json | None:
    """The one choice of a chunk, if it holds nothing but words, calls and an end."""
    match event:
        case {"choices": [{"delta": {**delta}} as choice]}:
            odd = {name for name, value in delta.items() if value is not None} - _DELTA
            words, calls = delta.get("content"), delta.get("tool_calls")
            typed = isinstance(words, str | None) and isinstance(calls, list | None)
            if typed and not odd and choice.keys() <= _CHOICE and choice.get("logprobs") is None:
                return choice
        case _:
            pass
    return None


class _Chat(SteadyTools, OpenAIChatModel):
    """Maps only the instructions of a request; the messages are in the line's history."""

    async def _map_messages(
        self,
        messages: Sequence[ModelMessage],
        model_request_parameters: ModelRequestParameters,
        *,
        model_settings: ModelSettings | None = None,
    ) -> Any:
        return await super()._map_messages([], model_request_parameters, model_settings=model_settings)

    def _map_tool_definition(self, f: ToolDefinition, model_settings: ModelSettings) -> Any:
        return self.encoded(f, partial(super()._map_tool_definition, f, model_settings))

    async def mapped(self, group: Sequence[Message]) -> list[Any]:
        messages = outgoing(group, Manners(self.mark, self.system, pictures_apart=True))
        return list(await super()._map_messages(messages, ModelRequestParameters()))


class _Encoder:
    """Maps one group of messages after the other."""

    def __init__(self, model: _Chat) -> None:
        self._model = model
        self._reasoning: str | None = None

    async def __call__(self, group: Sequence[Message]) -> list[Any]:
        items = await self._model.mapped(group)
        for item in items:
            self._fill(item)
        return items

    def _fill(self, item: dict[str, Any]) -> None:
        """Servers with open reasoning (DeepSeek) refuse a call that comes without the field once they have sent it.

        Stock pydantic_ai fills it in from the last person's message on, and takes it out again later; here it
        stays, since what was sent must not change.
        """
        self._reasoning = next((f for f in _OPEN_REASONING if f in item), self._reasoning)
        if self._reasoning is not None and item.get("tool_calls"):
            item.setdefault(self._reasoning, "")


def converse(endpoint: Endpoint, name: str) -> Conversation:
    line = Line(endpoint)
    client = OpenAILine(line, "chat/completions", "messages", Chunks, ChatCompletionChunk)
    profile = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
    if not endpoint.at_home and not name.startswith(_NEWER_LIMIT):
        profile["openai_chat_supports_max_completion_tokens"] = False
    model = _Chat(name, provider=service(endpoint, client), profile=profile)
    model.mark = endpoint.connection or WIRE
    settings = openai_settings(endpoint, {})
    return WireConversation(model.mark, endpoint, model, line, History(results_together, _Encoder(model)), settings)
