"""The person of a proof: looks at what is there, does what comes next, and notes what was acknowledged to them.

They know nothing of kills: after one they look again, as anybody would.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from maquette.actions import automations, projects, reviews, threads, waits
from maquette.actions.home import Home
from maquette.domain.automations import Plan, Reports, State, When
from maquette.domain.errors import Refused
from maquette.domain.events import ApprovalAsked, Entry, QuestionAsked, RunEnded, TurnFinished, TurnWaiting
from maquette.domain.threads import Mode, Thread, ThreadState
from maquette.store.projections import automations as projection
from maquette.testing.proof.mortal import Where

MODEL = "openai-chat:scripted"


@dataclass
class Person:
    """At one base. Every `do` may be done again after a kill."""

    home: Home
    where: Where
    declines: bool = False
    _noted: set[str] = field(default_factory=set[str])

    def note(self, kind: str, **what: str) -> None:
        """What the base has acknowledged: it may never be lost from here on."""
        with self.where.acks.open("a") as file:
            file.write(json.dumps({"kind": kind, **what}) + "\n")

    def noted(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in acks(self.where) if one["kind"] == kind]

    async def begins(self, words: str, *, tree: bool) -> Thread:
        """The thread that begins with these words; started unless it is there."""
        for thread in await threads.listed(self.home, archived=False):
            if thread.title.startswith(words):
                return thread
        project = str(self.where.repo) if tree else None
        if project:
            await projects.add(self.home, self.where.repo)
        sent = await threads.start(self.home, words, project=project, model=MODEL)
        self.note("sent", thread=sent.thread, turn=sent.turn)
        return await threads.find(self.home, sent.thread)

    async def says(self, thread: str, words: str, *, steer: bool = False) -> None:
        sent = await threads.send(self.home, thread, words, steer=steer)
        self.note("sent", thread=sent.thread, turn=sent.turn)

    async def sees_to(self, thread: str) -> Thread:
        """Answers and approves whatever is asked, until the thread rests."""
        while True:
            after = await asyncio.to_thread(self.home.store.log.cursor)
            at = await threads.find(self.home, thread)
            if at.state is ThreadState.IDLE:
                return at
            if at.state is ThreadState.WAITING and await self._decides(thread):
                continue
            await self._hears(thread, after)

    async def _hears(self, thread: str, after: int) -> None:
        async for item in self.home.store.feed.follow(after=after, stream=thread):
            if isinstance(item, Entry) and isinstance(item.event, TurnFinished | TurnWaiting):
                return

    async def _decides(self, thread: str) -> bool:
        decided = False
        for wait in await waits.listed(self.home, thread):
            try:
                await self._decide(thread, wait.asked)
                decided = True
            except Refused as refused:  # somebody, or we before a kill, did so already
                if refused.code not in ("conflict", "no-question", "no-approval", "expired"):
                    raise
        return decided

    async def _decide(self, thread: str, asked: QuestionAsked | ApprovalAsked) -> None:
        if isinstance(asked, QuestionAsked):
            await waits.answer(self.home, thread, "I don't mind", call=asked.call)
            self.note("answered", thread=thread, call=asked.call)
        elif self.declines:
            await waits.decline(self.home, thread, call=asked.call)
            self.note("declined", thread=thread, call=asked.call)
        else:
            await waits.approve(self.home, thread, call=asked.call, digest=asked.digest)
            self.note("approved", thread=thread, call=asked.call)

    async def automates(self, words: str, schedule: str) -> str:
        """The automation of these words: drafted and turned on, unless it is."""
        at = next((one for one in await self.home.store.query(projection.automations) if one.plan.brief == words), None)
        if at is None:
            plan = Plan(
                name=words,
                brief=words,
                model=MODEL,
                when=When(schedule=schedule, zone="UTC"),
                look="echo something",
                postcondition=Reports(),
            )
            at = await automations.draft(self.home, plan)
            self.note("drafted", thread=at.id)
        if at.state is State.DRAFT:
            await automations.turn_on(self.home, at.id, (await automations.show(self.home, at.id)).digest)
            self.note("turned on", thread=at.id)
        return at.id

    async def sees_slots_up_to(self, automation: str, until: datetime) -> None:
        """Until the one that is due then, or after, was decided, and no run is at work."""
        async for item in self.home.store.feed.follow(stream=automation):
            if isinstance(item, Entry) and isinstance(item.event, RunEnded):
                receipts = await automations.receipts(self.home, automation)
                decided = max(one.upto or one.due or until for one in receipts if one.due)
                if decided >= until:
                    return

    async def turns_off(self, automation: str) -> None:
        """And sees what is still at work to its end."""
        await automations.turn_off(self.home, automation)
        async for item in self.home.store.feed.follow(stream=automation):
            if not await self.home.store.query(projection.open_runs, automation):
                return
            assert item is not None

    async def merges(self, thread: str, ignoring: Sequence[str] = ("merged-already", "no-result")) -> None:
        try:
            merged = await reviews.merge(self.home, thread)
        except Refused as refused:
            if refused.code not in ignoring:
                raise
        else:
            self.note("merged", thread=thread, after=merged.after)

    async def discards(self, thread: str) -> None:
        kept = await reviews.discard(self.home, thread)
        if kept is not None:
            self.note("rescued", thread=thread, ref=kept.ref, commit=kept.commit)

    async def forks(self, thread: str) -> Thread:
        for one in await threads.listed(self.home):
            if one.title.endswith("(fork)"):
                return one
        forked = await threads.fork(self.home, thread)
        self.note("forked", thread=forked.id)
        return forked


def acks(where: Where) -> list[dict[str, Any]]:
    """All that was acknowledged so far, in order."""
    return [json.loads(line) for line in where.acks.read_text().splitlines()] if where.acks.exists() else []


def in_tree(thread: Thread) -> bool:
    return thread.mode is Mode.WORKTREE
