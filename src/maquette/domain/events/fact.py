"""What every event has."""

from __future__ import annotations

from maquette.domain.labels import HOUSE, Fact, Label


class EventFact(Fact):
    """Something that happened. `once` names what may happen only once in a stream."""

    label: Label = HOUSE

    @property
    def once(self) -> str | None:
        return None
