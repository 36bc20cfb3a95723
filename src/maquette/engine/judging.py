"""Models judge as the log says: pair after pair, each in both orders, until all were asked or the budget is used up.

Each answer is committed as it comes, so a base that was killed asks for what is missing and for nothing twice. A
request that came to nothing is committed as well, and counts against the budget with what it may have taken. Where the
model isn't available, the log says so and until when it is waited: nobody sleeps over it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import takewhile

from maquette.curation import asking, judges
from maquette.curation.judges import Question
from maquette.domain.budgets import Spent, spent_up
from maquette.domain.errors import MaquetteError, Refused, Unavailable, Unspent
from maquette.domain.events import Entry, JudgeAnswered, JudgeFailed, JudgingAsked, JudgingEnded, VoteCast
from maquette.domain.explorations import Attempt, Exploration
from maquette.domain.messages import Usage
from maquette.domain.votes import Facet, Judge, Vote
from maquette.engine.looking import Looking
from maquette.kinds.providers import Provider, Request
from maquette.store import Store, explorations
from maquette.store.projections import budgets, decisions, projects
from maquette.turn import retries
from maquette.turn.counting import expected, taken
from maquette.turn.judging import SAID, Bench, Shown, pictures_in
from maquette.workspace import Workspace

LARGEST = 4 << 20
"""Bytes of a picture that is shown."""
UNSEEN = ("bad-request", "context-overflow")
"""How a request is refused for its pictures, by a model that can't look at them or has no room for them."""
LATER = "It was tried for a while. Have it compare again to go on: what it compared stays."
USED_UP, TURNED = "Its budget is used up.", "With sides changed it said otherwise."


@dataclass(frozen=True)
class _Waits:
    """Of a model that wasn't available: how often since it last answered, since when, and until when it is waited."""

    failures: int
    since: datetime
    until: datetime


@dataclass
class _Sitting:
    """One judging, as far as it is; `answers` and `failed` grow."""

    at: Exploration
    asked: JudgingAsked
    answers: list[JudgeAnswered]
    failed: list[JudgeFailed]
    waits: _Waits | None

    @property
    def sees(self) -> bool:
        """Whether its model can look at pictures, as far as is known."""
        return not any(one.pictures for one in self.failed)

    @property
    def spent(self) -> Spent:
        """What a request took that came to nothing is our own count."""
        took = [one.usage for one in (*self.answers, *(one for one in self.failed if one.usage != Usage()))]
        return Spent(
            steps=len(took),
            tokens=sum(one.input + one.output for one in took),
            money=sum((one.price or Decimal(0) for one in took), Decimal(0)),
            seconds=sum(one.worked for one in (*self.answers, *self.failed)),
        )

    def pause(self, asked: float | None) -> float | None:
        """How long to wait after one more failure; None: no longer."""
        since = (datetime.now(UTC) - self.waits.since).total_seconds() if self.waits else 0.0
        return retries.pause((self.waits.failures if self.waits else 0) + 1, asked, since)


