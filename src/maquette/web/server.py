"""The web face of one base, as an ASGI application."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import FastAPI
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


class Server(FastAPI):
    """Whoever reaches it may do everything, so what listens must see to who does: a 0600 socket, or a `Door`."""

    def __init__(self, home: Home) -> None:
        super().__init__(
            title="Maquette",
            version=__version__,
            openapi_url="/v1/openapi.json",
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
        self._ready: asyncio.Task[None] | None = None
        """For models to be asked: that takes memory, so not before somebody is here."""
        self.mount("/static", Statics())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._ready is None and scope["type"] == "http" and scope["path"] != HEALTH:
            self._ready = asyncio.create_task(roles.preload(self.state.home))
        announced = dict(scope["headers"]).get(b"content-length", b"0") if scope["type"] == "http" else b"0"
        if announced.isdigit() and int(announced) > LARGEST:
            told = problems.problem(413, "too-large", f"More than {LARGEST >> 20} MB can't be sent at once.")
            await told(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        described.setdefault("components", {}).setdefault("schemas", {})["Problem"] = problems.SCHEMA
        return described
