"""The wire `anthropic`: Anthropic's Messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from anthropic import AsyncAnthropic, Omit
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.anthropic import AnthropicModel, AnthropicModelSettings
from pydantic_ai.providers.anthropic import AnthropicProvider

from maquette.domain.messages import AnswerPart, FromModel, Message, Text, Thinking
from maquette.kinds.providers import Conversation, Request
from maquette.providers.wires.conversation import Line, SteadyTools, WireConversation
from maquette.providers.wires.endpoint import PLACEHOLDER, Endpoint
from maquette.providers.wires.history import History
from maquette.providers.wires.mapping import Manners, outgoing

WIRE = "anthropic"

# Breakpoints stand where nothing moves: after the tools and after the instructions. The one that has to follow the
# end of the thread is left to the server (`cache_control` beside the messages): a mark on the last message would have
# to be taken off it in the next request, and then what was sent would have changed.
_CACHE = AnthropicModelSettings(
    anthropic_cache="5m", anthropic_cache_instructions="5m", anthropic_cache_tool_definitions="5m"
)


class _AnthropicLine(AsyncAnthropic):
    """Anthropic's client, but a request's history is bytes already."""

    def __init__(self, line: Line) -> None:
        self.line = line
        secrets = line.endpoint.secrets
        token = secrets.get("ANTHROPIC_AUTH_TOKEN")
        super().__init__(
            api_key=secrets.get("ANTHROPIC_API_KEY") or (None if token else PLACEHOLDER),
            auth_token=token,
            base_url=line.endpoint.url,
            http_client=line.http,
            max_retries=0,
            timeout=line.http.timeout,
        )
        if line.endpoint.connection:  # what the environment adds is meant for where the environment leads
            self._custom_headers = {}

    async def post(  # pyright: ignore[reportIncompatibleMethodOverride] # one signature for all its overloads
        self, path: str, *, body: Any = None, options: Mapping[str, Any] | None = None, **rest: Any
    ) -> Any:
        given = dict(options or {})
        extra = cast("dict[str, object]", given.pop("extra_json", None) or {})
        head = {k: v for k, v in cast("dict[str, object]", body).items() if not isinstance(v, Omit)}
        content = self.line.body({**head, **extra}, "messages")
        return await super().post(path, content=content, options=cast("Any", given), **rest)


class _Messages(SteadyTools, AnthropicModel):
    """Maps only the instructions of a request; the messages are in the line's history."""

    async def _map_message(
        self,
        messages: list[ModelMessage],
        model_request_parameters: ModelRequestParameters,
        model_settings: AnthropicModelSettings,
    ) -> Any:
        return await super()._map_message([], model_request_parameters, model_settings)

    async def mapped(self, group: Sequence[Message]) -> list[Any]:
        messages = outgoing(group, Manners(self.mark, self.system, _sends, marks_errors=True))
        _, items = await super()._map_message(messages, ModelRequestParameters(), AnthropicModelSettings())
        return cast("list[Any]", items)


def _sends(part: AnswerPart) -> bool:
    """Words must be more than white space here, and reasoning without a signature could only go back as words."""
    if isinstance(part, Text):
        return bool(part.text.strip())
    return not isinstance(part, Thinking) or part.signature is not None


def _joins(before: Message, after: Message) -> bool:
    """Whatever comes between two answers is one message here: results first, then words."""
    return not isinstance(before, FromModel) and not isinstance(after, FromModel)


def _always(request: Request) -> Mapping[str, object]:
    return _CACHE


def converse(endpoint: Endpoint, name: str) -> Conversation:
    line = Line(endpoint)
    model = _Messages(name, provider=AnthropicProvider(anthropic_client=_AnthropicLine(line)))
    model.mark = endpoint.connection or WIRE
    return WireConversation(model.mark, endpoint, model, line, History(_joins, model.mapped), _always)
