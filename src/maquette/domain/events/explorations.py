"""What happens to an exploration as a whole. Its stream is its id."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.explorations import Brief
from maquette.domain.projects import Budget


class ExplorationStarted(EventFact):
    """First in its stream. `at_once`: so many attempts are at work at a time; `budget` is that of all together."""

    type: Literal["exploration.started"] = "exploration.started"
    project: str
    brief: Brief
    at_once: int
    budget: Budget = Budget()

    @property
    def once(self) -> str:
        return "started"


class ExplorationSet(EventFact):
    """Something about it changed; None leaves it as it was."""

    type: Literal["exploration.set"] = "exploration.set"
    at_once: int | None = None
    budget: Budget | None = None


class ExplorationShelved(EventFact):
    """It is put away for now, and why, with the checks that failed; `why` empty: it is taken up again."""

    type: Literal["exploration.shelved"] = "exploration.shelved"
    why: str
    failed: tuple[str, ...] = ()
