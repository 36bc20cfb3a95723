"""Our messages in pydantic_ai's words, and back."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from pydantic_ai.messages import (
    BinaryContent,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponsePart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from maquette.domain.messages import AnswerPart, Call, FromModel, FromPerson, FromTool, Message, Text, Thinking


def outgoing(messages: Sequence[Message], wire: str, system: str) -> list[ModelMessage]:
    """Messages that belong together: one answer, or what came between two.

    `system` is pydantic_ai's name of the provider: what it marks is sent back to it, the rest isn't.
    """
    if isinstance(answer := messages[0], FromModel):
        parts = [p for part in answer.parts if (p := _answer_part(part, wire, system)) is not None]
        return [ModelResponse(parts=parts, provider_name=system, canonical_system=system)]
    return [ModelRequest(parts=[_request_part(m) for m in messages if not isinstance(m, FromModel)])]


def _request_part(message: FromPerson | FromTool) -> UserPromptPart | ToolReturnPart:
    pictures = [BinaryContent(data=image.data, media_type=image.media_type) for image in message.images]
    content = [message.text, *pictures] if message.text else pictures
    if isinstance(message, FromPerson):
        return UserPromptPart(content=content if pictures else message.text)
    return ToolReturnPart(
        tool_name=message.name,
        content=content if pictures else message.text,
        tool_call_id=message.call,
        outcome="failed" if message.error else "success",
    )


def _answer_part(part: AnswerPart, wire: str, system: str) -> ModelResponsePart | None:
    match part:
        case Text():
            return TextPart(content=part.text, id=part.item, provider_name=system, provider_details=_phase(part.phase))
        case Thinking():
            if part.wire != wire:
                return None
            return ThinkingPart(
                content=part.text,
                id=part.id,
                signature=part.signature,
                provider_name=system,
                provider_details=part.details,
            )
        case Call():
            return ToolCallPart(
                tool_name=part.name,
                args=part.arguments,
                tool_call_id=part.id,
                id=part.item,
                provider_name=system if part.item or part.details else None,
                provider_details=part.details,
            )


def _phase(phase: str | None) -> dict[str, object] | None:
    return None if phase is None else {"phase": phase}


def incoming(response: ModelResponse, wire: str, *, cut: bool) -> FromModel:
    """A whole answer. Of one that was cut off, a last call whose arguments had not all arrived is left out."""
    parts = [p for part in response.parts if (p := _from_model(part, wire, empty="" if cut else "{}")) is not None]
    if cut and parts and isinstance(last := parts[-1], Call) and not _is_object(last.arguments):
        parts.pop()
    refusal = (response.provider_details or {}).get("refusal")
    if not parts and isinstance(refusal, str):
        parts.append(Text(text=refusal))
    return FromModel(parts=tuple(parts))


def _from_model(part: ModelResponsePart, wire: str, *, empty: str) -> AnswerPart | None:
    """`empty` stands for arguments of which nothing came."""
    match part:
        case TextPart():
            phase = (part.provider_details or {}).get("phase")
            if not part.content:
                return None
            return Text(text=part.content, item=part.id, phase=phase if isinstance(phase, str) else None)
        case ThinkingPart():
            if not (part.content or part.signature or part.provider_details):
                return None
            return Thinking(
                text=part.content, id=part.id, signature=part.signature, wire=wire, details=part.provider_details
            )
        case ToolCallPart():
            arguments = orjson.dumps(part.args).decode() if isinstance(part.args, dict) else part.args or empty
            return Call(
                id=part.tool_call_id,
                name=part.tool_name,
                arguments=arguments,
                item=part.id,
                details=part.provider_details,
            )
        case _:
            return None


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False
