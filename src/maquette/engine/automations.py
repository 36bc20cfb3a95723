"""Runs of automations are begun, told of and put away as the log says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from maquette.domain import gardening
from maquette.domain.automations import Receipt, Result
from maquette.domain.events import (
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
from maquette.engine.looking import Looking
from maquette.store import Conflict, Store
from maquette.store.automations import report
from maquette.store.projections import automations

log = logging.getLogger(__name__)


class Runs(Looking):
    TELLING = (RunBegan, TurnFinished)

    def __init__(self, store: Store, wake: Callable[[str], None]) -> None:
        super().__init__(store.log)
        self._store, self._wake = store, wake

    async def see_to_all(self) -> None:
        for run, state in await self._store.query(automations.open_runs):
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
            self.look_later()

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
        wasn't proved, or that was broken off and is tried once more.
        """
        ended = await asyncio.to_thread(report, self._store.log, run)
        unproved = run.slot.startswith(gardening.SLOT) and (
            ended.result in (Result.UNMET, Result.UNCHECKED)
            or (ended.result is Result.FAILED and not gardening.is_again(run.slot))
        )
        if (unproved or ended.result is Result.NOTHING) and await self._store.query(automations.is_alone, run):
            await self._store.log.append(ended.thread, ThreadSet(archived=True))
        await self._store.log.append(run.automation, ended)
