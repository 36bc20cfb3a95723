"""What an answer took, where its provider doesn't say: nothing that is paid for may be taken for nothing."""

from __future__ import annotations

import asyncio

import orjson

from maquette.domain.messages import AnswerPart, Call, FromModel, Message, Text, Thinking, Usage
from maquette.kinds.providers import Answered, Provider, Request

PER_TOKEN = 3
"""Bytes. Most languages' words have more of them to a token, so a cap is reached rather too early than too late."""
PICTURE = 6_000
"""Bytes that a picture counts for."""
AROUND = 150
"""Bytes of a request around each message, and around each part of an answer."""


async def counted(provider: Provider, request: Request, answered: Answered) -> Usage:
    """As the provider counted it, or our own estimate for what it left out."""
    told = answered.usage
    if (told.input and told.output) or told.price is not None:
        return told
    tools = orjson.dumps([(tool.name, tool.description, dict(tool.parameters)) for tool in request.tools])
    asked = (_size(request.instructions) + len(tools) + sum(map(_message, request.messages))) // PER_TOKEN
    used = told.model_copy(
        update={
            "input": told.input or asked,
            "output": told.output or _message(answered.answer) // PER_TOKEN,
            "estimated": True,
        }
    )
    price = await asyncio.to_thread(provider.price, request.model, used)
    return used.model_copy(update={"price": price})


def _message(message: Message) -> int:
    """About as many bytes as a request has of it."""
    if isinstance(message, FromModel):
        return sum(map(_part, message.parts))
    return AROUND + _size(message.text) + PICTURE * len(message.images)


def _part(part: AnswerPart) -> int:
    match part:
        case Text():
            return AROUND + _size(part.text)
        case Thinking():
            return AROUND + _size(part.text) + len(part.signature or "")
        case Call():
            return AROUND + _size(part.name) + _size(part.arguments)


def _size(text: str) -> int:
    return len(text.encode(errors="replace"))
