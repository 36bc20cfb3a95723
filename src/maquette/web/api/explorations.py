"""Explorations: begin one, look, bring one's own, vote, pick, keep the taste.

An exploration is named by its id, by four or more of its last characters, or as `latest`; an attempt by its number.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from maquette.actions import attempts, decisions, explorations, foldings, folds, groups, shelves, suggestions, votes
from maquette.curation.grouping import By
from maquette.domain.errors import Refused
from maquette.domain.events import Merged
from maquette.domain.explorations import (
    MOST,
    Attempt,
    Decision,
    Definition,
    Exploration,
    Film,
    Medium,
    Regained,
    View,
)
from maquette.domain.folds import Span, Take
from maquette.domain.labels import Fact
from maquette.domain.projects import Budget
from maquette.domain.stages import Risk, Stage
from maquette.domain.votes import Choice, Facet, Vote
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("explorations")
Count = Annotated[int, Field(ge=0, le=MOST)]
KEPT = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
"""Of a picture, whose address names what it shows."""


class NewExploration(Fact):
    """What is left out is chosen by rule: the medium by the question, checks and model by the project, what is looked
    at by the page it begins with. `probes`: run on each, to see how it behaves. `budget`: of all attempts together.
    """

    question: str
    project: str | None = None
    attempts: Count = 6
    medium: Medium | None = None
    base: str = "HEAD"
    models: tuple[str, ...] = ()
    approaches: tuple[str, ...] = ()
    checks: tuple[str, ...] | None = None
    probes: tuple[str, ...] = ()
    preview: str = ""
    views: tuple[View, ...] | None = None
    film: Film | None = None
    budget: Budget = Budget()
    at_once: Annotated[int, Field(ge=1, le=MOST)] = explorations.AT_ONCE


class More(Fact):
    """So many attempts more; of the same models and approaches, where none are named."""

    attempts: Count
    models: tuple[str, ...] = ()
    approaches: tuple[str, ...] = ()


class Setting(Fact):
    """What is left out stays."""

    at_once: Annotated[int, Field(ge=1, le=MOST)] | None = None
    budget: Budget | None = None


class Why(Fact):
    """The reason; empty, where it takes back that something was put on the shelf."""

    why: str = ""


class Again(Fact):
    """A model to try what is on the shelf; `budget` is that of each attempt, else as it was."""

    model: str
    budget: Budget | None = None


class Bringing(Fact):
    """`name` of a branch or thread, or the absolute path of a folder; a patch's or archive's bytes as base64 `data`."""

    kind: attempts.Kind
    name: str
    data: str = ""


class Shown(Fact):
    """An exploration with its attempts, by number."""

    exploration: Exploration
    attempts: tuple[Attempt, ...]


def _said(take: object) -> object:
    """As it is typed: `7:index.html:0,2`."""
    return Take.said(take) if isinstance(take, str) else take


class Folding(Fact):
    """`into` is what the fold begins with; a take is also what is typed of one: `7:index.html:0,2`."""

    into: int
    takes: tuple[Annotated[Take, BeforeValidator(_said)], ...]


class NewVote(Fact):
    """`because` is needed where neither will do."""

    left: int
    right: int
    choice: Choice
    facet: Facet | None = None
    because: str = ""


class Closing(Fact):
    """A risk, and on what evidence it is closed."""

    risk: Risk
    evidence: str


class Moving(Fact):
    """To a stage, and why."""

    stage: Stage
    reason: str


class Picking(Fact):
    """Why this one; `feature` is what it belongs to, else the folder that it changes most of."""

    reason: str
    facet: Facet | None = None
    feature: str = ""


class NewDecision(Fact):
    """One that no exploration was needed for."""

    project: str
    reason: str
    facet: Facet | None = None


class ChangedDecision(Fact):
    """What is left out stays."""

    reason: str | None = None
    facet: Facet | None = None
    withdrawn: bool | None = None


class MergingAttempt(Fact):
    """As of any result."""

    unchecked: bool = False
    acting: bool = False


@router.get("/explorations")
async def list_explorations(home: Here, project: str | None = None) -> list[Exploration]:
    """In which something last happened first."""
    return await explorations.every(home, project)


@router.post("/explorations", status_code=201)
async def start_exploration(home: Here, new: NewExploration) -> Exploration:
    """Its attempts begin by themselves, so many at a time."""
    given = {name: getattr(new, name) for name in type(new).model_fields}
    return await explorations.start(home, explorations.Wish(**given))


@router.get("/explorations/{exploration}")
async def show_exploration(home: Here, exploration: str) -> Shown:
    """With its attempts, and what is known of each."""
    at = await explorations.find(home, exploration)
    return Shown(exploration=at, attempts=tuple(await explorations.listed(home, at.id)))


@router.patch("/explorations/{exploration}")
async def set_exploration(home: Here, exploration: str, setting: Setting) -> Exploration:
    """How many attempts are at work at a time, and what all may spend."""
    return await explorations.change(home, exploration, at_once=setting.at_once, budget=setting.budget)


@router.post("/explorations/{exploration}/extend")
async def extend_exploration(home: Here, exploration: str, more: More) -> Exploration:
    """More attempts at the same question."""
    return await explorations.extend(home, exploration, more.attempts, models=more.models, approaches=more.approaches)


@router.post("/explorations/{exploration}/shelve")
async def shelve_exploration(home: Here, exploration: str, why: Why) -> Exploration:
    """Away for now, with the reason and the checks that nothing in it passes; without a reason: back again."""
    return await explorations.shelve(home, exploration, why.why)


@router.post("/explorations/{exploration}/relaunch")
async def relaunch(home: Here, exploration: str, again: Again) -> Exploration:
    """What is on its shelf is tried again by another model."""
    return await shelves.relaunch(home, exploration, again.model, again.budget)


@router.get("/explorations/{exploration}/regained")
async def list_regained(home: Here, exploration: str) -> list[Regained]:
    """What passes now that didn't when it was shelved."""
    return await shelves.regained(home, exploration)


