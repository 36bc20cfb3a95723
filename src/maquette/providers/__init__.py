"""Ways to reach models; one file a provider. `wires` holds what those of one kind share."""

from __future__ import annotations

import importlib


def preload() -> None:
    """Import what the first request would wait for (about a second); for a background thread."""
    for wire in ("chat", "responses", "messages"):
        importlib.import_module(f"maquette.providers.wires.{wire}")
