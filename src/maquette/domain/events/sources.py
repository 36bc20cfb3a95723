"""Where posts are read from, and what came of reading. The posts themselves aren't facts of the log."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from maquette.domain.events.fact import EventFact
from maquette.domain.labels import PERSON, Label
from maquette.domain.posts import Source


class SourceAdded(EventFact):
    """A person lets the base read this, again and again. Its stream is the source's id."""

    type: Literal["source.added"] = "source.added"
    label: Label = PERSON
    source: Source


class SourceRead(EventFact):
    """It was read: how many posts are `new`, `changed`, `gone`, how many of what were `left_out`, by why. `error`: what
    it ended with before its end; what had come by then is kept.
    """

    type: Literal["source.read"] = "source.read"
    new: int = 0
    changed: int = 0
    gone: int = 0
    left_out: dict[str, int] = Field(default_factory=dict[str, int])
    error: str = ""


class SourceRemoved(EventFact):
    """A person took it away, with all that was read of it."""

    type: Literal["source.removed"] = "source.removed"
    label: Label = PERSON
