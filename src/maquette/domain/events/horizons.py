"""What a project is after, in its stream."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.horizons import Horizon


class AimSet(EventFact):
    """An aim as it is from now on: the first of an `id` brings it in."""

    type: Literal["aim.set"] = "aim.set"
    id: str
    text: str
    horizon: Horizon
    owner: str = ""
    checks: tuple[str, ...] = ()


class AimHung(EventFact):
    """An exploration or a thread works toward it; or does no longer."""

    type: Literal["aim.hung"] = "aim.hung"
    id: str
    of: str
    hangs: bool = True


class AimDropped(EventFact):
    """It isn't aimed at any more, and why; `why` empty: it is again."""

    type: Literal["aim.dropped"] = "aim.dropped"
    id: str
    why: str