@router.get("/explorations/{exploration}/noticed")
async def noticed(home: Here, exploration: str) -> list[explorations.Likeness]:
    """Threads and branches that seem to attempt the same, by their words."""
    return await explorations.noticed(home, exploration)


@router.post("/explorations/{exploration}/attempts", status_code=201)
async def bring_attempt(home: Here, exploration: str, bringing: Bringing) -> Attempt:
    """A person's own branch, folder, patch, archive or thread, looked at as all others are."""
    try:
        data = b64decode(bringing.data, validate=True)
    except ValueError as error:
        raise Refused("`data` is no base64.", code="bad-data") from error
    return await attempts.bring(home, exploration, bringing.kind, bringing.name, data)


@router.post("/explorations/{exploration}/fold", status_code=201)
async def fold_attempts(home: Here, exploration: str, folding: Folding) -> Attempt:
    """A new attempt: one, with what others changed; three-way, all or nothing."""
    return await folds.fold(home, exploration, folding.into, folding.takes)


@router.get("/explorations/{exploration}/fold")
async def plan_fold(
    home: Here, exploration: str, into: int | None = None, take: Annotated[tuple[str, ...] | None, Query()] = None
) -> foldings.Plan:
    """What would come of a fold, and what there is to be taken; without `take` a plan is proposed, without `into` the
    best is begun with.
    """
    takes = None if take is None else foldings.together(take)
    return await foldings.planned(home, exploration, into, takes)


@router.get("/explorations/{exploration}/difference")
async def difference(home: Here, exploration: str, left: int, right: int) -> str:
    """What would have to be changed of the left one for it to be the right one, as a diff."""
    return await attempts.difference(home, exploration, left, right)


@router.get("/explorations/{exploration}/attempts/{number}/lines")
async def lines(home: Here, exploration: str, number: int) -> dict[str, tuple[Span, ...]]:
    """Of each text that isn't as at the base, where its lines are from, in order."""
    return {path: one.spans for path, one in (await folds.origins(home, exploration, number)).items()}


@router.get("/explorations/{exploration}/map")
async def show_map(home: Here, exploration: str) -> Sequence[groups.Spot]:
    """Where each attempt is on a map, about its origin: near is alike; and which it is most like."""
    return await groups.spots(home, exploration)


@router.get("/explorations/{exploration}/attempts/{number}")
async def show_attempt(home: Here, exploration: str, number: int) -> Attempt:
    """With what is known of its result."""
    return await attempts.find(home, exploration, number)


@router.get("/explorations/{exploration}/attempts/{number}/pictures/{which}", response_class=Response)
async def picture(home: Here, exploration: str, number: int, which: int, small: bool = False) -> Response:
    """A PNG of one of its views, by its place among them, from 0; `small`: of its top, 480 pixels wide."""
    png = await attempts.picture(home, exploration, number, which, small=small)
    return Response(png, media_type="image/png", headers=KEPT)


@router.get("/explorations/{exploration}/attempts/{number}/frames/{which}", response_class=Response)
async def frame(home: Here, exploration: str, number: int, which: int) -> Response:
    """A PNG of its film, 480 pixels wide, by its place in that, from 0."""
    png = await attempts.frame(home, exploration, number, which)
    return Response(png, media_type="image/png", headers=KEPT)


