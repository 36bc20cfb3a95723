"""What a person says."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.labels import PERSON, Label
from maquette.domain.messages import Image


class MessageSent(EventFact):
    """`turn` is the turn it starts, or, when it steers, the turn it was said into."""

    type: Literal["message.sent"] = "message.sent"
    label: Label = PERSON
    id: str
    turn: str
    text: str
    images: tuple[Image, ...] = ()
    steers: bool = False

    @property
    def once(self) -> str:
        return f"message:{self.id}"
