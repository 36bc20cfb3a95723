"""Reading that blocks, done in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress

from maquette.kinds.connectors import Batch


async def aside(batches: Generator[Batch]) -> AsyncGenerator[Batch]:
    """What `batches` yields, each step in a thread, so that the base goes on meanwhile."""
    try:
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            yield batch
    finally:
        with suppress(ValueError):  # cancelled while a step runs: it ends with that step
            batches.close()
