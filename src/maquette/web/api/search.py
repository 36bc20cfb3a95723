"""What was said, found again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from maquette.actions import search
from maquette.domain.labels import Fact
from maquette.store.projections.messages import Found, Who
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("search")


class Hit(Fact):
    """`pieces` make up a snippet; of each it is said whether it was looked for."""

    thread: str
    title: str
    position: int
    who: Who
    at: datetime
    pieces: tuple[tuple[str, bool], ...]


@router.get("/search")
async def search_messages(home: Here, q: str, limit: Annotated[int, Query(ge=1, le=200)] = 20) -> list[Hit]:
    """Messages and titles with every word of `q`, best and newest first; "in quotes" is a phrase."""
    return [_hit(found) for found in await search.search(home, q, limit=limit)]


def _hit(found: Found) -> Hit:
    return Hit(
        thread=found.thread,
        title=found.title,
        position=found.position,
        who=found.who,
        at=found.at,
        pieces=tuple(found.pieces),
    )
