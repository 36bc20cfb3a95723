"""Models: which ways there are to reach them, and what a name means."""

from __future__ import annotations

from dataclasses import dataclass

from maquette.actions.home import Home
from maquette.domain.errors import Refused


@dataclass(frozen=True)
class Way:
    """One way to reach models, and whether it could be used now. `wire` is the word before the colon in their names."""

    wire: str
    ready: bool
    detail: str
    is_rules: bool
    silent: str
    """Since when it doesn't answer, and when it is tried again; "" while it does, as far as is known."""
    kept: bool
    """A person connected it here, and can have it forgotten."""
    unused: bool
    """It is kept, but the environment leads elsewhere, and goes before it."""


def listed(home: Home) -> list[Way]:
    """Each way there is."""
    kept, reached = home.providers.connections.all(), home.providers
    states = ((name, provider.connected()) for name, provider in reached.items())
    return [
        Way(
            wire=name,
            ready=state.ready,
            detail=state.detail,
            is_rules=state.is_rules,
            silent=state.silent,
            kept=name in kept,
            unused=name in kept and reached.shadowed(name),
        )
        for name, state in states
    ]


def resolve(home: Home, name: str) -> str:
    """The name, of a model that could be used now. Refused: `unknown-model`, `no-key`."""
    state = home.providers[full(home, name).partition(":")[0]].connected()
    if not state.ready:
        raise Refused(state.detail, code="no-key")
    return name


def full(home: Home, name: str) -> str:
    """The same, connected or not. Refused: `unknown-model`."""
    way, _, model = name.partition(":")
    if way not in home.providers or not model:
        ways = ", ".join(f"{way}:…" for way in sorted(home.providers))
        raise Refused(f"No model is called {name!r}. Name one as {ways}; see `maquette models`.", code="unknown-model")
    return name
