"""The inbox: what needs a person, one item a thread; and what they do with it.

`of` is that of the item as it was seen: what has happened since isn't done, put off or put back with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from maquette.actions import inbox
from maquette.domain.labels import Fact
from maquette.store.projections.inbox import Item, State
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("inbox")


class Seen(Fact):
    of: str | None = None


class PutOff(Fact):
    """`until` says its time zone."""

    until: datetime
    of: str | None = None


@router.get("/inbox")
async def list_inbox(
    home: Here, state: State = "open", limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> list[Item]:
    """What asks first, then what failed, then what came of work; of each the oldest first. `later`: what was put off,
    the next to come back first. `done`: the last first.
    """
    return await inbox.listed(home, state, limit)


@router.post("/inbox/{thread}/read", status_code=204)
async def read_item(home: Here, thread: str) -> None:
    """Somebody looked at what there is of this thread; all the same if nothing needs anybody."""
    await inbox.look(home, thread)


@router.post("/inbox/{thread}/done", status_code=204)
async def item_done(home: Here, thread: str, seen: Seen) -> None:
    """It needs nobody any more. What asks can't be done with, but is answered or put off."""
    await inbox.done(home, thread, seen.of)


@router.post("/inbox/{thread}/later", status_code=204)
async def put_item_off(home: Here, thread: str, given: PutOff) -> None:
    """Out of sight until then."""
    await inbox.put_off(home, thread, given.until, given.of)


@router.post("/inbox/{thread}/back", status_code=204)
async def put_item_back(home: Here, thread: str, seen: Seen) -> None:
    """Neither done nor put off, after all."""
    await inbox.put_back(home, thread, seen.of)
