"""Everything that happened, as lines."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from maquette.actions import exports
from maquette.web.api.home import Here

router = APIRouter(tags=["exports"])


@router.get("/export", response_class=StreamingResponse)
async def export(home: Here, thread: str | None = None) -> StreamingResponse:
    """Each entry of the log up to now a line of JSON, in order; of one thread with its past before a fork."""
    return StreamingResponse(await exports.lines(home, thread), media_type="application/x-ndjson")
