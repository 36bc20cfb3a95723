"""Runs of automations are begun, told of and put away as the log says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from maquette.domain import gardening
from maquette.domain.automations import Receipt, Result
from maquette.domain.errors import Unavailable
from maquette.domain.events import (
    Entry,
    Event,
    MessageSent,
    RunBegan,
    TermsGiven,
    ThreadSet,
    TurnFinished,
    TurnQueued,
)
from maquette.domain.ids import new_id
from maquette.domain.labels import Integrity, Label
from maquette.store import Conflict, Store
from maquette.store.automations import report
from maquette.store.projections import automations

TELLING = (RunBegan, TurnFinished)
"""After which there may be something to do."""
AGAIN = 1.0
"""Seconds until the next look, when one broke."""

log = logging.getLogger(__name__)


class Runs:
    """Looks at the log whenever it has grown by what matters. Who else looks at the same log does no harm."""

    def __init__(self, store: Store, wake: Callable[[str], None]) -> None:
        self._store, self._wake = store, wake
        self._looking: asyncio.Task[None] | None = None
        self._again = False
        self._open = True

    def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._store.log.listen(self._heard)
        self.look()

    def look(self) -> None:
        """Do all that is to be done by now."""
        self._again = True
        if self._open and (self._looking is None or self._looking.done()):
            self._looking = self._loop.create_task(self._look())

    async def close(self) -> None:
        self._open = False
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def _heard(self, entries: list[Entry]) -> None:
        """In the log's own thread."""
        if any(isinstance(entry.event, TELLING) for entry in entries):
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self.look)

    async def _look(self) -> None:
        while self._again and self._open:
            self._again = False
            try:
                runs = await self._store.query(automations.open_runs)
            except Unavailable as error:  # no server, say
                log.warning("runs could not be looked for: %s", error)
                self._loop.call_later(AGAIN, self.look)
                return
            for run, state in runs:
                await self._see_to(run, state)

    async def _see_to(self, run: Receipt, state: str | None) -> None:
        """What is wrong with one keeps no other from its end."""
        try:
            if state is None:
                await self._begin(run)
            elif state == "finished":
                await self._end(run)
        except Conflict:  # another worker did it
            pass
        except Exception:
            log.exception("the run of %s could not be seen to", run.thread)
            self._loop.call_later(AGAIN, self.look)

    async def _begin(self, run: Receipt) -> None:
        began = await self._store.query(automations.began, run)
        terms = TermsGiven(turn=began.turn, terms=began.terms)
        said = [MessageSent(id=new_id("msg"), turn=began.turn, text=began.text)]
        if began.brought:
            said.append(
                MessageSent(
                    label=Label(integrity=Integrity.EXTERNAL, origin=f"trigger:{began.slot}"),
                    id=new_id("msg"),
                    turn=began.turn,
                    text=began.brought,
                )
            )
        first: list[Event] = [began.started] if began.started else []
        expected = 0 if began.started else None
        queued = TurnQueued(turn=began.turn, run=new_id("run"))
        await self._store.log.append(began.thread, *first, terms, *said, queued, expected=expected)
        self._wake(began.thread)

    async def _end(self, run: Receipt) -> None:
        """One that had nothing to tell puts itself away, where it has a thread of its own; so does an idea that
        wasn't proved.
        """
        ended = await asyncio.to_thread(report, self._store.log, run)
        unproved = run.slot.startswith(gardening.SLOT) and ended.result in (Result.UNMET, Result.UNCHECKED)
        if (unproved or ended.result is Result.NOTHING) and await self._store.query(automations.is_alone, run):
            await self._store.log.append(ended.thread, ThreadSet(archived=True))
        await self._store.log.append(run.automation, ended)