class Judging(Looking):
    TELLING = (JudgingAsked,)
    AGAIN = 5.0

    def __init__(self, store: Store, providers: Mapping[str, Provider], workspace: Workspace) -> None:
        super().__init__(store.log)
        self._store, self._providers, self._workspace = store, providers, workspace

    async def see_to_all(self) -> None:
        for exploration in await self._store.query(explorations.judged):
            await self._see_to(exploration)

    async def _see_to(self, at: Exploration) -> None:
        """One whose model is waited for is left alone until then, so that others go on."""
        entries = await asyncio.to_thread(self._store.log.read, at.id)
        events = [entry.event for entry in entries]
        asked = next(event for event in events if isinstance(event, JudgingAsked) and event.id == at.judging)
        waits = _waits(entries, asked.id)
        if waits is not None and (left := (waits.until - datetime.now(UTC)).total_seconds()) > 0:
            self.look_later(left)
            return
        answers = [one for one in events if isinstance(one, JudgeAnswered) and one.judging == asked.id]
        failed = [one for one in events if isinstance(one, JudgeFailed) and one.judging == asked.id]
        why = ""
        try:
            if not await self._judge(_Sitting(at, asked, answers, failed, waits)):
                return
        except MaquetteError as error:
            why = str(error)
        votes = sum(_vote(one) is not None for one in _by_pair(answers).values())
        await self._store.log.append(at.id, JudgingEnded(judging=asked.id, votes=votes, why=why))

    async def _judge(self, of: _Sitting) -> bool:
        """Whether it came to an end; else its model is waited for. Raises what keeps it from going on."""
        at, asked, answers = of.at, of.asked, of.answers
        provider = self._providers.get(asked.model.partition(":")[0])
        if provider is None:
            raise Refused(f"{asked.model} can't be reached any more.", code="unknown-model")
        taste = await self._store.query(decisions.taste, at.project)
        bench = Bench(asked.id, asked.model, provider, at.brief, taste)
        while (pair := await self._next(at, asked, answers)) is not None:
            two = [await self._shown(at, one) for one in pair]
            straight, turned = judges.questions(str(pair[0].number), str(pair[1].number), asked.facet)
            for question, (first, second) in ((straight, two), (turned, two[::-1])):
                if any(str(one.first) == question.first and str(one.second) == question.second for one in answers):
                    continue  # before it was killed
                answer = await self._answered(of, bench, question, first, second)
                if answer is None:
                    return False
                of.waits = None
                answers.append(answer)
                vote = _vote(_by_pair(answers)[_key(answer)])
                await self._store.log.append(at.id, answer, *([vote] if vote else []))
        return True

    async def _answered(
        self, of: _Sitting, bench: Bench, question: Question, first: Shown, second: Shown
    ) -> JudgeAnswered | None:
        """Where a model can't look at pictures, it is asked without any, from then on. None: it is asked later."""
        request = bench.request(question, first, second, seen=of.sees)
        await self._check(of, bench, request)
        began = time.monotonic()
        try:
            return await bench.ask(question, request)
        except (Refused, Unavailable) as error:
            seen = pictures_in(request) if isinstance(error, Refused) and error.code in UNSEEN else 0
            wait = of.pause(error.retry_after) if isinstance(error, Unavailable) else None
            took = Usage() if isinstance(error, Unspent) else await taken(bench.provider, request)
            failed = JudgeFailed(
                judging=of.asked.id,
                first=int(question.first),
                second=int(question.second),
                pictures=seen,
                usage=took,
                worked=round(time.monotonic() - began, 3),
                reason=str(error),
                wait=wait,
            )
            of.failed.append(failed)
            await self._store.log.append(of.at.id, failed)
            if wait is not None:
                self.look_later(wait)
                return None
            if isinstance(error, Unavailable):
                raise Unavailable(f"{error} {LATER}") from error
            if not seen:
                raise
        return await self._answered(of, bench, question, first, second)

    async def _next(
        self, at: Exploration, asked: JudgingAsked, answers: Sequence[JudgeAnswered]
    ) -> tuple[Attempt, Attempt] | None:
        """The pair that is asked about now: one that was half asked about, then what people compared, so that it is
        known how far this judge can be believed, then what tells most.
        """
        known = {str(one.number): one for one in await self._store.query(explorations.attempts, at.id)}
        items = [name for name, one in known.items() if one.evidence and not one.shelved]
        begun = _by_pair(answers)
        for one, *rest in begun.values():
            if not rest and {str(one.first), str(one.second)} <= set(items):
                return known[str(one.first)], known[str(one.second)]
        if len(begun) >= asked.pairs or len(items) < 2:
            return None
        votes = await self._store.query(explorations.votes, at.id)
        done = {vote.pair for vote in votes if vote.judge == _judge(asked.model) and vote.facet == asked.facet}
        for one, two in await self._wanted(items, votes, asked.facet):
            if tuple(sorted((one, two))) not in done | begun.keys():
                return known[one], known[two]
        return None

    async def _wanted(
        self, items: Sequence[str], votes: Sequence[Vote], facet: Facet | None
    ) -> Iterable[tuple[str, str]]:
        people = [vote for vote in reversed(votes) if vote.judge.kind == "person" and vote.facet == facet]
        compared = [(one.left, one.right) for one in people if {one.left, one.right} <= set(items)]
        ranking = await asyncio.to_thread(judges.ranked_by, items, votes, None, facet)
        telling = await asyncio.to_thread(asking.next_pairs, ranking, len(items))
        first = [place.item for place in ranking.places]
        return [*compared, *telling, *((one, two) for n, two in enumerate(first) for one in first[:n])]

    async def _shown(self, at: Exploration, attempt: Attempt) -> Shown:
        assert attempt.evidence is not None
        project = await self._store.query(projects.project, at.project)
        diff = await self._workspace.diff(attempt.thread, project, attempt.evidence.commit)
        blob = next((one.small or one.blob for one in attempt.evidence.pictures if one.blob), "")
        held = await self._workspace.contents(project, [blob], LARGEST) if blob else {}
        return Shown(attempt.evidence, diff, held.get(blob, b""))

    async def _check(self, of: _Sitting, bench: Bench, request: Request) -> None:
        """Before a request: whether it may be made, by what is spent and what it is expected to take."""
        budget, spent, read = of.asked.budget, of.spent, expected(request)
        if spent_up(budget, spent) or (budget.tokens is not None and spent.tokens + read + SAID > budget.tokens):
            raise Refused(USED_UP, code="budget")
        if budget.money is not None:
            price = await asyncio.to_thread(bench.provider.price, request.model, Usage(input=read, output=SAID))
            if price is None or spent.money + price > budget.money:
                raise Refused(USED_UP if price is not None else "Nobody knows what it costs.", code="budget")
        for cap, used in await self._store.query(budgets.binding, of.at.id, of.at.project):
            if cap.per != "turn" and spent_up(cap.budget, used):
                raise Refused(
                    f"The budget {'of a day' if cap.per == 'day' else 'of the project'} is used up.", code="budget"
                )


