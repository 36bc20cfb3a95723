"""Everything that happened, as lines; or one thread in a format of others."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response, StreamingResponse

from maquette.actions import exports
from maquette.actions.exports import Form
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("exports")


@router.get("/export", response_class=StreamingResponse)
async def export(
    home: Here, thread: str | None = None, form: Annotated[Form, Query(alias="as")] = "log", content: bool = False
) -> Response:
    """Each entry of the log up to now a line of JSON, in order; of one thread with its past before a fork.

    `as=atif`: one thread as a trajectory. `as=otel`: one thread's spans; what was said is in them only with `content`.
    """
    if form == "log":
        return StreamingResponse(await exports.lines(home, thread), media_type="application/x-ndjson")
    return Response(await exports.document(home, thread, form, content=content), media_type="application/json")
