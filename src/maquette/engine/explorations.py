"""Attempts are begun, and looked at when they are done, as the log says: so many at a time, within their budget.

All it does is found out from the log anew each time, so a base that was killed goes on where it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from maquette.curation import briefs
from maquette.domain.events import (
    AttemptAdded,
    AttemptStopped,
    EvidenceGathered,
    ExplorationSet,
    ExplorationShelved,
    MessageSent,
    ModelOffered,
    ResultKept,
    ThreadStarted,
    TurnFinished,
    TurnQueued,
)
from maquette.domain.explorations import Attempt, Exploration, used_up
from maquette.domain.ids import new_id
from maquette.domain.threads import Mode, ThreadState, title_of
from maquette.engine import shelves
from maquette.engine.looking import Looking
from maquette.store import Conflict, Store, explorations
from maquette.store.projections import decisions

TWINS = 2
"""Attempts of one approach by one model that came to the same bytes, after which no more of these are begun."""
LOOKS = 1
"""At how many results we look at a time: a browser and the checks take what they can get."""
LONGEST = 600.0
"""Seconds until a result is looked at again, when that broke: doubled each time, and at most so many."""
BUSY = (ThreadState.QUEUED, ThreadState.RUNNING, ThreadState.WAITING)

log = logging.getLogger(__name__)


class Explorations(Looking):
    TELLING = (AttemptAdded, AttemptStopped, ExplorationSet, ExplorationShelved, ModelOffered, TurnFinished, ResultKept)
    AGAIN = 5.0

    def __init__(
        self,
        store: Store,
        wake: Callable[[str], None],
        gather: Callable[[Exploration, Attempt], Awaitable[EvidenceGathered]],
    ) -> None:
        super().__init__(store.log)
        self._store, self._wake, self._gather = store, wake, gather
        self._gathering: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._broken: dict[tuple[str, int], float] = {}
        self._slots = asyncio.Semaphore(LOOKS)

    async def close(self) -> None:
        await super().close()
        tasks = [*self._gathering.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def see_to_all(self) -> None:
        await shelves.settle(self._store)
        for exploration in await self._store.query(explorations.unsettled):
            await self._see_to(exploration)

    async def _see_to(self, exploration: Exploration) -> None:
        known = await self._store.query(explorations.begun, exploration.id)
        attempts = [attempt for attempt, _ in known]
        for attempt in attempts:
            if attempt.state is ThreadState.IDLE and not _is_settled(attempt):
                self._look_at(exploration, attempt)
        over = used_up(exploration, attempts)
        room = exploration.at_once - sum(attempt.state in BUSY for attempt in attempts)
        for place, (attempt, begins) in enumerate(known):
            away = attempt.stopped or attempt.shelved or (exploration.shelved and not attempt.source.name)
            away = away or (over and not attempt.source.offer)
            if attempt.state is not None or away or not begins:
                continue
            if not attempt.wanted and (why := twin(attempt, attempts)):
                await self._store.log.append(exploration.id, AttemptStopped(attempt=attempt.number, why=why))
            elif room > 0 and (attempt.wanted or not is_early(attempt, attempts)):
                room -= 1
                await self._begin(exploration, attempt, begins)
                attempts[place] = attempt.model_copy(update={"state": ThreadState.QUEUED})

    async def _begin(self, exploration: Exploration, attempt: Attempt, begins: str) -> None:
        taste = await self._store.query(decisions.taste, exploration.project)
        task = briefs.task(exploration.brief, attempt, taste)
        started = ThreadStarted(
            project=exploration.project,
            title=title_of(f"{exploration.brief.question} · {attempt.number}"),
            mode=Mode.WORKTREE,
            model=attempt.plan.model,
            budget=attempt.budget,
            base=exploration.brief.base,
        )
        said = MessageSent(id=new_id("msg"), turn=begins, text=task)
        queued = TurnQueued(turn=begins, run=new_id("run"))
        await self._store.log.append(attempt.thread, started, said, queued, expected=0)
        self._wake(attempt.thread)

    def _look_at(self, exploration: Exploration, attempt: Attempt) -> None:
        key = exploration.id, attempt.number
        if key not in self._gathering:
            task = self._gathering[key] = self._loop.create_task(self._gathered(exploration, attempt))
            task.add_done_callback(lambda _: self._looked(key))

    def _looked(self, key: tuple[str, int]) -> None:
        self._gathering.pop(key, None)
        self.look()  # its result may be another one by now

    async def _gathered(self, exploration: Exploration, attempt: Attempt) -> None:
        key = exploration.id, attempt.number
        try:
            async with self._slots:
                gathered = await self._gather(exploration, attempt)
            with suppress(Conflict):  # another base did it
                await self._store.log.append(exploration.id, gathered)
            self._broken.pop(key, None)
        except Exception:
            log.exception("attempt %d of %s could not be looked at", attempt.number, exploration.id)
            wait = self._broken[key] = min(2 * self._broken.get(key, self.AGAIN / 2), LONGEST)
            await asyncio.sleep(wait)


def is_early(attempt: Attempt, attempts: Sequence[Attempt]) -> bool:
    """Whether it is better to wait for what comes of the first of its kind: it may be their near-twin."""
    begun = [one for one in attempts if _kind(one) == _kind(attempt) and one.state is not None]
    return len(begun) >= TWINS > sum(map(_is_settled, begun))


def twin(attempt: Attempt, attempts: Sequence[Attempt]) -> str:
    """Why this one needn't be begun: others of the same kind came to the same; "" where it should."""
    known: dict[str, list[int]] = {}
    for one in attempts:
        if _kind(one) == _kind(attempt) and one.evidence and one.state is ThreadState.IDLE:
            known.setdefault(one.evidence.tree, []).append(one.number)
    twins = max(known.values(), key=len) if known else []
    if len(twins) < TWINS:
        return ""
    return f"Attempts {', '.join(map(str, twins))} of the same approach and model came to the same, byte for byte."


def _is_settled(attempt: Attempt) -> bool:
    """Whether all is known that came of it, if anything did."""
    return attempt.state is ThreadState.IDLE and (attempt.known or attempt.result is None)


def _kind(attempt: Attempt) -> tuple[str, str]:
    return attempt.plan.approach, attempt.plan.model
