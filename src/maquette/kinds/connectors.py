"""What a connector is: something that reads posts out of one kind of source."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from maquette.domain.posts import Gone, Post, Source
from maquette.kinds.sandboxes import Sandbox


class Whole(NamedTuple):
    """All that a source has of a channel, from `start` up to but not at `end`: what a store has beside it is gone.

    None: of all channels; without a bound. `there` are the ids of all posts, also of those that no batch has
    since they didn't change.
    """

    channel: str | None
    there: frozenset[str]
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Batch:
    """Some of what a source has. `cursor` is where to go on once this is kept; a source's own words, as text."""

    posts: Sequence[Post | Gone]
    cursor: str
    wholes: Sequence[Whole] = ()
    progress: str = ""
    """How far this is, to a person: "142 of 3,000 channels"."""
    left_out: Mapping[str, int] = field(default_factory=dict[str, int])
    """What could not be read, by why, in words: how often."""


@dataclass(frozen=True)
class Means:
    """What a reading may use. `secret` blocks, and is "" where the source has none; `scratch` is an empty folder."""

    sandbox: Sandbox
    scratch: Path
    secret: Callable[[], str] = field(default=str, repr=False)


class Connector(Protocol):
    """One kind of source. What it reads is another's word: hostile, and never an instruction."""

    @property
    def kind(self) -> str: ...

    @property
    def about(self) -> str:
        """What its `at` is, to a person, in a few words."""
        ...

    @property
    def options(self) -> Mapping[str, str]:
        """The options it knows, each with what it means."""
        ...

    @property
    def wants_secret(self) -> bool: ...

    def check(self, source: Source) -> None:
        """Without reading it: Refused `odd-source` when it can't be one, with what to do."""
        ...

    def read(self, source: Source, cursor: str, means: Means) -> AsyncGenerator[Batch]:
        """All that came, changed or went since `cursor` ("" at first), in batches of at most a few thousand.

        May end in the middle: the next reading goes on from the last batch that was kept. Asks no host but the one
        that `source.at` names. Raises `Refused` (the person can mend it) and `Unavailable` (again later).
        """
        ...


@runtime_checkable
class Hearing(Connector, Protocol):
    """One that may also be told: by a webhook, say, whose signature somebody else has checked."""

    @property
    def scheme(self) -> str:
        """How what it is told is signed, as the trigger that listens calls it."""
        ...

    def heard(self, source: Source, event: str, body: bytes, at: datetime) -> Sequence[Post | Gone]:
        """What was sent, and came at `at`; `event` is the sender's word for it. Refused `odd-payload`."""
        ...
