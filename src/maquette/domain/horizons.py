"""Horizons: what a project does now, next and later; the nearer, the more is said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from maquette.domain.labels import Fact


class Horizon(StrEnum):
    """How near something is."""

    NOW = "now"
    NEXT = "next"
    LATER = "later"


class Aim(Fact):
    """Something a project is after. What is near has an `owner` and `checks` by which it is known to be reached; what
    is far stays one line. `hangs`: the explorations and threads that work toward it, by their ids.
    """

    id: str
    project: str
    text: str
    horizon: Horizon
    owner: str = ""
    checks: tuple[str, ...] = ()
    hangs: tuple[str, ...] = ()
    dropped: str = ""
    """Why it isn't aimed at any more; "" while it is."""
    since: datetime
    """When it came to this horizon."""