def _waits(entries: Sequence[Entry], judging: str) -> _Waits | None:
    """Of the failures since it last answered, if it is waited for."""
    of = [one for one in entries if isinstance(one.event, JudgeAnswered | JudgeFailed) and one.event.judging == judging]
    failed = [*takewhile(lambda one: isinstance(one.event, JudgeFailed) and one.event.wait is not None, reversed(of))]
    if not failed or not isinstance(last := failed[0].event, JudgeFailed):
        return None
    return _Waits(len(failed), failed[-1].at, failed[0].at + timedelta(seconds=last.wait or 0))


def _judge(model: str) -> Judge:
    return Judge(name=model, kind="model")


def _key(one: JudgeAnswered) -> tuple[str, str]:
    low, high = sorted((str(one.first), str(one.second)))
    return low, high


def _by_pair(answers: Sequence[JudgeAnswered]) -> dict[tuple[str, str], list[JudgeAnswered]]:
    found: dict[tuple[str, str], list[JudgeAnswered]] = {}
    for one in answers:
        found.setdefault(_key(one), []).append(one)
    return found


def _vote(answers: Sequence[JudgeAnswered]) -> VoteCast | None:
    """What two answers come to; None where one is missing, or fits no form."""
    if len(answers) < 2 or answers[0].answer is None or answers[1].answer is None:
        return None
    straight, turned = answers
    question = Question(str(straight.first), str(straight.second), straight.facet)
    vote = judges.joined(_judge(straight.model), question, answers[0].answer, answers[1].answer, straight.reason)
    if vote.choice == "both" and straight.answer != "both":
        vote = vote.model_copy(update={"reason": TURNED})
    return VoteCast(vote=vote, label=straight.label.join(turned.label))
