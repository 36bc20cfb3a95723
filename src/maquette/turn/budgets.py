"""Whether a turn may spend more: asked before each request, by what that is expected to take.

What is spent comes from the log, so all workers count the same. What is asked elsewhere right now isn't in it yet.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from maquette.domain.automations import Terms
from maquette.domain.budgets import Cap, Spent, tighter
from maquette.domain.events import LimitReached
from maquette.domain.messages import Usage
from maquette.domain.projects import BASE, Budget, Project
from maquette.kinds.providers import Provider
from maquette.store import Store
from maquette.store.projections import budgets
from maquette.turn.compaction import size
from maquette.turn.fold import Place

NONE_FOR = 2.0
"""Seconds for which it is believed that there are no caps, before the log is asked again."""
ANSWER = 500
"""Tokens that a first answer is expected to have."""
PER_TOKEN = 4
"""Characters, where nothing was counted yet."""
TOOLS = 4_000
"""Characters of a request beside its instructions and messages."""
ASKS = (
    "[{} This is your last answer in this turn: nothing you call is run any more. Say in plain words what is done, "
    "what you checked and what is left, so that somebody can go on from there.]"
)
TURNED_DOWN = "Not run: the budget is used up."


@dataclass
class Allowance:
    """What one turn is allowed. `given`: caps of each turn, set for its thread, its project and its automation."""

    store: Store
    thread: str
    project: Project
    given: Budget
    terms: Terms | None = None
    _believed: float = field(default=0.0)

    async def reached(self, place: Place, provider: Provider, model: str, running: float) -> LimitReached | None:
        """What keeps the next request from being made; `running`: seconds of work that no answer tells of yet."""
        bound = await self._bound()
        mine = Cap(
            of=self.thread, per="turn", budget=tighter(self.given, *(c.budget for c, _ in bound if c.per == "turn"))
        )
        turn = Spent(steps=place.step, tokens=place.tokens, money=place.money, seconds=place.seconds)
        pairs = [(mine, turn), *((cap, spent) for cap, spent in bound if cap.per != "turn")]
        if all(cap.budget == Budget() for cap, _ in pairs):
            return None
        tokens, price = await _expected(
            place, provider, model, priced=any(c.budget.money is not None for c, _ in pairs)
        )
        checked = [_Checked(cap, spent, tokens, price, running) for cap, spent in pairs]
        told = next((told for one in checked if (told := one.reached(last=place.step > 0))), None)
        if told is None:
            return None
        said = f"{told[0]} {self._mend(told[1])}"
        last = place.step > 0 and all(one.leaves_one for one in checked)
        return LimitReached(
            turn=place.turn or "", step=place.step, told=said, asks=ASKS.format(told[0]) if last else ""
        )

    async def _bound(self) -> Sequence[tuple[Cap, Spent]]:
        now = time.monotonic()
        if now < self._believed:
            return ()
        found = await self.store.query(budgets.binding, self.thread, self.project.id)
        if self.terms is not None and self.terms.manifest.daily != Budget():
            daily = Cap(of=self.terms.automation, per="day", budget=self.terms.manifest.daily, zone=self.terms.zone)
            found = [*found, (daily, await self.store.query(budgets.of_automation, daily))]
        self._believed = 0.0 if found else now + NONE_FOR
        return found

    def _mend(self, cap: Cap) -> str:
        if cap.per == "turn":
            return "Raise it and resume, or take what is there."
        if self.terms is not None and cap.of == self.terms.automation:
            return "Let the automation cost more in a day, or wait for tomorrow."
        whose = {self.thread: f" --thread {self.thread}", self.project.id: f" -p {self.project.name}"}.get(cap.of, "")
        waits = ", or resume tomorrow" if cap.per == "day" else ""
        return f"Raise it (`maquette budget … --per {cap.per}{whose}`, or on the page Costs) and resume{waits}."


@dataclass(frozen=True)
class _Checked:
    """One cap, what is spent of it, and what the next request is expected to take. `price`: None when nobody knows."""

    cap: Cap
    spent: Spent
    tokens: int
    price: Decimal | None
    running: float

    def reached(self, *, last: bool) -> tuple[str, Cap] | None:
        """What is used up, in a sentence. `last`: there has to be room for a last answer beside the next."""
        budget, spent, times = self.cap.budget, self.spent, 2 if last else 1
        price = self.price or Decimal(0)
        if budget.steps is not None and spent.steps >= budget.steps:
            return self._said(f"{budget.steps} steps", "")
        if budget.seconds is not None and spent.seconds + self.running >= budget.seconds:
            return self._said(f"{budget.seconds:g} seconds", f"{spent.seconds + self.running:.0f} seconds")
        if budget.tokens is not None and spent.tokens + times * self.tokens > budget.tokens:
            used = f"{spent.tokens:,} tokens; the next request would take about {self.tokens:,}"
            return self._said(f"{budget.tokens} tokens", used)
        if budget.money is not None and (spent.money >= budget.money or spent.money + times * price > budget.money):
            costs = f"would cost about ${price:.4f}" if self.price is not None else "has a price that nobody knows"
            return self._said(f"${budget.money}", f"${spent.money:.4f}; the next request {costs}")
        return None

    def _said(self, cap: str, spent: str) -> tuple[str, Cap]:
        whose = {
            "turn": "Its budget of {}",
            "thread": "This thread's budget of {}",
            "project": "The project's budget of {}",
            "day": "The budget of {} a day",
        }[self.cap.per].format(cap)
        far = "" if self.cap.of == BASE or self.cap.per != "day" else " here"
        return f"{whose}{far} is used up{f' ({spent})' if spent else ''}.", self.cap

    @property
    def leaves_one(self) -> bool:
        """Whether one more request may be made, for a last answer: steps and time don't keep from that."""
        budget = self.cap.budget
        tokens = budget.tokens is None or self.spent.tokens + self.tokens <= budget.tokens
        return tokens and (budget.money is None or self.spent.money + (self.price or 0) <= budget.money)


async def _expected(place: Place, provider: Provider, model: str, *, priced: bool) -> tuple[int, Decimal | None]:
    """Tokens and price of the next request with its answer, by what the last had and what came since."""
    last = place.last
    if last is not None and place.counts:
        new = 0
        for message in reversed(place.messages):
            if message is last.answer:
                break
            new += size([message])
        usage = last.usage
        read, cached, said = (
            usage.input + usage.output + new // PER_TOKEN,
            usage.input if usage.cached else 0,
            usage.output,
        )
    else:
        read = (size(place.messages) + len(place.instructions or "") + TOOLS) // PER_TOKEN
        cached, said = 0, ANSWER
    expected = Usage(input=read, cached=cached, output=said)
    price = await asyncio.to_thread(provider.price, model, expected) if priced else None
    return read + said, price
