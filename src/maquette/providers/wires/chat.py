"""The wire `openai-chat`: Chat Completions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from openai import AsyncOpenAI
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings

from maquette.domain.messages import FromTool, Message
from maquette.kinds.providers import Conversation
from maquette.providers.wires.conversation import Line, WireConversation
from maquette.providers.wires.endpoint import PLACEHOLDER, Endpoint
from maquette.providers.wires.history import History
from maquette.providers.wires.mapping import outgoing

WIRE = "openai-chat"
_OPEN_REASONING = ("reasoning_content", "reasoning")


class OpenAILine(AsyncOpenAI):
    """OpenAI's client, but a request's history is bytes already: the SDK would walk through all of it each time."""

    def __init__(self, line: Line, key: str) -> None:
        self.line = line
        self.grows = key
        secrets = line.endpoint.secrets
        super().__init__(
            api_key=next(iter(secrets.values()), PLACEHOLDER),
            base_url=line.endpoint.url,
            http_client=line.http,
            max_retries=0,
            timeout=line.http.timeout,
        )

    async def post(  # pyright: ignore[reportIncompatibleMethodOverride] # one signature for all its overloads
        self, path: str, *, body: Any = None, options: Mapping[str, Any] | None = None, **rest: Any
    ) -> Any:
        given = dict(options or {})
        extra = cast("dict[str, object]", given.pop("extra_json", None) or {})
        head = {**cast("dict[str, object]", body), **extra}
        first = cast("Sequence[object]", head[self.grows]) if self.grows == "messages" else ()
        content = self.line.body(head, self.grows, first)
        return await super().post(path, content=content, options=cast("Any", given), **rest)


class _Chat(OpenAIChatModel):
    """Maps only the instructions of a request; the messages are in the line's history."""

    async def _map_messages(
        self,
        messages: Sequence[ModelMessage],
        model_request_parameters: ModelRequestParameters,
        *,
        model_settings: ModelSettings | None = None,
    ) -> Any:
        return await super()._map_messages([], model_request_parameters, model_settings=model_settings)

    async def mapped(self, messages: Sequence[ModelMessage]) -> list[Any]:
        return list(await super()._map_messages(messages, ModelRequestParameters()))


class _Encoder:
    """Maps one group of messages after the other."""

    def __init__(self, model: _Chat) -> None:
        self._model = model
        self._reasoning: str | None = None

    async def __call__(self, group: Sequence[Message]) -> list[Any]:
        items = await self._model.mapped(outgoing(group, WIRE, self._model.system))
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


def _joins(before: Message, after: Message) -> bool:
    """Results of one answer's calls go together: their pictures follow all of them in a message of the person's."""
    return isinstance(before, FromTool) and isinstance(after, FromTool)


def converse(endpoint: Endpoint, name: str) -> Conversation:
    line = Line(endpoint)
    client = OpenAILine(line, "messages")
    provider = (
        OpenAIProvider(openai_client=client)
        if endpoint.at_home
        else OpenAICompatibleProvider("openai", openai_client=client)
    )
    profile = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
    if not endpoint.at_home and not name.startswith(("gpt-", "o1", "o3", "o4")):
        profile["openai_chat_supports_max_completion_tokens"] = False  # only OpenAI's own models know the new name
    model = _Chat(name, provider=provider, profile=profile)
    return WireConversation(WIRE, endpoint, model, line, History(_joins, _Encoder(model)))