@router.post("/explorations/{exploration}/attempts/{number}/stop")
async def stop_attempt(home: Here, exploration: str, number: int, why: Why) -> Attempt:
    """It isn't begun, or is broken off; what it made is kept."""
    return await attempts.stop(home, exploration, number, why.why)


@router.post("/explorations/{exploration}/attempts/{number}/go-on")
async def go_on_with_attempt(home: Here, exploration: str, number: int) -> Attempt:
    """What was stopped is taken up where it was; it isn't stopped as anybody's twin again."""
    return await attempts.go_on(home, exploration, number)


@router.post("/explorations/{exploration}/attempts/{number}/shelve")
async def shelve_attempt(home: Here, exploration: str, number: int, why: Why) -> Attempt:
    """Away for now, with the reason and the checks that it failed; without a reason: back again."""
    return await attempts.shelve(home, exploration, number, why.why)


@router.post("/explorations/{exploration}/attempts/{number}/risks")
async def close_risk(home: Here, exploration: str, number: int, closing: Closing) -> Attempt:
    """Say that a risk is closed, and on what evidence."""
    return await attempts.close_risk(home, exploration, number, closing.risk, closing.evidence)


@router.post("/explorations/{exploration}/attempts/{number}/stage")
async def move_attempt(home: Here, exploration: str, number: int, moving: Moving) -> Attempt:
    """To another stage, once the risks are closed that it must not have there."""
    return await attempts.move(home, exploration, number, moving.stage, moving.reason)


@router.post("/explorations/{exploration}/attempts/{number}/pick")
async def pick_attempt(home: Here, exploration: str, number: int, picking: Picking) -> Decision:
    """Choose it: a decision of the project's taste, and the definition of what was chosen."""
    return await decisions.pick(home, exploration, number, picking.reason, facet=picking.facet, feature=picking.feature)


@router.post("/explorations/{exploration}/attempts/{number}/merge")
async def merge_attempt(home: Here, exploration: str, number: int, how: MergingAttempt) -> Merged:
    """Into the branch that the person has checked out; all of it or nothing."""
    return await attempts.merge(home, exploration, number, unchecked=how.unchecked, acting=how.acting)


@router.get("/explorations/{exploration}/votes")
async def list_votes(home: Here, exploration: str) -> list[Vote]:
    """All that were cast, in order."""
    return await votes.listed(home, exploration)


@router.post("/explorations/{exploration}/votes", status_code=201)
async def cast_vote(home: Here, exploration: str, new: NewVote) -> Vote:
    """Which of two is better."""
    return await votes.cast(home, exploration, new.left, new.right, new.choice, facet=new.facet, because=new.because)


@router.get("/explorations/{exploration}/standing")
async def standing(
    home: Here, exploration: str, facet: Facet | None = None, judge: str | None = None
) -> votes.Standing:
    """What the votes come to, joined, by one facet, or by one who votes; and whether that is sure enough."""
    return await votes.standing(home, exploration, facet=facet, judge=judge)


@router.get("/explorations/{exploration}/suggested")
async def list_suggested(home: Here, exploration: str) -> list[suggestions.Suggested]:
    """What the evidence speaks for, before anybody has voted: best first, and why."""
    return await suggestions.suggested(home, exploration)


@router.get("/explorations/{exploration}/next")
async def next_pair(home: Here, exploration: str, facet: Facet | None = None) -> tuple[int, int]:
    """The two attempts whose comparison tells most about which is best."""
    return await votes.following(home, exploration, facet=facet)


@router.get("/explorations/{exploration}/groups")
async def list_groups(home: Here, exploration: str, by: By = "all") -> Sequence[groups.Group]:
    """Attempts that are alike, and why; in all that is known of them, or by one thing."""
    return await groups.grouped(home, exploration, by)


@router.put("/explorations/{exploration}/definition")
async def define(home: Here, exploration: str, definition: Definition) -> Definition:
    """What it comes to, put better than the rule did."""
    return await decisions.define(home, exploration, definition)


@router.get("/taste")
async def taste(home: Here, project: str, withdrawn: bool = False) -> list[Decision]:
    """A project's decisions, in order."""
    return await decisions.taste(home, project, withdrawn=withdrawn)


@router.post("/taste", status_code=201)
async def decide(home: Here, new: NewDecision) -> Decision:
    """Say what holds in a project, and why."""
    return await decisions.decide(home, new.project, new.reason, facet=new.facet)


@router.patch("/taste/{decision}")
async def change_decision(home: Here, decision: str, changed: ChangedDecision) -> Decision:
    """Put it otherwise; its former versions stay in the log."""
    return await decisions.change(
        home, decision, reason=changed.reason, facet=changed.facet, withdrawn=changed.withdrawn
    )
