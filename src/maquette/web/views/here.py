"""What a page is asked of, beside the base's home: the pulse that tells of changes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from maquette.web.views.streaming import Pulse


def _pulse(request: Request) -> Pulse:
    return request.app.state.pulse


Beats = Annotated[Pulse, Depends(_pulse)]
