"""What requests to the model leave out of a thread's past."""

from __future__ import annotations

from maquette.actions import compactions
from maquette.domain.labels import Fact
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("compactions")


class Undo(Fact):
    """Which compaction: the last one, by its turn and step."""

    turn: str
    step: int


@router.get("/threads/{thread}/compactions")
async def list_compactions(home: Here, thread: str) -> list[compactions.Compaction]:
    """What was left out, and when, oldest first. In the thread itself nothing is missing."""
    return await compactions.listed(home, thread)


@router.post("/threads/{thread}/compactions/undo", status_code=204)
async def undo_compaction(home: Here, thread: str, undo: Undo) -> None:
    """Says it again from the next request on. 409 while the model is the one that refused it as too long."""
    await compactions.undo(home, thread, undo.turn, undo.step)
