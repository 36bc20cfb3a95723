"""What changes on a page while it is open: blocks, text as it is said, the head, the rail. As server-sent events.

`draw`: blocks to put in their places. `say`: text or output that adds to what was said (`whole`: in its place).
`stand`: how the store stands. The id is the log's cursor, so a page whose connection broke resumes without a gap.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import asdict

import anyio
import orjson

from maquette.actions import threads
from maquette.actions.home import Home
from maquette.domain import events as e
from maquette.domain.events import Entry
from maquette.store import Passing
from maquette.web.stream import ALIVE
from maquette.web.views.sheet import WINDOW, Drawn, Sheet

MEDIA = "text/event-stream"
GATHERS = 0.2
"""Seconds in which changes of the rail are gathered, so that it is drawn once for all of them."""
TURNS = (
    e.TurnQueued,
    e.TurnStarted,
    e.TurnWaiting,
    e.TurnResumed,
    e.TurnFinished,
    e.ThreadStarted,
    e.ThreadSet,
    e.Merged,
    e.QuestionAsked,
    e.QuestionAnswered,
    e.ApprovalAsked,
    e.ApprovalGiven,
    e.ApprovalDeclined,
    e.ProjectAdded,
    e.ProjectSet,
)
"""What changes the rail, and its thread's head."""


class Pulse:
    """Tells every open page that the rail is another; one for a base."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._beat = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None

    async def next(self) -> None:
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._watching())
        await self._beat.wait()

    async def _watching(self) -> None:
        async for item in self._home.store.feed.follow(after=self._home.store.log.cursor()):
            if isinstance(item, Entry) and isinstance(item.event, TURNS):
                await asyncio.sleep(GATHERS)
                beat, self._beat = self._beat, asyncio.Event()
                beat.set()


Redraw = Callable[[], Awaitable[Iterable[Drawn]]]


async def stream(
    home: Home, pulse: Pulse, thread: str | None, after: int | None, rail: Redraw, head: Redraw | None = None
) -> AsyncIterator[bytes]:
    """Of a thread's page, or of one that shows no thread; `after`: the cursor up to which the page was drawn."""
    yield b": here\n\n"
    sheet = Sheet(thread or "")
    if thread is not None and after is not None:
        sheet.put(await threads.tail(home, thread, WINDOW, before=after + 1))
    # Of a page without a thread, only how the store stands is heard.
    items = home.store.feed.follow(after=home.store.log.cursor() if after is None else after, stream=thread or "none")
    item: asyncio.Task[Entry | Passing | None] | None = None
    beat: asyncio.Task[None] | None = None
    try:
        while True:
            item = item or asyncio.create_task(_next(items))
            beat = beat or asyncio.create_task(pulse.next())
            done, _ = await asyncio.wait({item, beat}, timeout=ALIVE, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                yield b": alive\n\n"
            if beat in done:
                beat = None
                yield _draw(await rail())
            if item in done:
                came, item = item.result(), None
                if came is None:
                    return
                if isinstance(came, Passing):
                    yield _say(came)
                    continue
                drawn = sheet.put([came])
                if head is not None and isinstance(came.event, TURNS):
                    drawn += await head()
                yield _draw(drawn, came.cursor)
    finally:
        with anyio.CancelScope(shield=True):
            for task in (item, beat):
                if task is not None:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
            await items.aclose()


async def _next(items: AsyncGenerator[Entry | Passing]) -> Entry | Passing | None:
    return await anext(items, None)


def _draw(blocks: Iterable[Drawn], cursor: int | None = None) -> bytes:
    place = b"" if cursor is None else b"id: %d\n" % cursor
    return b"event: draw\n%bdata: %b\n\n" % (place, orjson.dumps([asdict(block) for block in blocks]))


def _say(passing: Passing) -> bytes:
    return b"event: say\ndata: %b\n\n" % orjson.dumps(asdict(passing))
