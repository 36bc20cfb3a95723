"""Models: which there are, what a name means, and whether one answers."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Literal, cast

import anyio

from maquette.actions.home import Home
from maquette.domain.errors import Refused, Unavailable
from maquette.domain.messages import FromPerson
from maquette.kinds.providers import Answered, Request

PATIENCE = 30.0
"""Seconds for a model that is tried."""
ASKED = "Answer with the one word: here."

Came = Literal["works", "not-connected", "key-refused", "no-such-model", "unreachable", "refused"]
_CAME: dict[str, Came] = {
    "bad-key": "key-refused",
    "unknown-model": "no-such-model",
    "bad-address": "unreachable",
}
"""By the code of what was refused."""


@dataclass(frozen=True)
class Wire:
    """One way to reach models, and whether it could be used now."""

    wire: str
    ready: bool
    detail: str
    is_rules: bool
    silent: str
    """Since when it doesn't answer, and when it is tried again; "" while it does, as far as is known."""


@dataclass(frozen=True)
class Tried:
    """What came of asking a model something short; `said` is a sentence for a person."""

    model: str
    came: Came
    said: str


async def preload(home: Home) -> None:
    """Load what the first request to the default model would wait for a second for."""
    provider = home.providers.get(home.settings.model.partition(":")[0])
    preload = getattr(provider, "preload", None)
    if provider is not None and provider.connected().ready and preload is not None:
        await asyncio.to_thread(preload)


def listed(home: Home) -> list[Wire]:
    """Each wire there is."""
    found = ((provider.wire, provider.connected()) for provider in home.providers.values())
    return [Wire(wire, state.ready, state.detail, state.is_rules, state.silent) for wire, state in found]


def resolve(home: Home, name: str | None) -> str:
    """The full name of a model, `wire:name`; without one, the default of the settings. Refused: `unknown-model`,
    `no-key`.
    """
    full = _full(home, name)
    state = home.providers[full.partition(":")[0]].connected()
    if not state.ready:
        raise Refused(state.detail, code="no-key")
    return full


def _full(home: Home, name: str | None) -> str:
    full = name or home.settings.model
    wire, _, model = full.partition(":")
    if wire not in home.providers or not model:
        wires = ", ".join(f"{wire}:…" for wire in sorted(home.providers))
        raise Refused(f"No model is called {full!r}. Name one as {wires}; see `maquette models`.", code="unknown-model")
    return full


async def try_out(home: Home, name: str | None) -> Tried:
    """Asks the model's server one short thing, now, and says what came of it. What it costs is counted nowhere.

    Refused: `unknown-model` where the name is none at all.
    """
    full = _full(home, name)
    wire, _, model = full.partition(":")
    provider = home.providers[wire]
    state = provider.connected()
    if state.is_rules:
        return Tried(full, "works", f"{state.detail} Nobody was asked.")
    if not state.ready:
        return Tried(full, "not-connected", state.detail)
    conversation = provider.open(model)
    try:
        with anyio.fail_after(PATIENCE):
            asked = Request(model, "", [FromPerson(text=ASKED)], ())
            async with aclosing(cast("Any", conversation.stream(asked))) as deltas:
                async for delta in deltas:
                    if isinstance(delta, Answered):
                        return Tried(full, "works", f"It works: {delta.model or model} answered ({state.detail}).")
        return Tried(full, "refused", "It answered nothing.")
    except Refused as refused:
        return Tried(full, _CAME.get(refused.code, "refused"), str(refused))
    except (Unavailable, TimeoutError) as error:
        why = f"{full} did not answer within {PATIENCE:.0f} seconds." if isinstance(error, TimeoutError) else str(error)
        return Tried(full, "unreachable", why)
    finally:
        with anyio.CancelScope(shield=True), suppress(Refused, Unavailable):
            await conversation.close()
