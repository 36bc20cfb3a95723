"""Attempts that go another's way are stopped while they are at work: what they would come to is there already.

Now and then the tree of one that has been at work for a while is compared with what others made, and with what those
before it have so far. What is known of trees in passing is in memory: after a kill it is looked at anew.
"""

from __future__ import annotations

import asyncio
import time

from maquette.curation import grouping, shingles
from maquette.curation.grouping import Traits, Twin
from maquette.curation.shingles import Words
from maquette.domain.events import AttemptAdded, AttemptStopped, CallFinished, Entry, StopAsked, TurnResumed
from maquette.domain.explorations import Attempt
from maquette.domain.ids import new_id
from maquette.engine.looking import Looking
from maquette.engine.port import Engine
from maquette.store import Store, explorations
from maquette.store.projections import projects, threads
from maquette.workspace import Workspace

KEPT = 1_000
"""Changes whose words are kept in memory."""


class Twins(Looking):
    TELLING = (CallFinished,)
    AFTER, EVERY = 20.0, 15.0
    """Seconds of work before the first look at an attempt, for else little is saved; and between two looks."""

    def __init__(self, store: Store, workspace: Workspace, engine: Engine) -> None:
        super().__init__(store.log)
        self._store, self._workspace, self._engine = store, workspace, engine
        self._threads: set[str] = set()
        """Of attempts, so that what goes on in others costs nothing."""
        self._due: dict[str, float] = {}
        """By thread at work, when it is looked at next, by the monotonic clock."""
        self._words: dict[str, Words] = {}
        """By commit; and by thread, of what it had when it was looked at last."""

    def _heard(self, entries: list[Entry]) -> None:
        self._threads.update(entry.event.thread for entry in entries if isinstance(entry.event, AttemptAdded))
        super()._heard([entry for entry in entries if entry.stream in self._threads])

    async def see_to_all(self) -> None:
        at_work = await self._store.query(explorations.at_work)
        now = time.monotonic()
        self._threads.update(one.thread for one in at_work)
        self._due = {one.thread: self._due.get(one.thread, now + self.AFTER) for one in at_work}
        for attempt in at_work:
            if self._due[attempt.thread] <= now and attempt.source.kind == "agent":
                self._due[attempt.thread] = now + self.EVERY
                await self._look_at(attempt)

    async def _look_at(self, attempt: Attempt) -> None:
        at = await self._store.query(explorations.find, attempt.exploration)
        others = await self._store.query(explorations.attempts, at.id)
        commits = {one.number: one.result for one in others if one.result and one.number != attempt.number}
        glance = await self._workspace.glance(attempt.thread)
        await self._read(at.project, at.brief.base, [glance, *commits.values()])
        mine = self._words[attempt.thread] = self._words.pop(glance)
        made = {number: self._words[commit] for number, commit in commits.items()}
        made |= {
            one.number: self._words[one.thread]
            for one in others
            if one.number < attempt.number and one.number not in made and one.thread in self._words
        }
        if attempt.wanted or attempt.stopped:
            return
        traits = [Traits(str(number), words) for number, words in made.items()]
        found = await asyncio.to_thread(grouping.twin, Traits(str(attempt.number), mine), traits)
        if found is not None:
            await self._end(attempt, found)

    async def _read(self, project: str, base: str, commits: list[str]) -> None:
        if len(self._words) > KEPT:
            self._words.clear()
        new = [commit for commit in dict.fromkeys(commits) if commit not in self._words]
        changed = await self._workspace.all_changed(await self._store.query(projects.project, project), base, new)
        for commit in new:
            self._words[commit] = await asyncio.to_thread(shingles.of_files, changed[commit])

    async def _end(self, attempt: Attempt, twin: Twin) -> None:
        """If it is still at work: what it made is kept as of any thread that is stopped."""
        thread = await self._store.query(threads.find, attempt.thread)
        if thread.turn is None:
            return
        why = f"It went the way of attempt {twin.of}: {twin.why}, {twin.share:.0%} of what is its own."
        await self._store.log.append(attempt.exploration, AttemptStopped(attempt=attempt.number, why=why))
        await self._store.log.append(attempt.thread, StopAsked(turn=thread.turn))
        if not await self._engine.stop(attempt.thread, thread.turn):
            await self._store.log.append(attempt.thread, TurnResumed(turn=thread.turn, run=new_id("run")))
            self._engine.wake(attempt.thread)
