"""Children are begun, heard and stopped as the log says. A parent that waits for them is no task of anybody's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from maquette.domain.events import (
    ChildAsked,
    Event,
    MessageSent,
    StopAsked,
    TermsGiven,
    TurnFinished,
    TurnParked,
    TurnQueued,
    TurnResumed,
    TurnWaiting,
)
from maquette.domain.ids import new_id
from maquette.engine.looking import Looking
from maquette.store import Store, children
from maquette.store.children import Child, Family


class Children(Looking):
    TELLING = (ChildAsked, StopAsked, TurnFinished, TurnParked, TurnWaiting)

    def __init__(self, store: Store, wake: Callable[[str], None], stop: Callable[[str, str], Awaitable[bool]]) -> None:
        super().__init__(store.log)
        self._store, self._wake, self._stop = store, wake, stop

    async def see_to_all(self) -> None:
        for family in await self._store.query(children.open_families):
            await self._see_to(family)

    async def _see_to(self, family: Family) -> None:
        if not family.over:
            for child in family.children:
                if child.state is None:
                    await self._begin(child.asked)
            if family.waits:
                await self._tell(family)
            return
        for child in family.children:
            await self._end(child)

    async def _begin(self, asked: ChildAsked) -> None:
        task = MessageSent(id=new_id("msg"), turn=asked.begins, text=asked.task, label=asked.label)
        queued = TurnQueued(turn=asked.begins, run=new_id("run"))
        terms = [TermsGiven(turn=asked.begins, terms=asked.terms)] if asked.terms else []
        await self._append(asked.child, [asked.thread, *terms, task, queued], expected=0)

    async def _tell(self, family: Family) -> None:
        """The parent goes on once all have reported."""
        ended = [child.asked for child in family.children if child.state == "finished"]
        if ended:
            reports: list[Event] = [await asyncio.to_thread(children.report, self._store.log, asked) for asked in ended]
            if len(ended) == len(family.children):
                reports.append(TurnResumed(turn=family.turn, run=new_id("run")))
            await self._append(family.parent, reports, expected=family.position)

    async def _end(self, child: Child) -> None:
        """One that waits has nobody who could hear of it: it is made due, and so it ends."""
        turn = child.asked.begins
        events: list[Event] = [] if child.stopping else [StopAsked(turn=turn)]
        if child.state == "waiting":
            events.append(TurnResumed(turn=turn, run=new_id("run")))
        if child.state not in (None, "finished") and events:
            await self._append(child.asked.child, events)
            await self._stop(child.asked.child, turn)

    async def _append(self, thread: str, events: Sequence[Event], expected: int | None = None) -> None:
        await self._store.log.append(thread, *events, expected=expected)
        self._wake(thread)
