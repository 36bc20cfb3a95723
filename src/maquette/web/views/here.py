"""What a page is asked of: the base's home, and the pulse that tells of changes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from maquette.web.views.streaming import Pulse


def _pulse(request: Request) -> Pulse:
    state = request.app.state
    if not hasattr(state, "pulse"):
        state.pulse = Pulse(state.home)
    return state.pulse


Beats = Annotated[Pulse, Depends(_pulse)]
