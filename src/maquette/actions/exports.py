"""All that happened, to be taken elsewhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Literal

from maquette.actions import threads
from maquette.actions.home import Home
from maquette.actions.spans import spans
from maquette.actions.trajectories import trajectory
from maquette.domain.errors import Refused
from maquette.domain.events import Entry

_PAGE = 500

Form = Literal["log", "atif", "otel"]
"""The log's own entries; a trajectory in ATIF; spans in OpenTelemetry's JSON."""


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


async def document(home: Home, thread: str | None, form: Literal["atif", "otel"], *, content: bool) -> bytes:
    """One thread in a format of others, as JSON; `content`: spans say what was said, too (a trajectory always does).

    Refused: `unknown-thread`, `thread-needed`, `nothing-said`.
    """
    if thread is None:
        raise Refused("This format holds one thread: name it, as in `maquette export latest`.", code="thread-needed")
    at = await threads.find(home, thread)
    entries = await threads.history(home, at.id)

    def made() -> bytes:
        told = trajectory(at.id, entries) if form == "atif" else spans(at.id, entries, content=content)
        return f"{json.dumps(told, ensure_ascii=False, indent=1)}\n".encode()

    return await asyncio.to_thread(made)
