"""Decisions: what was chosen and why. All of a project's are its taste."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.explorations import Definition
from maquette.domain.votes import Facet


class DecisionMade(EventFact):
    """In an exploration's stream when it picks `attempt` of it; in a project's when somebody just says it."""

    type: Literal["decision.made"] = "decision.made"
    id: str
    project: str
    reason: str
    facet: Facet | None = None
    attempt: int | None = None
    by: str = "person"

    @property
    def once(self) -> str:
        return self.id


class DecisionChanged(EventFact):
    """Its reason or facet is put better, or it doesn't hold any more; None leaves it as it was."""

    type: Literal["decision.changed"] = "decision.changed"
    id: str
    reason: str | None = None
    facet: Facet | None = None
    withdrawn: bool | None = None


class DefinitionWritten(EventFact):
    """What an exploration comes to; a later one replaces it."""

    type: Literal["definition.written"] = "definition.written"
    definition: Definition
