"""The loop: advance a thread's turn until it ends or must wait.

Everything it knows it folds from the log; everything it does it says there first (intent, on disk) and afterwards
(result). So it can be stopped anywhere and begun again.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Literal

from maquette.domain.errors import GONE, Fenced, MaquetteError, Refused, Unavailable, without_room
from maquette.domain.events import (
    AnswerFailed,
    AnswerGiven,
    AnswerInterrupted,
    AnswerStreamed,
    CallFinished,
    Event,
    FellBack,
    LimitReached,
    TurnFinished,
    TurnParked,
    TurnStarted,
    TurnWaiting,
)
from maquette.domain.ids import new_id
from maquette.domain.labels import Label
from maquette.domain.messages import Call, FromModel
from maquette.domain.threads import Outcome
from maquette.kinds.providers import Answered, Conversation, Provider, Request, TextDelta, ThinkingDelta
from maquette.store import Conflict, Passing, Store
from maquette.store.history import history
from maquette.turn.budgets import TURNED_DOWN, Allowance
from maquette.turn.calls import Calls
from maquette.turn.children import Children
from maquette.turn.compaction import OVERFLOW, make_room
from maquette.turn.fold import Place
from maquette.turn.partial import Partial
from maquette.turn.places import Places, Prepared
from maquette.turn.retries import Tries
from maquette.turn.standins import Line
from maquette.turn.telling import Kind

BRAKE = 8
"""Answers in a row whose calls all fail, before the turn is ended."""
CUT = "The model's answer was cut off at its length limit, so it may not be whole."
UNDONE = "What was asked is not done; the answer says why."

log = logging.getLogger(__name__)

_End = tuple[Outcome, str]
"""How a turn ended, and the sentence that says why."""


@dataclass(frozen=True)
class Loop:
    """Advances turns. One for a base; holds no state of its own."""

    store: Store
    providers: Mapping[str, Provider]
    places: Places

    async def advance(self, thread: str, turn: str, run: str) -> None:
        """Work on a turn until it is finished or waits for the person. Harmless when there is nothing to do.

        Cancelling it ends the turn when the person asked for that, and otherwise leaves it to be picked up again.
        """
        try:
            epoch = await self.store.lasting(lambda: self.store.log.claim(thread))
            work = _Work(self, thread, turn, epoch)
            if await work.begin(run):
                await work.through()
        except Fenced:
            log.info("%s is being worked on elsewhere now", thread)


class _Work:
    """One turn of one thread, being advanced."""

    def __init__(self, loop: Loop, thread: str, turn: str, epoch: int) -> None:
        self.store, self.providers, self.places = loop.store, loop.providers, loop.places
        self.thread, self.turn, self.epoch = thread, turn, epoch
        self.place = Place()
        self.model = ""
        self.partial = Partial(self.keep)
        self.heard = False
        self.seen = 0
        self.worked = time.monotonic()
        """Up to when answers tell how long was worked."""
        self.room: Prepared | None = None
        self.quiet = False

    async def record(self, *events: Event, durable: bool = True, expected: int | None = None) -> None:
        """Append, then fold whatever is new, also what others appended meanwhile. Waits while the disk is full."""
        append = partial(self.store.log.append, self.thread, *events, epoch=self.epoch, durable=durable)
        entries = await self.store.lasting(partial(append, expected=expected))
        if entries[0].position == self.place.position + 1:
            self.place.take(entries)
        else:
            await self.catch_up()

    async def begin(self, run: str) -> bool:
        """False when there is nothing to do. What is in line may be changed or taken back until this is written."""
        while True:
            await self.catch_up()
            if self.turn in self.place.finished or self.place.turn not in (None, self.turn):
                return False
            started = TurnStarted(turn=self.turn, run=run, epoch=self.epoch)
            with suppress(Conflict):
                await self.record(started, expected=self.place.position)
                return True

    async def catch_up(self) -> None:
        if self.place.position:
            new = await self.store.log.read_on(self.thread, self.place.position)
            self.place.take(entry for entry in new if entry.position > self.place.position)  # others catch up as well
        else:
            self.place.take(await asyncio.to_thread(history, self.store.log, self.thread))

    def show(self, kind: Kind, text: str, call: str | None = None) -> None:
        if not self.quiet:
            self.store.feed.pass_by(self.thread, Passing(self.thread, kind, self.turn, call, text))

    async def keep(self, words: str) -> None:
        """Write down more of the answer that is coming. Lost with the machine, but not with the base."""
        step = self.place.step + 1
        streamed = AnswerStreamed(turn=self.turn, step=step, seen=self.seen, model=self.model, text=words)
        await self.record(streamed, durable=False)

    async def through(self) -> None:
        """The turn, with its endings: whatever goes wrong is told to the person, and nothing is lost."""
        ended: _End | None = None
        try:
            while True:
                try:
                    ended = ended or await self._guarded()
                    if ended is None or await self._finish(*ended):
                        return await self.places.leave(self.room)
                    ended = None
                except asyncio.CancelledError:
                    ended = await self._stopped()
        finally:
            await self.places.leave(self.room)

    async def _guarded(self) -> _End | None:
        try:
            return await self._steps()
        except Fenced:
            raise
        except Exception as error:
            if _is_gone(error):
                raise
            return Outcome.FAILED, _told(error)

    async def _steps(self) -> _End | None:
        """How it ended; None when it waits."""
        if self.place.stopping:
            return Outcome.STOPPED, ""
        if lost := self._broken_off("lost"):
            await self.record(*lost)
        if self.room is None:
            self.model = self.place.model
            self.room = await self.places.enter(self.thread, self.place, self.record)
        if not await self.places.set_up(self.turn, self.room, self.place, self.record, self.show):
            return Outcome.DONE, ""
        children = Children(self.thread, self.turn, self.room, self.places, self.providers)
        calls = Calls(self.turn, self.room, self.record, self.show, children)
        line, project = Line(self.providers), self.room.project
        allowance = Allowance(self.store, self.thread, project, self.room.budget, self.room.terms)
        try:
            while True:
                await self.catch_up()
                if self.place.stopping:
                    return Outcome.STOPPED, ""
                if self.place.calls:
                    await calls.settle(self.place)
                    pause = TurnParked if self.place.parked else TurnWaiting
                    if self.place.waits and await self._last(pause(turn=self.turn, calls=tuple(self.place.calls))):
                        return None
                elif ended := self._ended():
                    await self.room.room.made()
                    return ended
                elif limit := await self._limit(allowance, line):
                    await self.record(limit)
                else:
                    await self._answer(line, calls)
        finally:
            await line.close()

    def _ended(self) -> _End | None:
        """None when it goes on. Done, as far as whoever answered says: what it made is checked after this."""
        last, limit = self.place.last, self.place.limit
        if limit is not None and self.place.used_up:
            return Outcome.BUDGET, limit.told
        if not self.place.ended or self.place.unheard:
            brake = f"{self.place.failures} times in a row nothing it tried worked, so it was stopped."
            return (Outcome.FAILED, brake) if self.place.failures >= BRAKE else None
        if last is not None and last.cut:
            return Outcome.FAILED, CUT
        return (Outcome.FAILED, UNDONE) if last is not None and last.undone else (Outcome.DONE, "")

    async def _last(self, event: TurnWaiting | TurnParked | TurnFinished) -> bool:
        """Append the last there is to say for now, unless something else was said since we looked."""
        self.quiet = True
        try:
            await self.record(event, expected=self.place.position)
        except Conflict:
            self.quiet = False
        return self.quiet

    async def _limit(self, allowance: Allowance, line: Line) -> LimitReached | None:
        """What keeps the next request from being made; None too once a last one is allowed. Whom it is made to is on
        the line by then.
        """
        self.model = self.place.stand_in or self.model
        await line.to(self.model)
        if self.place.limit is not None:
            return None
        return await allowance.reached(self.place, line.provider, line.model, time.monotonic() - self.worked)

    async def _answer(self, line: Line, calls: Calls) -> None:
        """Ask for the next answer; where another model has to stand in, nothing more: it is asked in the next round."""
        self.place.hear()
        self.seen, step, began = self.place.position, self.place.step + 1, time.monotonic()
        assert self.room is not None
        request = Request(
            model=line.model,
            instructions=self.place.instructions or "",
            messages=self.place.messages,
            tools=self.room.toolbox.specs,
            skills=self.room.skills,
            checks=self.room.project.checks,
            thread=self.thread,
        )
        try:
            answered = await self._tries(line, request, step)
        except Refused as refused:
            if refused.code != OVERFLOW:
                if (fell := await self._fallen(line, refused, step, over=True)) is None:
                    raise
                await self.record(fell)
                return
            made = await make_room(self.place, self.turn, self.seen, self.room.room.outputs, refused)
            with suppress(Conflict):  # something else was put back meanwhile, say: then it is tried anew
                await self.record(made, expected=self.place.position)
            return
        if answered is None:
            return
        answer = _with_unique_calls(answered.answer, self.place.used)
        given = AnswerGiven(
            turn=self.turn,
            step=step,
            seen=self.seen,
            model=self.model,
            answer=answer,
            usage=await line.usage(request, answered),
            seconds=round(time.monotonic() - began, 3),
            worked=round(time.monotonic() - self.worked, 3),
            rules=line.rules,
            cut=answered.cut,
            undone=answered.undone,
            label=Label(integrity=self.place.label.integrity, origin=f"model:{self.model}"),
        )
        self.partial, self.worked = Partial(self.keep), time.monotonic()
        last = self.place.limit is not None
        meant = calls.turn_down(answer.calls, TURNED_DOWN) if last else calls.intend(answer.calls, self.place)
        await self.record(given, *meant)

    async def _tries(self, line: Line, request: Request, step: int) -> Answered | None:
        """None: it didn't answer, and another stands in from now on."""
        tries, conversation = Tries(), await line.to(self.model)
        for attempt in itertools.count(1):
            self.partial, self.heard = Partial(self.keep), False
            try:
                return await self._once(conversation, request)
            except Unavailable as error:
                wait = tries.wait(error.retry_after, began=self.heard)
                fell = await self._fallen(line, error, step, over=wait is None)
                wait = None if fell else wait
                failed = AnswerFailed(
                    turn=self.turn, step=step, model=self.model, attempt=attempt, reason=str(error), wait=wait
                )
                await self.record(failed, *((fell,) if fell else ()))
                if fell:
                    return None
                if wait is None:
                    raise Unavailable(f"{error} {tries.told}") from error
                await asyncio.sleep(wait)
        raise AssertionError

    async def _fallen(self, line: Line, error: MaquetteError, step: int, *, over: bool) -> FellBack | None:
        """Who goes on for the rest of the turn, where this model is out and another may stand in."""
        assert self.room is not None
        if not line.is_out(error, over=over):
            return None
        to = await line.stand_in(self.store, self.room.project, self.place.model)
        if to is None:
            return None
        self.partial = Partial(self.keep)
        return FellBack(turn=self.turn, step=step, model=self.model, to=to, reason=str(error))

    async def _once(self, conversation: Conversation, request: Request) -> Answered:
        try:
            async for delta in conversation.stream(request):
                self.heard = True
                match delta:
                    case TextDelta(text):
                        self.partial.add(text)
                        self.show("text", text)
                    case ThinkingDelta(text):
                        self.show("thinking", text)
                    case Answered():
                        if not delta.answer.calls and not delta.answer.text.strip():
                            raise Unavailable("The model answered nothing.")
                        return delta
        finally:
            self.partial.end()
        raise Unavailable("The model's answer broke off.")

    async def _stopped(self) -> _End:
        """Cancelled: by the person, which ends the turn, or because the base goes down, which does not."""
        await self.catch_up()
        if not self.place.stopping:
            raise asyncio.CancelledError
        return Outcome.STOPPED, ""

    async def _finish(self, outcome: Outcome, reason: str) -> bool:
        """False when more was said meanwhile, so that the turn goes on."""
        await self._break_off(outcome)
        if self.room is not None:
            try:
                await self.room.room.close()  # what still runs could change what is kept while it is being checked
                await self.places.keep(self.thread, self.turn, self.room, self.place, outcome, self.record, self.show)
            except Fenced:
                raise
            except Exception as error:
                if _is_gone(error):
                    raise
                told = _told(error)
                outcome, reason = Outcome.FAILED, reason if told in reason else f"{reason} {told}".strip()
        while True:
            await self.catch_up()
            if outcome is Outcome.DONE and self.place.unheard:
                return False
            if await self._last(TurnFinished(turn=self.turn, outcome=outcome, reason=reason)):
                return True

    def _broken_off(self, why: Literal["stopped", "failed", "lost"]) -> list[Event]:
        """What had been said of the answer that was coming: here, or in a base that is gone."""
        text, self.partial = self.partial.text, Partial(self.keep)
        step, seen, model = self.place.step + 1, self.seen, self.model
        if not text and (kept := self.place.streamed):
            text, why, seen, model = "".join(one.text for one in kept), "lost", kept[0].seen, kept[0].model
        if not text:
            return []
        return [AnswerInterrupted(turn=self.turn, step=step, seen=seen, model=model, text=text, why=why)]

    async def _break_off(self, outcome: Outcome) -> None:
        """Say what became of the answer and the calls that were under way."""
        events: list[Event] = []
        if outcome is not Outcome.DONE:
            events += self._broken_off("stopped" if outcome is Outcome.STOPPED else "failed")
        for call in self.place.calls.values():
            why = "Stopped by the person." if outcome is Outcome.STOPPED else "The turn ended before this was done."
            name = call.call.name
            events.append(CallFinished(turn=self.turn, call=call.call.id, name=name, status="stopped", text=why))
        if events:
            await self.record(*events)


def _is_gone(error: Exception) -> bool:
    """The log's server went away. It says nothing of the turn: the run is begun again, by what the log says then."""
    return isinstance(error, Unavailable) and error.code == GONE


def _told(error: Exception) -> str:
    if told := error if isinstance(error, MaquetteError) else without_room(error):
        return str(told)
    log.error("a turn broke", exc_info=error)
    return "Maquette itself made a mistake here; the base's log has the details."


def _with_unique_calls(answer: FromModel, used: set[str]) -> FromModel:
    """The answer with a new id for each call whose id is empty or was used before, so that each has its one result."""
    taken = set(used)
    parts = list(answer.parts)
    for index, part in enumerate(parts):
        if isinstance(part, Call):
            if not part.id or part.id in taken:
                parts[index] = part = part.model_copy(update={"id": new_id("call")})
            taken.add(part.id)
    return FromModel(parts=tuple(parts))
