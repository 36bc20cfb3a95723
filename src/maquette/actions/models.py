"""Models: which there are, and what a name means."""

from __future__ import annotations

from dataclasses import dataclass

from maquette.actions.home import Home
from maquette.domain.errors import Refused


@dataclass(frozen=True)
class Wire:
    """One way to reach models, and whether it could be used now."""

    wire: str
    ready: bool
    detail: str
    is_rules: bool
    silent: str
    """Since when it doesn't answer, and when it is tried again; "" while it does, as far as is known."""


def listed(home: Home) -> list[Wire]:
    """Each wire there is."""
    found = ((provider.wire, provider.connected()) for provider in home.providers.values())
    return [Wire(wire, state.ready, state.detail, state.is_rules, state.silent) for wire, state in found]


def resolve(home: Home, name: str | None) -> str:
    """The full name of a model, `wire:name`; without one, the default of the settings. Refused: `unknown-model`."""
    full = name or home.settings.model
    wire, _, model = full.partition(":")
    if wire not in home.providers or not model:
        wires = ", ".join(f"{wire}:…" for wire in sorted(home.providers))
        raise Refused(f"No model is called {full!r}. Name one as {wires}; see `maquette models`.", code="unknown-model")
    state = home.providers[wire].connected()
    if not state.ready:
        raise Refused(state.detail, code="no-key")
    return full
