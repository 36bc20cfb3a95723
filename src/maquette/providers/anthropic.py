"""Anthropic's Messages."""

from __future__ import annotations

from maquette.providers.wires.endpoint import ANTHROPIC, WireProvider

PROVIDER = WireProvider(wire="anthropic", vendor=ANTHROPIC, module="maquette.providers.wires.messages")
