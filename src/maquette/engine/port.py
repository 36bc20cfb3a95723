"""What an engine is: something that sees to it that due turns are advanced."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from maquette.domain.projects import Project
from maquette.kinds.triggers import Place, Trigger

ModelOf = Callable[[Project], Awaitable[str]]
"""The model of a project's threads that name none."""


@dataclass(frozen=True)
class Around:
    """What runs need that begin by themselves. `triggers`: by name; `place_of`: where those look that look."""

    model_of: ModelOf
    triggers: Mapping[str, Trigger]
    place_of: Callable[[Project], Place]


class Engine(Protocol):
    """The log says what is due, and from when on; an engine only sees to it. All calls are harmless when repeated."""

    async def open(self) -> None:
        """Begin, and pick up whatever is due since before."""
        ...

    def preload(self) -> None:
        """Load what the first run would wait for. Blocks."""
        ...

    def wake(self, thread: str) -> None:
        """Something may be due in this thread now."""
        ...

    async def stop(self, thread: str, turn: str) -> bool:
        """Break off this turn, after its `StopAsked` was logged; False when it isn't at work here."""
        ...

    async def close(self) -> None:
        """Go down: what runs is left to be picked up again."""
        ...
