"""The wire `openai`: OpenAI's Responses. Nothing is stored there; reasoning travels sealed, with the messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast, get_args

from openai.types.responses import ResponseStreamEvent
from pydantic import BaseModel
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import ModelRequestParameters, ToolVisibility
from pydantic_ai.models.openai import OpenAIResponsesModel, OpenAIResponsesModelSettings
from pydantic_ai.tools import ToolDefinition

from maquette.domain.messages import AnswerPart, Message, Thinking
from maquette.kinds.providers import Conversation
from maquette.providers.wires.conversation import Line, SteadyTools, WireConversation
from maquette.providers.wires.endpoint import Endpoint
from maquette.providers.wires.events import Events, Json, Place
from maquette.providers.wires.history import History, results_together
from maquette.providers.wires.mapping import Manners, outgoing
from maquette.providers.wires.openai import OpenAILine, openai_settings, service

WIRE = "openai"
_STATELESS = OpenAIResponsesModelSettings(openai_store=False)


_TYPES: Mapping[str, type[BaseModel]] = {
    name: event
    for event in get_args(get_args(ResponseStreamEvent)[0])
    for name in get_args(event.model_fields["type"].annotation)
}


class Happenings(Events[ResponseStreamEvent]):
    @staticmethod
    def words(event: Json) -> Place:
        match event:
            case {"type": "response.output_text.delta", "delta": str()}:
                event.pop("obfuscation", None)
                event["sequence_number"] = 0  # nobody asks for it
                return event, "delta"
            case _:
                return None

    @staticmethod
    def model(event: Json) -> type[BaseModel] | None:
        return _TYPES.get(event.get("type", ""))


class _Responses(SteadyTools, OpenAIResponsesModel):
    """Maps only the instructions of a request, as on the wire `openai-chat`; the messages are in the line's history."""

    async def _map_messages(
        self,
        messages: list[ModelMessage],
        model_settings: OpenAIResponsesModelSettings,
        model_request_parameters: ModelRequestParameters,
        *,
        standing_prompt_retained: bool = True,
        previous_response_id: str | None = None,
    ) -> Any:
        return await super()._map_messages([], model_settings, model_request_parameters)

    def _map_tool_definition(self, f: ToolDefinition, *, visibility: ToolVisibility) -> Any:
        return self.encoded(f, partial(super()._map_tool_definition, f, visibility=visibility))

    def _sends(self, part: AnswerPart) -> bool:
        """Reasoning that was neither sealed nor given raw could only go back as words of the answer."""
        if not isinstance(part, Thinking):
            return True
        sealed = self.profile.get("openai_supports_encrypted_reasoning_content", False) and part.signature
        return bool(sealed or (part.details or {}).get("raw_content"))

    async def mapped(self, group: Sequence[Message]) -> list[Any]:
        messages = outgoing(group, Manners(self.mark, self.system, self._sends))
        _, items = await super()._map_messages(messages, _STATELESS, ModelRequestParameters())
        return cast("list[Any]", items)


def converse(endpoint: Endpoint, name: str) -> Conversation:
    line = Line(endpoint)
    client = OpenAILine(line, "responses", "input", Happenings, ResponseStreamEvent)
    model = _Responses(name, provider=service(endpoint, client))
    model.mark = endpoint.connection or WIRE
    settings = openai_settings(endpoint, dict(_STATELESS))
    return WireConversation(model.mark, endpoint, model, line, History(results_together, model.mapped), settings)
