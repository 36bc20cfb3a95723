"""OpenAI's Responses."""

from __future__ import annotations

from maquette.providers.wires.endpoint import OPENAI, WireProvider

PROVIDER = WireProvider(wire="openai", vendor=OPENAI, module="maquette.providers.wires.responses")
