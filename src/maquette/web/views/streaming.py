"""What changes on a page while it is open: blocks, text as it is said, the head, the rail. As server-sent events.

`draw`: blocks to put in their places. `say`: text or output that adds to what was said (`whole`: in its place).
`stand`: how the store stands. The id is the log's cursor, so a page whose connection broke resumes without a gap.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing, suppress
from dataclasses import asdict
from datetime import UTC, datetime

import anyio
import htpy as h
import orjson
from markupsafe import Markup
from starlette.responses import StreamingResponse

from maquette.actions import inbox, line, threads
from maquette.actions.home import Home
from maquette.domain import events as e
from maquette.domain.errors import Unavailable
from maquette.domain.events import Entry
from maquette.store import Passing
from maquette.web.stream import ALIVE, SILENCE, upcoming
from maquette.web.views.rail import rail
from maquette.web.views.sheet import WINDOW, Drawn, Sheet

MEDIA = "text/event-stream"
NOWHERE = "none"
"""No stream of the log: who follows it hears only how the store stands."""
GATHERS = 0.2
"""Seconds in which changes of the rail are gathered, so that it is drawn once for all of them."""
LONGEST = 600.0
"""Seconds between looks at the clock, which may be set."""
TURNS = (
    e.TurnQueued,
    e.TurnStarted,
    e.TurnWaiting,
    e.TurnParked,
    e.ChildAsked,
    e.ChildReported,
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
    e.AutomationSet,
    e.AutomationSwitched,
    e.RunBegan,
    e.RunEnded,
    e.SlotSkipped,
    e.ReportGiven,
    e.ReplyGiven,
    e.ReplyLeft,
    e.PlanAmended,
    e.InterestChanged,
    e.ChangeOffered,
    e.QuestionsPut,
    e.ItemRead,
    e.ItemDone,
    e.ItemPutOff,
    e.ItemPutBack,
    e.AttemptAdded,
    e.AttemptStopped,
    e.AttemptShelved,
    e.EvidenceGathered,
    e.StageMoved,
    e.VoteCast,
    e.DefinitionWritten,
    e.SourceAdded,
    e.SourceRead,
    e.SourceRemoved,
    e.DeliveryCame,
)
"""What changes the rail, its thread's head, and the rooms beside them."""


class Pulse:
    """Tells every open page that the rail is another, drawn once for all of them; one for a base."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._changed = asyncio.Event()
        self._beat = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None
        self._drawn = b""
        self.count = 0
        """How often it has changed."""

    async def after(self, count: int) -> bytes:
        """The rail, as an event, once it has changed more often than `count`."""
        while self.count <= count:
            await self._beat.wait()
        return self._drawn

    async def begin(self) -> None:
        """From now on nothing that changes it is missed."""
        cursor = await asyncio.to_thread(self._home.store.log.cursor)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._watching(cursor))

    async def _watching(self, cursor: int) -> None:
        async with asyncio.TaskGroup() as tasks:
            drawing = tasks.create_task(self._drawing())
            async for item in self._home.store.feed.follow(after=cursor):
                if isinstance(item, Entry) and isinstance(item.event, TURNS):
                    self._changed.set()
            drawing.cancel()

    async def _drawing(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(await self._ahead()):
                    await self._changed.wait()
            await asyncio.sleep(GATHERS)
            self._changed.clear()
            with suppress(Unavailable):  # then it is drawn after what comes next
                self._drawn = await side(self._home)
                self.count += 1
                beat, self._beat = self._beat, asyncio.Event()
                beat.set()

    async def _ahead(self) -> float | None:
        """Seconds until something comes into the inbox by time alone."""
        with suppress(Unavailable):
            if back := await inbox.next_back(self._home):
                return min((back - datetime.now(UTC)).total_seconds(), LONGEST)
        return None


async def side(home: Home) -> bytes:
    """The rail as an event."""
    return _draw([Drawn("rail", Markup(await rail(home)))])


async def of_thread(
    home: Home,
    pulse: Pulse,
    sheet: Sheet,
    after: int,
    head: Callable[[], Awaitable[Drawn]],
    also: Callable[[], Awaitable[Drawn]],
) -> AsyncGenerator[bytes]:
    """Of a thread's page, drawn up to cursor `after` by its `sheet`; `head` draws its head, `also` what changes with
    other threads.
    """
    thread, drawn = sheet.thread, Drawn("", Markup())
    sheet.put(await threads.tail(home, thread, WINDOW, before=after + 1))
    sheet.expect(await line.unbegun(home, thread))
    async with aclosing(_heard(home, pulse, home.store.feed.follow(after=after, stream=thread))) as heard:
        async for came in heard:
            if isinstance(came, Entry):
                blocks = sheet.put([came])
                heads = [await head()] if isinstance(came.event, (*TURNS, e.AnswerGiven)) else []
                yield _draw([*blocks, *heads], came.cursor)
            else:
                yield _say(came) if isinstance(came, Passing) else came
                if isinstance(came, bytes) and came is not SILENCE and (now := await also()) != drawn:
                    drawn = now
                    yield _draw([now])


Draw = Callable[[], Awaitable[h.Element | Markup]]


def of_room(home: Home, pulse: Pulse, id: str = "", draw: Draw | None = None) -> StreamingResponse:
    """Of a page that shows no thread: the rail, the block `id` as it is drawn by then, and how the store stands."""
    return StreamingResponse(_rooms(home, pulse, id, draw), media_type=MEDIA)


async def _rooms(home: Home, pulse: Pulse, id: str, draw: Draw | None) -> AsyncIterator[bytes]:
    cursor = await asyncio.to_thread(home.store.log.cursor)
    drawn: Drawn | None = None
    async with aclosing(_heard(home, pulse, home.store.feed.follow(after=cursor, stream=NOWHERE))) as heard:
        async for came in heard:
            if isinstance(came, Passing):
                yield _say(came)
            elif isinstance(came, bytes):
                yield came
                if draw is not None and came is not SILENCE and (now := Drawn(id, Markup(await draw()))) != drawn:
                    drawn = now
                    yield _draw([now])


async def _heard(
    home: Home, pulse: Pulse, items: AsyncGenerator[Entry | Passing]
) -> AsyncGenerator[Entry | Passing | bytes]:
    """`items`, and between them the rail: as it is now, then whenever it has changed; SILENCE when nothing has."""
    item: asyncio.Task[Entry | Passing | None] | None = None
    beat: asyncio.Task[bytes] | None = None
    await pulse.begin()
    count = pulse.count
    try:
        yield await side(home)
        while True:
            item = item or asyncio.create_task(upcoming(items))
            beat = beat or asyncio.create_task(pulse.after(count))
            done, _ = await asyncio.wait({item, beat}, timeout=ALIVE, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                yield SILENCE
            if beat in done:
                count, drawn, beat = pulse.count, beat.result(), None
                yield drawn
            if item in done:
                came, item = item.result(), None
                if came is None:
                    return
                yield came
    finally:
        with anyio.CancelScope(shield=True):
            for task in (item, beat):
                if task is not None:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
            await items.aclose()


def _draw(blocks: Iterable[Drawn], cursor: int | None = None) -> bytes:
    place = b"" if cursor is None else b"id: %d\n" % cursor
    return b"event: draw\n%bdata: %b\n\n" % (place, orjson.dumps([asdict(block) for block in blocks]))


def _say(passing: Passing) -> bytes:
    return b"event: say\ndata: %b\n\n" % orjson.dumps(asdict(passing))
