"""Results: look, check, merge, discard."""

from __future__ import annotations

from maquette.actions import reviews
from maquette.domain.events import Merged, RescueKept
from maquette.domain.labels import Fact
from maquette.domain.threads import Thread
from maquette.web import routes
from maquette.web.api.home import Here
from maquette.workspace import Mergeable

router = routes.api("reviews")


class Merging(Fact):
    """`message` is the commit's; `unchecked` merges although checks failed, `acting` also what makes programs act."""

    message: str | None = None
    unchecked: bool = False
    acting: bool = False


@router.get("/threads/{thread}/result")
async def result(home: Here, thread: str) -> reviews.Result:
    """What came of the thread, with the difference to where it began."""
    return await reviews.result(home, thread)


@router.get("/threads/{thread}/mergeable")
async def mergeable(home: Here, thread: str) -> Mergeable:
    """Whether it could be merged now, and what stands in the way."""
    return await reviews.check(home, thread)


@router.post("/threads/{thread}/merge")
async def merge(home: Here, thread: str, how: Merging) -> Merged:
    """Into the branch that the person has checked out; all of it or nothing."""
    return await reviews.merge(home, thread, message=how.message, unchecked=how.unchecked, acting=how.acting)


@router.post("/threads/{thread}/discard")
async def discard(home: Here, thread: str) -> RescueKept | None:
    """Removes the work tree, keeps what it holds at a rescue ref, and archives the thread."""
    return await reviews.discard(home, thread)


@router.post("/threads/{thread}/reopen")
async def reopen(home: Here, thread: str) -> Thread:
    """Takes up again what was kept for later or discarded, its work tree as it was."""
    return await reviews.reopen(home, thread)


@router.get("/away")
async def list_away(home: Here) -> list[reviews.Away]:
    """What was kept for later and what was discarded, the latest first."""
    return await reviews.away(home)
