"""One request to a model outside of a thread's conversation: asked once, answered or not."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

import anyio

from maquette.domain.errors import Unavailable
from maquette.kinds.providers import Answered, Provider, Request
from maquette.turn.counting import counted

PATIENCE = 120.0
"""Seconds that it may take."""


async def answered_by(provider: Provider, request: Request) -> Answered:
    """Raises `Refused` and `Unavailable`, also when it takes too long."""
    conversation = provider.open(request.model)
    try:
        with anyio.fail_after(PATIENCE):
            async with aclosing(cast("Any", conversation.stream(request))) as deltas:
                async for delta in deltas:
                    if isinstance(delta, Answered):
                        return replace(delta, usage=await counted(provider, request, delta))
        raise Unavailable("It answered nothing.")
    except TimeoutError:
        raise Unavailable(f"It didn't answer within {PATIENCE:.0f} seconds.") from None
    finally:
        with anyio.CancelScope(shield=True):
            await conversation.close()
