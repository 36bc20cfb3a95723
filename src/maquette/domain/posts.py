"""What others said elsewhere: a post, and the source it was read from."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from maquette.domain.labels import Fact


class Source(Fact):
    """Where posts are read from. `kind` names its connector; `at` is a path or an address, never a secret."""

    id: str
    kind: str
    at: str
    name: str
    options: dict[str, str] = Field(default_factory=dict[str, str])


class Post(Fact):
    """One message, mail, article, commit or note, as its source last told it. Times are UTC.

    `id` is the source's id and the outside's own, so the same one read twice is the same. `thread` is the id of the
    post that it answers to at the root; None: it begins one. `to`: who is addressed or mentioned. `link`: where a
    person finds it.
    """

    id: str
    source: str
    channel: str
    author: str
    at: datetime
    text: str
    title: str = ""
    thread: str | None = None
    link: str = ""
    to: tuple[str, ...] = ()
    reactions: dict[str, int] = Field(default_factory=dict[str, int])
    edited: datetime | None = None


class Gone(Fact):
    """A post that its source no longer has."""

    id: str
