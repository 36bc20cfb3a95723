"""Ways to reach models; one file a provider. `wires` holds what those of one kind share."""

from __future__ import annotations

import importlib


def preload() -> None:
    """Import what the first request would wait for (a second and more); for a background thread."""
    for name in ("openai_chat", "openai_responses", "anthropic"):
        importlib.import_module(f"maquette.providers.{name}").PROVIDER.preload()
