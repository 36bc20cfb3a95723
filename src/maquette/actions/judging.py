"""Judging: a model compares attempts when a person has it do so; who voted how often, and agrees with people."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from maquette.actions import attempts, explorations, projects, roles, votes
from maquette.actions.home import Home
from maquette.curation import judges
from maquette.domain.errors import Refused
from maquette.domain.events import JudgeAnswered, JudgeFailed, JudgingAsked, JudgingEnded
from maquette.domain.explorations import Exploration
from maquette.domain.ids import new_id
from maquette.domain.labels import PERSON
from maquette.domain.projects import Budget
from maquette.domain.roles import Role
from maquette.domain.votes import Facet, Judge, Vote
from maquette.store import Conflict

PAIRS, MOST = 10, 200
TOKENS = 200_000
"""What one judging may take where nobody says otherwise."""


@dataclass(frozen=True)
class Judged:
    """One who votes. Of a model `says` how often it agrees with people, from `low` to `high` with 95 % confidence;
    `weight`: what its vote counts beside a person's.
    """

    name: str
    kind: Literal["person", "model"]
    votes: int
    agreed: int
    of: int
    low: float
    high: float
    weight: float
    says: str


@dataclass(frozen=True)
class Last:
    """`votes` so far of the `pairs` that were asked for; `why` it ended before them, or "". `tokens` with those of
    requests that came to nothing.
    """

    model: str
    pairs: int
    votes: int
    under_way: bool
    tokens: int
    why: str
    waits: str
    """Why it is waiting for its model, or ""."""


@dataclass(frozen=True)
class Bench:
    """Who votes, and how far the judging is that was asked for last; None: none ever was."""

    judges: tuple[Judged, ...]
    last: Last | None
    can: str | None
    """The model that can be asked to compare."""


async def ask(
    home: Home, exploration: str, pairs: int = PAIRS, *, facet: Facet | None = None, budget: Budget | None = None
) -> Exploration:
    """Have the reviewer compare so many pairs; it begins by itself. Refused: `no-reviewer`, `nothing-to-rank`,
    `too-many`, `judging-already`.
    """
    if not 0 < pairs <= MOST:
        raise Refused(f"Have it compare 1 to {MOST} pairs.", code="too-many")
    at = await explorations.find(home, exploration)
    position = await asyncio.to_thread(home.store.log.last, at.id)
    at = await explorations.find(home, at.id)
    known = [one for one in await explorations.listed(home, at.id) if one.evidence and not one.shelved]
    if len(known) < 2:
        raise Refused("Two attempts with a result make a pair; there aren't two yet.", code="nothing-to-rank")
    if at.judging:
        raise Refused("A model is at it already: `maquette explore judges` says how far.", code="judging-already")
    given, reviewer = await _reviewer(home, at)
    if reviewer is None:
        why = f"Of {', '.join(given)}, none can be asked now" if given else "No model has the role of the reviewer"
        raise Refused(f"{why}: `maquette models --role reviewer MODEL`. Rules can't judge.", code="no-reviewer")
    asked = JudgingAsked(
        id=new_id("judging"),
        model=reviewer,
        pairs=pairs,
        facet=facet,
        budget=budget or Budget(tokens=TOKENS),
        label=PERSON,
    )
    try:
        await home.store.log.append(at.id, asked, expected=position)
    except Conflict:  # a vote, say; or somebody else asked for the same
        return await ask(home, at.id, pairs, facet=facet, budget=budget)
    return await explorations.find(home, at.id)


async def _reviewer(home: Home, at: Exploration) -> tuple[Sequence[str], str | None]:
    """Who has the role, and the first of them that can be asked now."""
    given = (await roles.listed(home, await projects.resolve(home, at.project))).get(Role.REVIEWER, ())
    for name in given:
        provider = home.providers.get(name.partition(":")[0])
        state = provider.connected() if provider else None
        if state and state.ready and not state.is_rules and not state.silent:
            return given, name
    return given, None


async def bench(home: Home, exploration: str) -> Bench:
    """Who voted in it, people first."""
    at = await explorations.find(home, exploration)
    said = votes.latest(await votes.listed(home, at.id))
    found = [_judged(judge, said) for judge in dict.fromkeys(vote.judge for vote in said)]
    found.sort(key=lambda one: (one.kind == "model", -one.votes))
    return Bench(tuple(found), await _last(home, at), (await _reviewer(home, at))[1])


def _judged(judge: Judge, said: Sequence[Vote]) -> Judged:
    count = sum(vote.judge == judge for vote in said)
    if judge.kind == "person":
        return Judged(judge.name, "person", count, 0, 0, 0.0, 1.0, 1.0, "")
    found = judges.agreement(judge, said)
    return Judged(judge.name, "model", count, found.agreed, found.of, *found.interval, found.weight, str(found))


async def _last(home: Home, at: Exploration) -> Last | None:
    events = await attempts.history(home, at.id)
    asked = next((event for event in reversed(events) if isinstance(event, JudgingAsked)), None)
    if asked is None:
        return None
    answers = [event for event in events if isinstance(event, JudgeAnswered) and event.judging == asked.id]
    ended = next((one for one in events if isinstance(one, JudgingEnded) and one.judging == asked.id), None)
    failed = [event for event in events if isinstance(event, JudgeFailed) and event.judging == asked.id]
    tokens = sum(one.usage.input + one.usage.output for one in (*answers, *failed))
    votes_ = ended.votes if ended else len(answers) // 2
    newest = next((one for one in reversed(events) if one in answers or one in failed), None) if not ended else None
    waits = newest.reason if isinstance(newest, JudgeFailed) and newest.wait is not None else ""
    return Last(asked.model, asked.pairs, votes_, ended is None, tokens, ended.why if ended else "", waits)
