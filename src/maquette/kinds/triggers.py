"""What a trigger is: that which says when something happened, so that a run can begin.

A file in `maquette.triggers` that holds a `Trigger` as `TRIGGER` is one. There are three sorts, by how it comes to
know: it looks (`Watches`), it is told from outside (`Listens`), or it reads what other automations did (`Follows`).
None keeps anything: what it must know the next time is in the mark that it gives back, and whoever asks keeps that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from maquette.domain.triggers import Heard


class Trigger(Protocol):
    @property
    def name(self) -> str:
        """`webhook`, `files`, `git`, `after`."""
        ...

    def means(self, options: Mapping[str, str]) -> str:
        """When it begins a run, in a sentence. Raises `Refused` where options are missing, unknown or wrong."""
        ...


@dataclass(frozen=True)
class Look:
    """What a look found. `mark` is to be kept, together with the runs that `heard` begins, and handed to the next."""

    mark: str
    heard: Heard | None = None


class Place(Protocol):
    """Where it is looked: a project, or a folder of the desk."""

    @property
    def root(self) -> Path: ...

    async def refs(self) -> Mapping[str, str]:
        """Each ref of its repo (`refs/heads/main`) with what it points to, and `HEAD`; empty where there is no repo.

        Cheap to ask again while nothing moved. Raises `Refused`, `Unavailable`.
        """
        ...


@runtime_checkable
class Watches(Trigger, Protocol):
    """Looks for itself, from time to time, while an automation wants it."""

    @property
    def every(self) -> float:
        """Seconds between looks."""
        ...

    async def look(self, options: Mapping[str, str], place: Place, mark: str, now: datetime) -> Look:
        """`mark` is that of the look before; "" at first, when nothing is heard.

        The same look at the same mark hears the same, by the same key. Raises `Refused` (nothing to look at: the
        sentence says what to mend), `Unavailable`.
        """
        ...


@dataclass(frozen=True)
class Delivery:
    """What was sent to us. `headers` by their names in lower case; `body` as it came, unread."""

    headers: Mapping[str, str]
    body: bytes


@runtime_checkable
class Listens(Trigger, Protocol):
    """Is told from outside. Of a delivery nothing is parsed before its signature is seen to be right."""

    @property
    def largest(self) -> int:
        """Bytes of a body; whoever reads it from the network stops there, and answers 413."""
        ...

    def hear(self, options: Mapping[str, str], secret: bytes, delivery: Delivery, now: datetime) -> Heard | None:
        """None: it is signed as it should be, and isn't what is waited for.

        Raises `Refused` with the codes `too-large` (413), `unsigned`, `stale` (401), `odd-event` (422: it isn’t what it
        was sent as), `no-secret` (ours to mend).
        """
        ...


@dataclass(frozen=True)
class Ended:
    """A run of an automation came to its end. `outcome` as its receipt says it."""

    automation: str
    run: str
    outcome: str


@runtime_checkable
class Follows(Trigger, Protocol):
    """Hears of other automations, by what the log says of them."""

    def follow(self, options: Mapping[str, str], ended: Ended) -> Heard | None:
        """None: this isn't what is waited for."""
        ...
