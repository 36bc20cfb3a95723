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


class MessageChanged(EventFact):
    """The person says it otherwise, before its turn has begun. `edition`: 2 for the first change, and so on."""

    type: Literal["message.changed"] = "message.changed"
    label: Label = PERSON
    id: str
    turn: str
    text: str
    edition: int

    @property
    def once(self) -> str:
        return f"message:{self.id}:{self.edition}"


class MessageWithdrawn(EventFact):
    """The person took it back before its turn had begun. What the log holds of it stays there."""

    type: Literal["message.withdrawn"] = "message.withdrawn"
    id: str
    turn: str

    @property
    def once(self) -> str:
        return f"message:{self.id}:withdrawn"
