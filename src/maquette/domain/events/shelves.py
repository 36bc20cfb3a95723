"""What is on the shelf is tried again by a model that may be better. All of it is in the base's own stream."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact


class ModelOffered(EventFact):
    """A model may be better than those there were: a person connected it, made it a worker, or says so (`why`).

    `project`: for this one alone; None: for all that have no worker of their own.
    """

    type: Literal["model.offered"] = "model.offered"
    id: str
    model: str
    why: Literal["connected", "role", "said"]
    project: str | None = None

    @property
    def once(self) -> str:
        return self.id


class ShelfTried(EventFact):
    """All attempts that come of an offer are there: so many, and so many for which the shelf's budget was too small."""

    type: Literal["shelf.tried"] = "shelf.tried"
    offer: str
    tried: int
    left: int

    @property
    def once(self) -> str:
        return f"tried:{self.offer}"
