"""One request to a model outside of a thread's conversation: asked once, answered or not."""

from __future__ import annotations

from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any, cast

import anyio

from maquette.domain.errors import Refused, Unavailable
from maquette.kinds.providers import Answered, Provider, Request
from maquette.turn.counting import counted

PATIENCE = 120.0
"""Seconds that it may take, if nobody says otherwise."""


async def answered_by(provider: Provider, request: Request, patience: float = PATIENCE) -> Answered:
    """Raises `Refused` and `Unavailable`, also when it takes longer than `patience`."""
    conversation = provider.open(request.model)
    try:
        with anyio.fail_after(patience):
            async with aclosing(cast("Any", conversation.stream(request))) as deltas:
                async for delta in deltas:
                    if isinstance(delta, Answered):
                        return replace(delta, usage=await counted(provider, request, delta))
        raise Unavailable("It answered nothing.")
    except TimeoutError:
        late = f"{provider.wire}:{request.model} did not answer within {patience:.0f} seconds."
        raise Unavailable(late) from None
    finally:
        with anyio.CancelScope(shield=True), suppress(Refused, Unavailable):
            await conversation.close()
