"""The feed: what happened since a cursor, then what happens."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Header, Query
from starlette.responses import StreamingResponse

from maquette.actions import threads
from maquette.web import routes
from maquette.web.api.home import LAST, Here
from maquette.web.stream import frames

router = routes.api("feed")


@router.get("/feed", response_class=StreamingResponse)
async def feed(
    home: Here,
    after: Annotated[int | None, Query(ge=0, le=LAST)] = None,
    thread: str | None = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=LAST)] = None,
) -> StreamingResponse:
    """Server-sent events. `entry`: an entry of the log; its id is its cursor. `passing`: text or output while it is
    being made, which isn't kept and has no id. `Last-Event-ID` goes before `after`; without either it begins now.
    """
    stream = (await threads.find(home, thread)).id if thread else None
    cursor = last_event_id if last_event_id is not None else after
    if cursor is None:
        cursor = await asyncio.to_thread(home.store.log.cursor)
    items = home.store.feed.follow(after=cursor, stream=stream)
    return StreamingResponse(
        frames(items), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
