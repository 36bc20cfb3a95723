"""Chat Completions: OpenAI's older wire, and what most other servers speak."""

from __future__ import annotations

from maquette.providers.wires.endpoint import OPENAI, WireProvider

PROVIDER = WireProvider(wire="openai-chat", vendor=OPENAI, module="maquette.providers.wires.chat")
