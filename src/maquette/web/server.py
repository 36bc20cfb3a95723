"""The web face of one base, as an ASGI application."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from maquette import __version__
from maquette.actions.home import Home
from maquette.web import problems
from maquette.web.api import ROUTERS
from maquette.web.statics import Statics
from maquette.web.views import costs, diagrams, inbox, made, models, projects, searching, start, threads, trouble
from maquette.web.views.frame import STATIC
from maquette.web.views.streaming import Pulse

PAGES = (start, threads, made, diagrams, inbox, searching, projects, costs, models)
LARGEST = 32 << 20
"""Bytes of a request's body: a few pictures."""


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
            responses=problems.DOCUMENTED,
            generate_unique_id_function=lambda route: route.name,
        )
        self.state.home = home
        self.state.pulse = Pulse(home)
        problems.handle(self, trouble.face)
        for router in ROUTERS:
            self.include_router(router, prefix="/v1")
        for page in PAGES:
            self.include_router(page.router)
        self.mount("/static", Statics(directory=str(STATIC)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
