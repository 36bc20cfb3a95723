"""The web face of one base, as an ASGI application."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from maquette import __version__
from maquette.actions.home import Home
from maquette.web import problems
from maquette.web.api import ROUTERS

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
        problems.handle(self)
        for router in ROUTERS:
            self.include_router(router, prefix="/v1")

    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        described.setdefault("components", {}).setdefault("schemas", {})["Problem"] = problems.SCHEMA
        return described
