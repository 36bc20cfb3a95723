"""The base that a request is put to."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from maquette.actions.home import Home


def _home(request: Request) -> Home:
    return request.app.state.home


Here = Annotated[Home, Depends(_home)]

LAST = (1 << 63) - 1
"""The largest cursor there could be."""
