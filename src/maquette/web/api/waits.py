"""What waits for the person: questions to answer, calls to approve."""

from __future__ import annotations

from pydantic import Field

from maquette.actions import waits
from maquette.domain.labels import Fact
from maquette.store.projections.waits import Wait
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("waits")


class Answer(Fact):
    """`call` says which question, when there are several."""

    text: str
    call: str | None = None


class Approval(Fact):
    """`digest` is that of what the person was shown: anything else is not approved. `instead`: arguments that the
    person changed, by name, whole.
    """

    digest: str
    call: str | None = None
    instead: dict[str, str] = Field(default_factory=dict[str, str])


class Refusal(Fact):
    """The agent hears `reason`."""

    reason: str = ""
    call: str | None = None


@router.get("/waits")
async def list_waits(home: Here, thread: str | None = None) -> list[Wait]:
    """The oldest first."""
    return await waits.listed(home, thread)


@router.post("/threads/{thread}/answer", status_code=204)
async def answer(home: Here, thread: str, given: Answer) -> None:
    await waits.answer(home, thread, given.text, call=given.call)


@router.post("/threads/{thread}/approve", status_code=204)
async def approve(home: Here, thread: str, given: Approval) -> None:
    """Lets one call run, once, exactly as it was shown, or as the person changed it."""
    await waits.approve(home, thread, call=given.call, digest=given.digest, instead=given.instead)


@router.post("/threads/{thread}/decline", status_code=204)
async def decline(home: Here, thread: str, given: Refusal) -> None:
    await waits.decline(home, thread, call=given.call, reason=given.reason)
