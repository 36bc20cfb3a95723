"""Automations: what is done by itself, and what became of each time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.status import HTTP_201_CREATED

from maquette.actions import automations
from maquette.domain.automations import (
    Automation,
    CatchUp,
    Manifest,
    Overlap,
    Plan,
    Postcondition,
    Receipt,
    When,
)
from maquette.domain.labels import Fact
from maquette.domain.threads import Mode
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("automations")
Limit = Annotated[int, Query(ge=1, le=1000)]


class Changes(Fact):
    """What is left out stays as it is. `because` says why, for whoever looks at its versions; `over`: the version that
    was looked at, where another mustn't be written over.
    """

    name: str | None = None
    project: str | None = None
    brief: str | None = None
    when: When | None = None
    look: str | None = None
    goes_on: bool | None = None
    mode: Mode | None = None
    model: str | None = None
    manifest: Manifest | None = None
    postcondition: Postcondition | None = None
    overlap: Overlap | None = None
    catch_up: CatchUp | None = None
    because: str = ""
    over: int | None = None

    def of(self, plan: Plan) -> Plan:
        """`mode` and `model` may be said to be none."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"because", "over"}}
        try:
            return Plan.model_validate({**dict(plan), **given})
        except ValidationError as error:
            raise RequestValidationError(error.errors(include_url=False)) from error


class Approval(Fact):
    """`digest` is that of what the person was shown: anything else is not approved."""

    digest: str


class Pause(Fact):
    """`until`: it goes on by itself then."""

    until: datetime | None = None


class Began(Fact):
    """Where a run works."""

    thread: str
    turn: str


@router.get("/automations")
async def list_automations(home: Here) -> list[automations.Told]:
    """By name, each with its next slots and its last receipt."""
    return await automations.listed(home)


@router.post("/automations", status_code=HTTP_201_CREATED)
async def draft_automation(home: Here, plan: Plan) -> Automation:
    """A draft: it does nothing until it is turned on."""
    return await automations.draft(home, plan)


@router.post("/automations/gardener", status_code=HTTP_201_CREATED)
async def draft_gardener(home: Here, changes: Changes) -> Automation:
    """The night gardener, ready-made, with these changes: a draft as any other."""
    plan = await automations.gardener(home, changes.project or "")
    return await automations.draft(home, changes.of(plan))


@router.get("/automations/{automation}")
async def show_automation(home: Here, automation: str) -> automations.Told:
    """By id, name, or the end of an id. `shown` is what turning it on approves, `digest` binds that."""
    return await automations.show(home, automation)


@router.patch("/automations/{automation}")
async def change_automation(home: Here, automation: str, changes: Changes) -> Automation:
    """Another version. One that may do or cost something else must be turned on again."""
    at = await automations.find(home, automation)
    return await automations.change(
        home, at.id, changes.of(at.plan), because=changes.because, over=changes.over or at.version
    )


@router.get("/automations/{automation}/versions")
async def list_versions(home: Here, automation: str) -> list[automations.Version]:
    """The latest first."""
    return await automations.versions(home, automation)


@router.post("/automations/{automation}/versions/{version}/restore")
async def restore_version(home: Here, automation: str, version: int) -> Automation:
    """As a new version."""
    return await automations.restore(home, automation, version)


@router.post("/automations/{automation}/on")
async def turn_on(home: Here, automation: str, given: Approval) -> Automation:
    """Lets it run by itself, within what was shown."""
    return await automations.turn_on(home, automation, given.digest)


@router.post("/automations/{automation}/pause")
async def pause(home: Here, automation: str, given: Pause) -> Automation:
    """No slots until then, or until it is resumed. What was approved stays so."""
    return await automations.pause(home, automation, given.until)


@router.post("/automations/{automation}/resume")
async def resume(home: Here, automation: str) -> Automation:
    """Go on after a pause."""
    return await automations.resume(home, automation)


@router.post("/automations/{automation}/off")
async def turn_off(home: Here, automation: str) -> Automation:
    """Nothing is approved any longer."""
    return await automations.turn_off(home, automation)


@router.post("/automations/{automation}/run", status_code=HTTP_201_CREATED)
async def run(home: Here, automation: str) -> Began:
    """Now, beside its slots."""
    began = await automations.run(home, automation)
    return Began(thread=began.thread, turn=began.turn)


@router.post("/automations/{automation}/trial", status_code=HTTP_201_CREATED)
async def trial(home: Here, automation: str) -> Began:
    """A run of which nothing leaves its own tree, and which counts as no slot."""
    began = await automations.trial(home, automation)
    return Began(thread=began.thread, turn=began.turn)


@router.get("/receipts")
async def list_receipts(
    home: Here, automation: str | None = None, thread: str | None = None, limit: Limit = 100
) -> list[Receipt]:
    """What became of each slot and run, the latest first; of one automation, or of the runs in one thread."""
    if thread is not None:
        return await automations.of_thread(home, thread)
    return await automations.receipts(home, automation, limit)
