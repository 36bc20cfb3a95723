"""A report: the few of very many posts that matter to a person, each line with what it rests on."""

from __future__ import annotations

from datetime import datetime

from maquette.domain.labels import Fact


class Cited(Fact):
    """A post that a line rests on. `link`: where a person finds it; "" where there is no such place."""

    post: str
    author: str
    channel: str
    at: datetime
    link: str = ""


class Line(Fact):
    """`why` it is in, in plain words; `posts` are the ids of all that it stands for, and `more` how many there are like
    what it cites.
    """

    text: str
    cites: tuple[Cited, ...]
    why: str = ""
    posts: tuple[str, ...] = ()
    more: int = 0
    gist: str = ""
    """What a model that reads much for little made of it, where one read it."""


class Gathered(Fact):
    """What a report is made from: groups of posts, best first, as lines in their own words. The first `usual` of them
    are in by rule; `length`: as many lines it may have. `unread`: sources that could not be read to their end, and why.
    The rest as in a report.
    """

    since: datetime
    until: datetime
    sources: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    version: int
    looked: int
    read: int = 0
    length: int
    usual: int
    lines: tuple[Line, ...] = ()


class Report(Fact):
    """Of what was written from `since` up to, but not at, `until`; of `sources`, or of all.

    `version`: of the interests that it was chosen by. `looked`: posts that were gone through, of which a model read
    `read`. `rules`: no model wrote it, so its lines are their sources' own words.
    """

    id: str
    title: str
    since: datetime
    until: datetime
    sources: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    version: int
    looked: int
    read: int = 0
    rules: bool = False
    lines: tuple[Line, ...] = ()
