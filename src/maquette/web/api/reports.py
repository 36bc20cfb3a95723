"""Reports, replies to them, and what those taught. `of` is an automation's id, or a thread's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from maquette.actions import replays, reports
from maquette.domain.events import ChangeOffered, InterestChanged, PlanAmended, QuestionsPut, ReplyGiven, ReplyLeft
from maquette.domain.labels import Fact
from maquette.domain.reports import Report
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("reports")

Heard = Annotated[
    ReplyGiven | InterestChanged | ChangeOffered | QuestionsPut | PlanAmended | ReplyLeft, Field(discriminator="type")
]


class NewReply(Fact):
    """In plain words; `line` (from 1) where it is about one line of the last report."""

    text: str = Field(max_length=10_000)
    line: int | None = Field(default=None, ge=1)


class Told(Fact):
    """A reply, or what came of one."""

    at: datetime
    event: Heard


class Interests(Fact):
    """What the person cares about, as they taught it."""

    version: int
    lines: int
    length: reports.Weight
    names: tuple[str, ...]
    weights: tuple[reports.Weight, ...]
    rules: tuple[reports.Weight, ...]
    told: tuple[Told, ...]


@router.get("/reports/{of}")
async def list_reports(home: Here, of: str) -> list[Report]:
    """Newest first."""
    return await reports.listed(home, of)


@router.post("/reports/{of}/replies")
async def reply_to_report(home: Here, of: str, new: NewReply) -> list[Heard]:
    """Applied at once, or offered where it would lose what was taught before; told in the order of what was said."""
    return list(await reports.reply(home, of, new.text, line=new.line))


@router.post("/reports/{of}/foreseen")
async def foresee_reply(home: Here, of: str, new: NewReply) -> replays.Otherwise:
    """What past reports would have had more and fewer, were this said; nothing is kept, and no model is asked."""
    return await replays.foreseen(home, of, new.text, line=new.line)


@router.get("/reports/{of}/since/{report}")
async def replay_report(home: Here, of: str, report: str) -> replays.Otherwise:
    """A report of before, by what was taught since: the lines that come in, and those that go."""
    return await replays.since(home, of, report)


@router.get("/reports/{of}/interests")
async def show_interests(home: Here, of: str) -> Interests:
    """Every weight and rule that a reply put there, and each reply with what came of it."""
    found = await reports.taught(home, of)
    return Interests(
        version=found.version,
        lines=found.lines,
        length=found.length,
        names=tuple(found.names),
        weights=tuple(found.weights),
        rules=tuple(found.rules),
        told=tuple(Told(at=at, event=event) for at, event in found.told),
    )


@router.get("/reports/{of}/cases")
async def replay_cases(home: Here, of: str) -> list[reports.Kept]:
    """Every case, replayed."""
    return await reports.cases(home, of)
