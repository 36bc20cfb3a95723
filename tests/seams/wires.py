"""The three wires, and a thread talked over one of them with the scripted model server."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from maquette.domain.messages import FromModel, FromPerson, FromTool, Image, Message
from maquette.kinds.providers import Answered, Conversation, Delta, Provider, Request, ToolSpec
from maquette.providers import anthropic, openai_chat, openai_responses
from maquette.testing.models import ScriptedModels, Scripts


@dataclass(frozen=True)
class Wire:
    provider: Provider
    model: str
    grows: str
    """The field of a request that holds the history."""

    def __str__(self) -> str:
        return self.provider.wire


CHAT = Wire(openai_chat.PROVIDER, "gpt-5-mini", "messages")
RESPONSES = Wire(openai_responses.PROVIDER, "gpt-5-mini", "input")
MESSAGES = Wire(anthropic.PROVIDER, "claude-sonnet-5", "messages")
each_wire = pytest.mark.parametrize("wire", [CHAT, RESPONSES, MESSAGES], ids=str)

READ = ToolSpec(
    "read",
    "Reads a file.",
    {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
)
PNG = Image(
    media_type="image/png",
    data=base64.b64encode(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
            "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
        )
    ),
)


@dataclass
class Talk:
    """A thread, told step by step."""

    wire: Wire
    server: ScriptedModels
    conversation: Conversation
    messages: list[Message] = field(default_factory=list[Message])
    deltas: list[Delta] = field(default_factory=list[Delta])
    """Of the last answer."""
    tools: Sequence[ToolSpec] = (READ,)

    async def ask(self, *new: Message | str, **request: Any) -> Answered:
        """Adds what is new, and then the answer to it."""
        self.messages += [FromPerson(text=m) if isinstance(m, str) else m for m in new]
        asked = replace(Request(self.wire.model, "Be brief.", self.messages, self.tools), **request)
        self.deltas = [delta async for delta in self.conversation.stream(asked)]
        *parts, answered = self.deltas
        assert isinstance(answered, Answered)
        assert not any(isinstance(part, Answered) for part in parts)
        self.messages.append(answered.answer)
        return answered

    def results(self, **more: Any) -> list[FromTool]:
        """One for each call of the last answer."""
        answer = self.messages[-1]
        assert isinstance(answer, FromModel)
        return [FromTool(call=c.id, name=c.name, text=f"what {c.arguments} gives", **more) for c in answer.calls]

    @property
    def sent(self) -> Mapping[str, Any]:
        """The last request."""
        return self.server.requests[-1].body


@asynccontextmanager
async def talking(
    wire: Wire, scripts: Scripts, monkeypatch: pytest.MonkeyPatch, **options: Any
) -> AsyncGenerator[Talk]:
    async with ScriptedModels(scripts, **options) as server:
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value)
        talk = Talk(wire, server, wire.provider.open(wire.model))
        try:
            yield talk
        finally:
            await talk.conversation.close()
