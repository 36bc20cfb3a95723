"""The calls of one answer: judged, begun, run side by side, each with exactly one result."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from maquette.approvals import manifests
from maquette.approvals.manifests import why_park
from maquette.approvals.policy import reaches_out, why_ask
from maquette.approvals.shown import Shown, changed, digest, shown
from maquette.domain.cards import PlanCard
from maquette.domain.errors import MaquetteError
from maquette.domain.events import (
    ApprovalAsked,
    ApprovalDeclined,
    ApprovalGiven,
    CallFinished,
    CallStarted,
    Event,
    PlanSet,
    QuestionAsked,
)
from maquette.domain.events.calls import CallStatus
from maquette.domain.labels import Integrity, Label
from maquette.domain.messages import Call, FromTool
from maquette.kinds.tools import Asks, Delegates, Drafts, Effect, Offers, Plans, Result
from maquette.turn.children import Children
from maquette.turn.compaction import file_of, keep, quoted
from maquette.turn.drafts import Drafting
from maquette.turn.fold import OpenCall, Place
from maquette.turn.gardening import Gardening
from maquette.turn.places import Prepared
from maquette.turn.room import CallContext
from maquette.turn.telling import Record, Show
from maquette.turn.toolbox import Ready, Wrong

AT_ONCE = 16
"""Calls of one answer that run side by side; a model may ask for hundreds."""
EXPIRES = timedelta(days=30)
LONGEST, QUOTED = 100_000, 16_000
"""Characters of a result that reach a model, whatever a tool returns; and what is quoted of a longer one."""
LOST = (
    "The base stopped while this ran, and nobody can say whether it happened. "
    "Look at what is there before doing it again."
)
OUTWARD = "Maquette stopped in the middle of this, and can't tell whether it happened: {}. Can you?"
TRIAL = "Not done: this is a trial run, of which nothing leaves its own tree. Tell what you would have done here."
CHANGED = "The person changed this before they allowed it; it was done with {}"
SEEN = ("It happened", "It didn't happen", "I can't tell")

log = logging.getLogger(__name__)


class Calls:
    """Runs the calls of a turn. Lives as long as the turn is being worked on here."""

    def __init__(self, turn: str, room: Prepared, record: Record, show: Show, children: Children) -> None:
        self._turn, self._room, self._record, self._show = turn, room, record, show
        self._children = children
        self._drafting = Drafting(children.places.store, children.thread, room.project)
        self._gardening = Gardening(children.places.store, children.thread, room.project, room.terms)
        self._asking = asyncio.Lock()
        self._mine: dict[str, Ready] = {}
        """Calls that were begun here, and have no result yet."""
        self._writing = asyncio.Lock()
        self._running = asyncio.Semaphore(AT_ONCE)

    def intend(self, calls: Sequence[Call], place: Place) -> list[Event]:
        """What is to be logged together with the answer: for each call its start, its approval, or why it can't be."""
        return [self._intend(call, place) for call in calls]

    def turn_down(self, calls: Sequence[Call], why: str) -> list[Event]:
        """Calls of which none is to be run."""
        return [self._finished(call, "stopped", why) for call in calls]

    def _intend(self, call: Call, place: Place) -> Event:
        found = self._room.toolbox.find(call)
        if isinstance(found, Wrong):
            return self._finished(call, "error", found.why)
        terms = self._room.terms
        if terms is not None and terms.dry and manifests.goes_out(found.tool.effects):
            return self._finished(call, "declined", TRIAL)
        if why := self._why(found, place):
            lines = self._shown(found)
            expires = datetime.now(UTC) + EXPIRES
            return ApprovalAsked(
                turn=self._turn,
                call=call.id,
                why=why,
                shown=lines,
                digest=digest(lines),
                expires=expires,
                runs=Effect.RUNS in found.tool.effects,
            )
        return self._start(call, found)

    def _why(self, found: Ready, place: Place) -> str | None:
        """Why the person is to be asked first."""
        tool, tier = found.tool, self._room.tier
        if self._room.terms is None:
            return why_ask(tool.effects, tier=tier, label=place.label)
        reaches = tool.reaches(found.arguments) if tool.reaches else None
        return why_park(tool.effects, reaches, self._room.terms.manifest, tier=tier, label=place.label)

    def _start(self, call: Call, found: Ready, *, again: bool = False) -> CallStarted:
        self._mine[call.id] = found
        return CallStarted(
            turn=self._turn, call=call.id, name=found.tool.name, idempotent=found.tool.idempotent, again=again
        )

    def _shown(self, found: Ready) -> Shown:
        return shown(found.tool.name, found.raw, where=str(self._room.room.files.root))

    async def settle(self, place: Place) -> None:
        """Bring each open call to its result, as far as the person need not be waited for."""
        begin = [event for open_call in list(place.calls.values()) if (event := self._next(open_call, place))]
        if begin:
            await self._record(*begin)
        mine = (c for c in place.calls.values() if c.call.id in self._mine)
        going = [c for c in mine if c.started and not c.question and not c.child]
        if going:
            await self._room.room.made()
            try:
                async with asyncio.TaskGroup() as tasks:
                    for open_call in going:
                        tasks.create_task(self._in_turn(open_call.call, place))
            except ExceptionGroup as several:
                raise several.exceptions[0] from several

    def _next(self, open_call: OpenCall, place: Place) -> Event | None:
        """What must be logged before this call can go on; None when nothing must (it runs here, or waits)."""
        call = open_call.call
        if open_call.answer is not None and open_call.question is not None:
            lost, said = open_call.question.lost, open_call.answer
            text = f"{LOST} The person was asked, and says: {said.text}" if lost else said.text
            return self._finished(call, "unknown" if lost else "ok", text, label=said.label)
        if open_call.report is not None:
            return self._children.told(open_call)
        if open_call.question is not None or open_call.child is not None or call.id in self._mine:
            return None
        if open_call.started is not None:
            return self._after_crash(open_call.started, call)
        if open_call.approval is None:
            return self._intend(call, place)
        return self._decided(open_call.approval, open_call.decision, call, place)

    def _after_crash(self, started: CallStarted, call: Call) -> Event:
        """Done again where that is harmless. Else nobody knows: the agent can look where all that could happen is in
        its own tree, the person is asked where it could be anywhere.
        """
        found = self._room.toolbox.find(call)
        if isinstance(found, Ready) and started.idempotent:
            return self._start(call, found, again=True)
        if isinstance(found, Ready) and reaches_out(found.tool.effects, self._room.tier):
            what = "; ".join(f"{name}: {value}" for name, value in self._shown(found))
            return QuestionAsked(turn=self._turn, call=call.id, question=OUTWARD.format(what), choices=SEEN, lost=True)
        return self._finished(call, "unknown", LOST)

    def _decided(
        self, asked: ApprovalAsked, decision: ApprovalGiven | ApprovalDeclined | None, call: Call, place: Place
    ) -> Event | None:
        if isinstance(decision, ApprovalDeclined):
            reason = f" They said: {decision.reason}" if decision.reason else ""
            return self._finished(call, "declined", f"The person declined this.{reason}", label=decision.label)
        found = self._room.toolbox.find(call)
        if decision is None:
            return self._intend(call, place) if datetime.now(UTC) > asked.expires else None
        if decision.instead and decision.digest == asked.digest:
            return self._changed(found, call, changed(asked.shown, decision.instead))
        if isinstance(found, Wrong) or not (decision.digest == asked.digest == digest(self._shown(found))):
            return self._intend(call, place)
        return self._start(call, found)

    def _changed(self, found: Ready | Wrong, call: Call, lines: Shown) -> Event:
        """A call that asks for what the person wrote; all else of it is still as they were shown."""
        if isinstance(found, Wrong) or self._shown(found) != lines:
            why = found.why if isinstance(found, Wrong) else "What would be done isn't what they were shown."
            return self._finished(call, "error", f"The person changed it, and so it can't be done: {why}")
        return self._start(call, found)

    async def _in_turn(self, call: Call, place: Place) -> None:
        async with self._running:
            await self._run(call, place)

    async def _run(self, call: Call, place: Place) -> None:
        found = self._mine[call.id]
        context = CallContext(self._room.room, call.id, self._shower(call), partial(self._children.take, place))
        began = time.monotonic()
        try:
            if found.tool.effects >= {Effect.WRITES} and Effect.RUNS not in found.tool.effects:
                async with self._writing:
                    came = await found.tool.run(context, found.arguments)
            else:
                came = await found.tool.run(context, found.arguments)
            if isinstance(came, Delegates):
                async with self._asking:  # each takes its part of what those before it have left
                    await self._record(await self._children.ask(call.id, came, place))
                del self._mine[call.id]
                return
            if isinstance(came, Drafts):
                came = await self._drafting.made(came, place.label)
            elif isinstance(came, Offers):
                came = await self._gardening.offered(came.ideas)
        except MaquetteError as error:
            came = Result(str(error), error=True)
        except Exception as error:
            log.exception("the tool %s broke", found.tool.name)
            came = Result(f"The tool itself broke ({type(error).__name__}). Another way may work.", error=True)
        del self._mine[call.id]
        decision = place.calls[call.id].decision
        if isinstance(came, Result) and isinstance(decision, ApprovalGiven) and decision.instead:
            came = replace(came, text=f"{CHANGED.format(call.arguments)}\n{came.text}")
        came = await self._kept(call, came)
        await self._record(*self._outcome(call, found, came, time.monotonic() - began), durable=False)

    async def _kept(self, call: Call, came: Result | Asks | Plans) -> Result | Asks | Plans:
        """A result too big to be said, whole in a file and quoted by its head and tail; pictures made smaller."""
        if isinstance(came, Result) and came.images:
            came = replace(came, images=await self._children.places.workspace.fitting(came.images))
        if not isinstance(came, Result) or len(came.text) <= LONGEST:
            return came
        path = self._room.room.outputs / file_of(call.id)
        await asyncio.to_thread(keep, [(path, came.text)])
        said = quoted(FromTool(call=call.id, name=call.name, text=came.text), QUOTED, path)
        return replace(came, text=said.text)

    def _outcome(self, call: Call, found: Ready, came: Result | Asks | Plans, seconds: float) -> list[Event]:
        if isinstance(came, Asks):
            return [QuestionAsked(turn=self._turn, call=call.id, question=came.question, choices=came.choices)]
        if isinstance(came, Plans):
            planned = PlanSet(turn=self._turn, steps=came.steps)
            return [planned, self._finished(call, "ok", "Noted.", Result("", PlanCard(steps=came.steps)))]
        reads = found.tool.effects & {Effect.READS, Effect.RUNS, Effect.NETWORK, Effect.SCREEN}
        label = came.label or (self._room.read_label(f"tool:{found.tool.name}") if reads else None)
        status: CallStatus = "error" if came.error else "ok"
        return [self._finished(call, status, came.text, came, label=label, seconds=seconds)]

    def _finished(
        self,
        call: Call,
        status: CallStatus,
        text: str,
        came: Result | None = None,
        *,
        label: Label | None = None,
        seconds: float = 0,
    ) -> CallFinished:
        return CallFinished(
            turn=self._turn,
            call=call.id,
            name=call.name,
            status=status,
            text=text,
            card=came.card if came else None,
            images=came.images if came else (),
            seconds=round(seconds, 3),
            label=label or Label(integrity=Integrity.USER, origin="maquette"),
        )

    def _shower(self, call: Call) -> Callable[[str], None]:
        return lambda output: self._show("output", output, call.id)
