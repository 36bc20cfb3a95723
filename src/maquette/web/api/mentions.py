"""What may be named in a message."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from maquette.actions import mentions
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("mentions")


@router.get("/mentions")
async def list_mentions(
    home: Here,
    q: Annotated[str, Query(max_length=200)] = "",
    thread: str | None = None,
    project: str | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> mentions.Mentions:
    """Files where `thread` works, or else where `project` lies, and threads, that fit `q`: the best first."""
    return await mentions.found(home, q, thread=thread, project=project, limit=limit)
