"""Our messages in pydantic_ai's words, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic_ai.messages import (
    BinaryContent,
    ModelMessage,
    ModelRequest,
    ModelRequestPart,
    ModelResponse,
    ModelResponsePart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from maquette.domain.characters import whole
from maquette.domain.errors import Bug
from maquette.domain.messages import AnswerPart, Call, FromModel, FromPerson, FromTool, Message, Text, Thinking


def _anything(part: AnswerPart) -> bool:
    return True


@dataclass(frozen=True)
class Manners:
    """What a wire takes back, and how. Reasoning only goes back to the wire that it came from."""

    wire: str
    system: str
    """pydantic_ai's name of the provider: what it marks is sent back to it, the rest isn't."""
    sends: Callable[[AnswerPart], bool] = _anything
    """Which parts of an answer can go back."""
    marks_errors: bool = False
    """Results can be marked as failures. Elsewhere pydantic_ai would wrap their words in JSON, which reads worse."""
    pictures_apart: bool = False
    """Results are words only; their pictures follow them in a message of the person's."""


def outgoing(messages: Sequence[Message], manners: Manners) -> list[ModelMessage]:
    """Messages that belong together: one answer, or what came between two."""
    if isinstance(answer := messages[0], FromModel):
        own = [p for p in answer.parts if not isinstance(p, Thinking) or p.wire == manners.wire]
        parts = [_answer_part(part, manners.system) for part in own if manners.sends(part)]
        return [ModelResponse(parts=parts, provider_name=manners.system, canonical_system=manners.system)]
    asked: list[ModelRequestPart] = []
    apart: list[ModelRequestPart] = []
    for message in messages:
        match message:
            case FromPerson():
                asked.append(UserPromptPart(content=_content(message.text, message)))
            case FromTool():
                if message.images and manners.pictures_apart:
                    apart.append(
                        UserPromptPart(content=_content(f"From {message.name}, call {message.call}:", message))
                    )
                asked.append(_result(message, manners))
            case _:
                raise Bug("an answer among what came between answers")
    return [ModelRequest(parts=[*asked, *apart])]


def _content(text: str, message: FromPerson | FromTool) -> Any:
    """Words alone, or with the pictures after them."""
    pictures = [BinaryContent(data=image.data, media_type=image.media_type) for image in message.images]
    return [text, *pictures] if pictures and text else pictures or text


def _result(message: FromTool, manners: Manners) -> ToolReturnPart:
    return ToolReturnPart(
        tool_name=message.name,
        content=message.text if manners.pictures_apart else _content(message.text, message),
        tool_call_id=message.call,
        outcome="failed" if message.error and manners.marks_errors else "success",
    )


def _answer_part(part: AnswerPart, system: str) -> ModelResponsePart:
    match part:
        case Text():
            return TextPart(content=part.text, id=part.item, provider_name=system, provider_details=_phase(part.phase))
        case Thinking():
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
            return Text(text=whole(part.content), item=part.id, phase=phase if isinstance(phase, str) else None)
        case ThinkingPart():
            if not (part.content or part.signature or part.provider_details):
                return None
            return Thinking(
                text=whole(part.content), id=part.id, signature=part.signature, wire=wire, details=part.provider_details
            )
        case ToolCallPart():
            arguments = orjson.dumps(part.args).decode() if isinstance(part.args, dict) else part.args or empty
            return Call(
                id=whole(part.tool_call_id),
                name=whole(part.tool_name),
                arguments=whole(arguments),
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
