"""What others said elsewhere: a post, the source it was read from, and what ranking sees of it."""

from __future__ import annotations

from datetime import datetime
from enum import IntFlag
from typing import NamedTuple

from pydantic import AwareDatetime, Field

from maquette.domain.labels import Confidentiality, Fact, Integrity, Label

SAID_ELSEWHERE = Label(integrity=Integrity.EXTERNAL, confidentiality=Confidentiality.PRIVATE, origin="source")
"""Of whatever of a post reaches a turn: nobody here vouches for it, and it is the person's own correspondence."""


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
    person finds it. `machine`: a program wrote it, as its source says.
    """

    id: str
    source: str
    channel: str
    author: str
    at: AwareDatetime
    text: str
    title: str = ""
    thread: str | None = None
    link: str = ""
    to: tuple[str, ...] = ()
    reactions: dict[str, int] = Field(default_factory=dict[str, int])
    edited: AwareDatetime | None = None
    machine: bool = False


class Gone(Fact):
    """A post that its source no longer has."""

    id: str


class Mark(IntFlag):
    """What is known of a post without reading it again."""

    ANSWER = 1
    """It answers another, at whose thread it hangs."""
    ASKS = 2
    LINKS = 4
    CODE = 8
    EDITED = 16
    MACHINE = 32
    GONE = 64


class Glance(NamedTuple):
    """A post as ranking sees it: numbers only, so that a million of them can be gone through in seconds.

    `to` and `terms` are packed: `domain/terms.py::unpacked` gives their numbers. A post keeps its `number`; each change
    gives it a new `cursor`.
    """

    number: int
    cursor: int
    channel: int
    author: int
    at: int
    """Microseconds since 1970, UTC."""
    thread: int
    """The same for all posts of a thread, its first among them; alone in it: its own."""
    length: int
    """Characters, with the title."""
    reactions: int
    """How many, of all sorts together."""
    marks: int
    """Of `Mark`."""
    alike: int
    """The same for posts of the same terms: what a machine says again and again with other numbers. 0: it has none."""
    to: bytes
    """Numbers of the people addressed."""
    terms: bytes
    """Numbers of the words in it, each once, in growing order (`domain/terms.py::terms`)."""


class Channel(NamedTuple):
    """Where posts stand, of one source. `last`: when the newest was written, in microseconds."""

    number: int
    source: str
    name: str
    posts: int
    last: int


class Author(NamedTuple):
    """Who writes or is addressed; by name, so the same in all sources."""

    number: int
    name: str
    posts: int


class Sought(NamedTuple):
    """A post that a search found. `snippet` has the words found between the marks of `store/posts`."""

    post: Post
    snippet: str


class Taken(NamedTuple):
    """What a reading brought: posts that are new, that changed, and that are gone."""

    new: int = 0
    changed: int = 0
    gone: int = 0

    def plus(self, other: Taken) -> Taken:
        return Taken(self.new + other.new, self.changed + other.changed, self.gone + other.gone)


def utc(micros: int) -> datetime:
    """Of a glance's `at`."""
    from datetime import UTC, timedelta

    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
