"""How the parts of a turn tell what they do: by appending to the log, or in passing."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Literal, Protocol

from maquette.domain.events import Event

Kind = Literal["text", "thinking", "output"]
"""Of what passes by."""


class Record(Protocol):
    """Appends events to the thread's log."""

    def __call__(self, *events: Event, durable: bool = True) -> Coroutine[Any, Any, None]: ...


class Show(Protocol):
    """Passes on what is not kept: text and output as they come."""

    def __call__(self, kind: Kind, text: str, call: str | None = None) -> None: ...
