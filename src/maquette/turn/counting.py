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
    used = told.model_copy(
        update={
            "input": told.input or expected(request),
            "output": told.output or _message(answered.answer) // PER_TOKEN,
            "estimated": True,
        }
    )
    price = await asyncio.to_thread(provider.price, request.model, used)
    return used.model_copy(update={"price": price})


async def taken(provider: Provider, request: Request) -> Usage:
    """What a request may have taken that came to nothing: nobody told, and it may be paid for."""
    used = Usage(input=expected(request), estimated=True)
    return used.model_copy(update={"price": await asyncio.to_thread(provider.price, request.model, used)})


def expected(request: Request) -> int:
    """Tokens that a request is expected to have, by our own count."""
    tools = orjson.dumps([(tool.name, tool.description, dict(tool.parameters)) for tool in request.tools])
    return (_size(request.instructions) + len(tools) + sum(map(_message, request.messages))) // PER_TOKEN


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
