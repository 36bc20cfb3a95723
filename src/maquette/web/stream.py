"""The feed as server-sent events. An entry's event id is its cursor, so that `Last-Event-ID` resumes there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from dataclasses import asdict

import anyio
import orjson

from maquette.domain.events import Entry
from maquette.store import Passing

ALIVE = 15.0
"""Seconds of silence before a comment says that the line still stands."""
SILENCE = b": alive\n\n"


def frame(item: Entry | Passing) -> bytes:
    """One event. What passes by has no id: it isn't in the log, and nobody can resume at it."""
    if isinstance(item, Entry):
        return b"event: entry\nid: %d\ndata: %b\n\n" % (item.cursor, item.model_dump_json().encode())
    return b"event: passing\ndata: %b\n\n" % orjson.dumps(asdict(item))


async def frames(items: AsyncGenerator[Entry | Passing]) -> AsyncIterator[bytes]:
    """`items` as events, with a comment at once, and whenever nothing else was said for `ALIVE` seconds."""
    pending: asyncio.Future[Entry | Passing | None] | None = None
    yield b": here\n\n"
    try:
        while True:
            pending = pending or asyncio.ensure_future(upcoming(items))
            done, _ = await asyncio.wait({pending}, timeout=ALIVE)
            if not done:
                yield SILENCE
                continue
            item, pending = pending.result(), None
            if item is None:
                return
            yield frame(item)
    finally:
        with anyio.CancelScope(shield=True):
            if pending is not None:
                pending.cancel()
                with suppress(asyncio.CancelledError):
                    await pending
            await items.aclose()


async def upcoming(items: AsyncGenerator[Entry | Passing]) -> Entry | Passing | None:
    """None at the end."""
    return await anext(items, None)
