"""Routes of the API and of pages. They are the process's: a base only points at them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse
from starlette.routing import compile_path

from maquette.web import problems


class Route(APIRoute):
    """Its validators and serializers are made once somebody asks for it: of so many routes, most bases see a few."""

    def __init__(self, path: str, endpoint: Callable[..., Any], *, methods: Iterable[str], **said: Any) -> None:
        self.path, self.endpoint, self.methods = path, endpoint, set(methods)
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self._said = said
        self._making = threading.RLock()
        """All of them are described beside the loop, which may be asked for one just then."""

    def __getattr__(self, name: str) -> Any:
        """What isn't there yet comes with all the rest."""
        if "_making" not in vars(self):
            raise AttributeError(name)
        with self._making:
            said: dict[str, Any] | None = vars(self).pop("_said", None)
            if said is not None:
                super().__init__(self.path, self.endpoint, methods=self.methods, **said)
            if name not in vars(self):
                raise AttributeError(name)
        return getattr(self, name)


def _name(route: APIRoute) -> str:
    return route.name


def api(noun: str) -> APIRouter:
    """For a noun of the JSON face."""
    return APIRouter(
        prefix="/v1",
        tags=[noun],
        responses=problems.DOCUMENTED,
        generate_unique_id_function=_name,
        route_class=Route,
    )


def pages() -> APIRouter:
    return APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=Route)
