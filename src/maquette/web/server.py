"""The web face of one base, as an ASGI application."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from maquette import __version__
from maquette.actions import roles
from maquette.actions.home import Home
from maquette.web import problems
from maquette.web.api import NOUNS
from maquette.web.statics import Statics
from maquette.web.views import (
    attempt_pages,
    automations,
    away,
    babies,
    compactions,
    comparing,
    costs,
    diagrams,
    explorations,
    foldings,
    horizons,
    inbox,
    launches,
    made,
    maps,
    models,
    plans,
    previews,
    projects,
    reports,
    searching,
    sessions,
    sources,
    standings,
    start,
    taste,
    terms,
    threads,
    trouble,
)
from maquette.web.views.streaming import Pulse

PAGES = (
    start,
    threads,
    terms,
    made,
    previews,
    diagrams,
    inbox,
    plans,
    automations,
    reports,
    sources,
    explorations,
    attempt_pages,
    comparing,
    maps,
    standings,
    foldings,
    launches,
    taste,
    horizons,
    babies,
    away,
    searching,
    projects,
    costs,
    models,
    sessions,
    compactions,
)
LARGEST = 32 << 20
"""Bytes of a request's body: a few pictures."""
HEALTH = "/v1/health"
"""What is asked to learn whether there is a base, and not because somebody wants something of it."""
READS = ("GET", "HEAD")
QUIET, LATEST = 0.3, 3.0
"""Seconds without a new request after which nobody waits for a page; and after which models are made ready anyway."""


class Server(FastAPI):
    """Whoever reaches it may do everything, so what listens must see to who does: a 0600 socket, or a `Door`."""

    def __init__(self, home: Home) -> None:
        super().__init__(
            title="Maquette",
            version=__version__,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            max_body_size=LARGEST,
        )
        self.state.home = home
        self.state.pulse = Pulse(home)
        problems.handle(self, trouble.face)
        for face in (*NOUNS, *PAGES):
            self.router.routes += face.router.routes
        self.add_route("/v1/openapi.json", self._described, include_in_schema=False)
        self._ready: asyncio.Task[None] | None = None
        """For models to be asked: that takes memory, so not before somebody is here."""
        self._came, self._wanted = 0.0, asyncio.Event()
        """When the last request came; somebody wants something done."""
        self._description: asyncio.Future[bytes] | None = None
        self.mount("/static", Statics())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != HEALTH:
            self._came = asyncio.get_running_loop().time()
            if scope["method"] not in READS:
                self._wanted.set()
            self._ready = self._ready or asyncio.create_task(self._make_ready())
        announced = dict(scope["headers"]).get(b"content-length", b"0") if scope["type"] == "http" else b"0"
        if announced.isdigit() and int(announced) > LARGEST:
            told = problems.problem(413, "too-large", f"More than {LARGEST >> 20} MB can't be sent at once.")
            await told(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def _make_ready(self) -> None:
        """Loading takes a second in which every page would wait: first comes what somebody came to see."""
        now = asyncio.get_running_loop().time
        began = now()
        with suppress(TimeoutError):
            async with asyncio.timeout(LATEST):
                while (left := max(self._came, began) + QUIET - now()) > 0 and not self._wanted.is_set():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._wanted.wait(), left)
        await roles.preload(self.state.home)

    async def _described(self, _request: Request) -> Response:
        """Made once, beside the loop: it asks for every route."""
        if self._description is None:
            self._description = asyncio.ensure_future(asyncio.to_thread(lambda: orjson.dumps(self.openapi())))
        return Response(await asyncio.shield(self._description), media_type="application/json")

    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        described.setdefault("components", {}).setdefault("schemas", {})["Problem"] = problems.SCHEMA
        return described
