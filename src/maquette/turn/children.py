"""What a turn gives to others to do: asked for within bounds, told of as any tool's output, taken back file by file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from maquette.domain.cards import MarkdownCard
from maquette.domain.errors import Refused
from maquette.domain.events import CallFinished, ChildAsked, ChildReported, ThreadStarted
from maquette.domain.ids import new_id
from maquette.domain.labels import Label
from maquette.domain.projects import Budget
from maquette.domain.roles import Role
from maquette.domain.threads import ChildOf, Mode, Outcome, title_of
from maquette.kinds.providers import Provider
from maquette.kinds.tools import Delegates, Taken
from maquette.store import roles
from maquette.turn.fold import OpenCall, Place
from maquette.turn.places import Places, Prepared

NAMED = 20


@dataclass(frozen=True)
class Children:
    """Of one turn. They never have more than their parent: no other mode, no more budget, labels no better."""

    thread: str
    turn: str
    room: Prepared
    places: Places
    providers: Mapping[str, Provider]

    async def ask(self, call: str, wanted: Delegates, place: Place) -> ChildAsked:
        """Refused: `too-deep`, `too-many`, `only-reads`, `no-model`, `no-budget`."""
        started = place.started
        assert started is not None
        of = started.child_of
        depth = of.depth + 1 if of else 1
        if depth > self.places.bounds.depth:
            why = (
                f"Work may be handed on {self.places.bounds.depth} deep, and this is {depth - 1} deep: do it yourself."
            )
            raise Refused(why, code="too-deep")
        if place.children >= self.places.bounds.children:
            raise Refused(
                f"A turn may have {self.places.bounds.children} children: do the rest yourself.", code="too-many"
            )
        if self.room.mode is Mode.READ and not wanted.reads:
            why = 'You only look at this tree, so a child of yours can only look, too: tree "read".'
            raise Refused(why, code="only-reads")
        child = new_id("thread")
        return ChildAsked(
            label=Label(
                integrity=place.label.integrity,
                confidentiality=place.label.confidentiality,
                origin=place.label.origin if place.label.origin != "person" else f"thread:{self.thread}",
            ),
            turn=self.turn,
            call=call,
            child=child,
            begins=new_id("turn"),
            task=wanted.task,
            terms=self.room.terms and self.room.terms.of_a_part(),
            thread=ThreadStarted(
                project=started.project,
                title=title_of(wanted.task),
                mode=Mode.READ if wanted.reads else Mode.WORKTREE,
                model=await self._model(wanted.model, place.model),
                budget=self._share(call, wanted.budget, place),
                child_of=ChildOf(
                    parent=self.thread,
                    turn=self.turn,
                    call=call,
                    depth=depth,
                    tree=of.tree if of and self.room.mode is Mode.READ else self.thread,
                    in_place=of.in_place if of and self.room.mode is Mode.READ else self.room.mode is Mode.LOCAL,
                    base=None if wanted.reads else await self._snapshot(),
                ),
            ),
        )

    async def _snapshot(self) -> str:
        kept = await self.places.workspace.keep(self.thread, self.turn, self.room.project, self.room.mode)
        return kept.commit

    async def _model(self, wanted: str | None, own: str) -> str:
        """By its name, or by the role that it has; a role that nobody gave is done by one's own."""
        if wanted in [*Role]:
            wanted = next(iter((await roles.of(self.places.store, self.room.project)).get(Role(wanted), ())), None)
        if wanted is None:
            return own
        provider = self.providers.get(wanted.partition(":")[0])
        if provider is None or not wanted.partition(":")[2] or not provider.connected().ready:
            ready = ", ".join(f"{wire}:…" for wire, one in sorted(self.providers.items()) if one.connected().ready)
            why = f"No model {wanted!r} can be reached; leave `model` out, or name one as {ready}."
            raise Refused(why, code="no-model")
        return wanted

    def _share(self, call: str, wanted: Budget, place: Place) -> Budget:
        """What it may use: of what is left an equal part, among those that this answer asks for, not yet there."""
        own, calls = self.room.budget, place.calls
        at_work = [one.child.thread.budget for one in calls.values() if one.child and not one.report]
        named = calls[call].started
        others = [one for one in calls.values() if one.started and named and one.started.name == named.name]
        parts = sum(one.child is None for one in others)
        tokens = _left(own.tokens, place.tokens, [budget.tokens for budget in at_work])
        money = _left(own.money, place.money, [budget.money for budget in at_work])
        if tokens == 0 or money == 0:
            raise Refused("Nothing is left of the budget for a child: do it yourself, in few steps.", code="no-budget")
        return Budget(
            steps=_least(wanted.steps, None if own.steps is None else max(1, own.steps - place.step)),
            tokens=_least(wanted.tokens, None if tokens is None else max(1, tokens // parts)),
            money=_least(wanted.money, None if money is None else money / parts),
            seconds=None if own.seconds is None else max(1.0, own.seconds - place.seconds),
        )

    def told(self, open_call: OpenCall) -> CallFinished:
        """The result of a call whose child has reported: another's words, whatever they say."""
        asked, report = open_call.child, open_call.report
        assert asked is not None
        assert report is not None
        said = report.text or "It said nothing."
        return CallFinished(
            turn=self.turn,
            call=open_call.call.id,
            name=open_call.call.name,
            status="ok" if report.outcome is Outcome.DONE else "error",
            text=f"[{_came(report)}]\n{said}",
            card=MarkdownCard(text=said),
            label=self.room.read_label(f"thread:{report.child}").join(report.label),
        )

    async def take(self, place: Place, child: str, leave: Sequence[str]) -> Taken:
        """Refused: `no-child`, `no-result`."""
        report = place.reports.get(child)
        if report is None:
            there = ", ".join(place.reports) or "none"
            raise Refused(f"No child {child!r} of this thread has reported. There are: {there}.", code="no-child")
        if report.commit is None:
            raise Refused("It left no files: it only looked, or ended before it made anything.", code="no-result")
        return await self.places.workspace.take(self.thread, child, report.commit, leave)


def _came(report: ChildReported) -> str:
    """For the parent's model: how it ended, and what it left."""
    parts = [f"{report.child}: {report.outcome.value}{f', {report.reason}' if report.reason else ''}"]
    if report.files:
        more = f" and {len(report.files) - NAMED} more" if len(report.files) > NAMED else ""
        size = f"(+{report.added} -{report.removed})"
        named = ", ".join(report.files[:NAMED])
        parts.append(f"it changed {named}{more} {size} in its own tree: see take_result")
    if report.checked is not None:
        parts.append("the project's checks passed on it" if report.checked else "the project's checks failed on it")
    return "; ".join(parts)


def _left(cap: int | Decimal | None, used: int | Decimal, reserved: Sequence[int | Decimal | None]) -> Any:
    return None if cap is None else max(cap - used - sum(one or 0 for one in reserved), 0)


def _least(*caps: Any) -> Any:
    return min((cap for cap in caps if cap is not None), default=None)
