"""Decisions: pick an attempt, define what came of an exploration, and keep the project's taste."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from maquette.actions import attempts, explorations, projects
from maquette.actions.home import Home
from maquette.curation import foreseeing
from maquette.domain.errors import Refused
from maquette.domain.events import DecisionChanged, DecisionMade, DefinitionWritten
from maquette.domain.explorations import JOINED, Attempt, Decision, Definition
from maquette.domain.ids import new_id
from maquette.domain.labels import PERSON
from maquette.domain.votes import Facet
from maquette.store.explorations import votes as cast_in
from maquette.store.projections import decisions as stored


async def pick(
    home: Home,
    exploration: str,
    number: int,
    reason: str,
    *,
    facet: Facet | None = None,
    feature: str = "",
) -> Decision:
    """Choose one, and say why: a decision of the project's taste, with the definition of what was chosen.

    Refused: `no-reason`, `unknown-attempt`.
    """
    at = await explorations.find(home, exploration)
    chosen = await attempts.find(home, at.id, number)
    _reasoned(reason)
    others = [one for one in await explorations.listed(home, at.id) if one.number != number]
    kept = _options(chosen)
    cut = dict.fromkeys(option for one in others for option in _options(one))
    definition = Definition(
        goal=at.brief.question,
        feature=feature or _feature(chosen.evidence.files if chosen.evidence else ()),
        kept=kept,
        cut=tuple(option for option in cut if option not in kept),
        why=reason.strip(),
    )
    id = new_id("decision")
    made = DecisionMade(id=id, project=at.project, reason=reason.strip(), facet=facet, attempt=number, label=PERSON)
    await home.store.log.append(at.id, made, DefinitionWritten(definition=definition, label=PERSON))
    return (await home.store.query(stored.decision, id))[0]


async def define(home: Home, exploration: str, definition: Definition) -> Definition:
    """Put what an exploration comes to better than the rule did."""
    at = await explorations.find(home, exploration)
    await home.store.log.append(at.id, DefinitionWritten(definition=definition, label=PERSON))
    return definition


async def decide(home: Home, project: str, reason: str, *, facet: Facet | None = None) -> Decision:
    """A decision that no exploration was needed for. Refused: `no-reason`."""
    of = await projects.resolve(home, project)
    _reasoned(reason)
    id = new_id("decision")
    made = DecisionMade(id=id, project=of.id, reason=reason.strip(), facet=facet, label=PERSON)
    await home.store.log.append(of.id, made)
    return (await home.store.query(stored.decision, id))[0]


async def change(
    home: Home, id: str, *, reason: str | None = None, facet: Facet | None = None, withdrawn: bool | None = None
) -> Decision:
    """Put it otherwise; its former versions stay in the log. Refused: `unknown-decision`."""
    _, stream = await home.store.query(stored.decision, id)
    if reason is not None:
        _reasoned(reason)
    changed = DecisionChanged(id=id, reason=reason, facet=facet, withdrawn=withdrawn, label=PERSON)
    await home.store.log.append(stream, changed)
    return (await home.store.query(stored.decision, id))[0]


async def taste(home: Home, project: str, *, withdrawn: bool = False) -> list[Decision]:
    """A project's decisions, in order."""
    of = await projects.resolve(home, project)
    return await home.store.query(stored.taste, of.id, withdrawn=withdrawn)


@dataclass(frozen=True)
class Foreseen:
    """How well what was known before foresaw people's votes in a project. `by`: a model, or "" for earlier votes."""

    by: str
    right: int
    of: int
    low: float
    high: float
    says: str


async def foreseen(home: Home, project: str) -> list[Foreseen]:
    """Over all of its explorations: by earlier votes, and by each model that judged with the taste at hand before a
    person voted. Those that rest on too few votes are left out.
    """
    votes = [await home.store.query(cast_in, one.id) for one in await explorations.every(home, project)]
    found = await asyncio.to_thread(foreseeing.by_all, votes)
    told = [(by, one, foreseeing.told(by or "What was voted before", one)) for by, one in found.items()]
    return [Foreseen(by, one.agreed, one.of, *one.interval, says) for by, one, says in told if says]


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise Refused("Say why: a decision without a reason teaches nobody anything.", code="no-reason")


def _options(attempt: Attempt) -> tuple[str, ...]:
    """What an attempt stands for; a fold for several."""
    said = attempt.plan.approach or attempt.source.name or f"attempt {attempt.number}"
    return tuple(said.split(JOINED))


def _feature(files: tuple[str, ...]) -> str:
    """The folder that most of what it changed lies in."""
    tops = [file.rpartition("/")[0] or file for file in files]
    return max(tops, key=tops.count) if tops else ""
