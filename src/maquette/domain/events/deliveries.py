"""What others sent to an address of ours, signed. In the stream of the automation or the source that it is for."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.labels import Confidentiality, Integrity, Label
from maquette.domain.triggers import Heard

SENT = Label(integrity=Integrity.EXTERNAL, confidentiality=Confidentiality.PRIVATE, origin="webhook")
"""Whoever signs it may pass on what anybody wrote."""


class DeliveryCame(EventFact):
    """Once of each happening, for good. `brought`: as much of the body as a run is told; of a source's it is in the
    store of posts.
    """

    type: Literal["delivery.came"] = "delivery.came"
    label: Label = SENT
    heard: Heard
    brought: str = ""

    @property
    def once(self) -> str:
        return f"delivery:{self.heard.name}"
