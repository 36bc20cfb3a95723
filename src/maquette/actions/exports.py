"""All that happened, to be taken elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from maquette.actions import threads
from maquette.actions.home import Home
from maquette.domain.events import Entry

_PAGE = 500


async def lines(home: Home, thread: str | None = None) -> AsyncGenerator[bytes]:
    """Each entry a line of JSON, in order, up to the last there is now; a page of them at a time in memory.

    Refused: `unknown-thread`.
    """
    until = await asyncio.to_thread(home.store.log.cursor)
    of = (await threads.find(home, thread)).id if thread else None

    async def page(after: int) -> list[Entry]:
        if of is not None:
            return await threads.page(home, of, after=after, limit=_PAGE)
        return await asyncio.to_thread(home.store.log.read_all, after, _PAGE)

    async def written() -> AsyncGenerator[bytes]:
        after = 0
        while after < until and (entries := await page(after)):
            after = entries[-1].cursor
            yield b"".join(entry.model_dump_json().encode() + b"\n" for entry in entries if entry.cursor <= until)

    return written()
