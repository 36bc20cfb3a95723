"""The body of an answer as it comes: it must keep coming, and come to an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx2

from maquette.domain.errors import Refused
from maquette.providers.wires.endpoint import Patience

LONGEST = 64 << 20
"""Bytes of one answer as it comes: several times what the longest answers take."""
AHEAD = 1 << 20
"""Bytes read before somebody takes them."""


class Watched(httpx2.AsyncByteStream):
    """What came together is given together: a burst of small pieces costs whoever reads them little more than one.

    A server's pings count as more of the body.
    """

    def __init__(self, body: httpx2.AsyncByteStream, patience: Patience) -> None:
        self._body = body
        self._patience = patience
        self._pieces: list[bytes] = []
        self._size = 0
        self._came, self._taken = asyncio.Event(), asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        reading = self._reading = asyncio.create_task(self._read())
        reading.add_done_callback(lambda _: self._came.set())
        while True:
            await self._came.wait()
            self._came.clear()
            if self._pieces:
                pieces, self._pieces, self._size = self._pieces, [], 0
                self._taken.set()
                yield pieces[0] if len(pieces) == 1 else b"".join(pieces)
            if reading.done() and not self._pieces:
                reading.result()
                return

    async def _read(self) -> None:
        now = asyncio.get_running_loop().time
        chunks = aiter(self._body)
        wait, left = self._patience.first_byte, LONGEST
        end = now() + self._patience.whole
        async with asyncio.timeout_at(min(now() + wait, end)) as until:
            async for chunk in chunks:
                left -= len(chunk)
                if left < 0:
                    raise Refused("The model's answer had no end, so it was broken off.", code="endless-answer")
                self._pieces.append(chunk)
                self._size += len(chunk)
                self._came.set()
                while self._size > AHEAD:
                    until.reschedule(end)
                    self._taken.clear()
                    await self._taken.wait()
                wait = self._patience.between_chunks
                if not 0.9 * wait < (until.when() or end) - now() <= wait:  # to set a timer takes longer than to look
                    until.reschedule(min(now() + wait, end))

    async def aclose(self) -> None:
        if self._reading is not None:
            if not self._reading.done():
                self._reading.cancel()
                await asyncio.wait([self._reading])
            with suppress(asyncio.CancelledError):
                self._reading.exception()
        await self._body.aclose()
