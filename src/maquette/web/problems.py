"""Errors as `application/problem+json` (RFC 9457): a sentence that says what to do, and a stable code."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeGuard

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from maquette.domain.characters import whole
from maquette.domain.errors import Fenced, MaquetteError, Refused, Unavailable, without_room

JSON = "application/json"
MEDIA = "application/problem+json"
_CONFLICTS = """
ambiguous-thread begun changed-file checks-failed conflict conflicts detached-head dirty-tree expired
gathered-already git-locked in-the-way merged-already mid-operation moved-on no-approval no-compaction no-question
no-result no-tree not-ff not-in-inbox nothing-runs nothing-to-fork nothing-to-merge open-risks other-than-shown
still-asks still-at-work taken-name too-long waits which-approval which-question
"""
CONFLICTS = frozenset(_CONFLICTS.split())
"""Codes of what another moment, or another state of things, would allow: 409."""
OURS = "Maquette itself made a mistake here; the base's log has the details."
RETRY = 5
"""Seconds, when whoever was unavailable didn't say."""

DOCUMENTED: dict[int | str, dict[str, Any]] = {
    status: {
        "description": described,
        "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, described in (
        ("4XX", "Refused: `detail` says how to mend it, `code` is for programs."),
        ("5XX", "Unavailable (503, with Retry-After) or a mistake of ours (500)."),
    )
}
SCHEMA = {
    "title": "Problem",
    "type": "object",
    "required": ["title", "status", "code", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable, for programs: `unknown-thread`, `still-at-work` …"},
        "detail": {"type": "string", "description": "One sentence for a person."},
    },
}

log = logging.getLogger(__name__)


def problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    content = {"title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": whole(detail)}
    return JSONResponse(content, status, headers, MEDIA)


def of(error: MaquetteError) -> JSONResponse:
    """What an error of ours is to a program."""
    match error:
        case Refused(code=code) if code.startswith("unknown-"):
            return problem(404, code, str(error))
        case Refused(code=code):
            return problem(409 if code in CONFLICTS else 422, code, str(error))
        case Unavailable(retry_after=seconds, code=code):
            return problem(503, code, str(error), {"Retry-After": str(round(seconds or RETRY) or 1)})
        case Fenced():
            return problem(409, "conflict", "Another worker has this thread now. Look again.")
        case _:
            log.error("a request broke", exc_info=error)
            return problem(500, "bug", OURS)


def _misshapen(request: Request, error: RequestValidationError) -> JSONResponse:
    kind = request.headers.get("content-type", JSON)
    if kind.partition(";")[0].strip().lower() != JSON:
        return problem(415, "not-json", f"Send JSON, as {JSON}.")
    told = [f"{_place(fault['loc'])}: {fault['msg'].lower()}" for fault in error.errors()[:5]]
    return problem(422, "misshapen", f"The request isn't right: {'; '.join(told)}.")


def _place(parts: tuple[str | int, ...]) -> str:
    """`body.budget.steps` as `budget.steps`."""
    return ".".join(str(part) for part in parts[1:]) or str(parts[0])


def _http(request: Request, error: HTTPException) -> JSONResponse:
    status = HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "-")
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:  # the route that refused knows its own methods only
        here = [route for route in request.app.routes if _leads(route, request.url.path)]
        headers["Allow"] = ", ".join(sorted({method for route in here for method in route.methods or ()}))
    sentences = {404: "There is nothing at this address.", 405: "This address doesn't take that method."}
    return problem(status, code, sentences.get(status, f"{error.detail}."), headers)


def _leads(route: BaseRoute, path: str) -> TypeGuard[Route]:
    return isinstance(route, Route) and route.path_regex.match(path) is not None


def _systems(_request: Request, error: Exception) -> JSONResponse:
    if (told := without_room(error)) is None:
        raise error
    return of(told)


Face = Callable[[Request, JSONResponse], Awaitable[Response]]
"""How a problem is shown to who asked: to a program as it is, to a person as a page."""

_Handler = Callable[[Request, Exception], Awaitable[Response]]


def handle(app: FastAPI, face: Face) -> None:
    """Have every error of `app` told in this form. What is nobody's fault but ours goes to the log with its trace."""

    def told_by(
        problem_of: Callable[[Request, Any], JSONResponse],
    ) -> Callable[[Request, Exception], Awaitable[Response]]:
        async def told(request: Request, error: Exception) -> Response:
            return await face(request, problem_of(request, error))

        return told

    app.add_exception_handler(MaquetteError, told_by(lambda _, error: of(error)))
    app.add_exception_handler(RequestValidationError, told_by(_misshapen))
    app.add_exception_handler(HTTPException, told_by(_http))
    app.add_exception_handler(OSError, told_by(_systems))
    app.add_exception_handler(Exception, told_by(lambda _, __: problem(500, "bug", OURS)))
