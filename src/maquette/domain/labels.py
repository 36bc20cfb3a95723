"""Labels: how far what was read may be trusted, and how far it may travel."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """The base of whatever is stored or sent: frozen, and closed to unknown fields."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")


class Integrity(IntEnum):
    """Lower is worse."""

    EXTERNAL = 0
    REPO = 1
    USER = 2


class Confidentiality(IntEnum):
    """Higher is worse."""

    PUBLIC = 0
    WORKSPACE = 1
    PRIVATE = 2
    SECRET = 3


class Label(Fact):
    """What an event is worth and where it came from (`origin`: "person", "tool:shell" …)."""

    integrity: Integrity = Integrity.USER
    confidentiality: Confidentiality = Confidentiality.WORKSPACE
    origin: str = "person"

    def join(self, other: Label) -> Label:
        """The worst of both; the origin is that of the side whose integrity is lower."""
        return Label(
            integrity=min(self.integrity, other.integrity),
            confidentiality=max(self.confidentiality, other.confidentiality),
            origin=self.origin if self.integrity <= other.integrity else other.origin,
        )


PERSON = Label()
HOUSE = Label(origin="maquette")
