"""From posts to the lines of a report, best first: a look at all, a close look at some, alike ones joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from maquette.curation.reports import sights
from maquette.curation.reports.alike import Group, grouped
from maquette.curation.reports.interests import Interests
from maquette.curation.reports.promises import due
from maquette.curation.reports.sieve import LET_THROUGH, Sieve, Through
from maquette.curation.reports.sights import MANY_ANSWERS, Homes, Known, Sight, share
from maquette.domain.posts import Author, Channel, Glance, Post
from maquette.domain.terms import unpacked

BEFORE = timedelta(days=7)
"""How long before its window a report looks for promises that came due in it."""


EARLIER = 40_000
"""Posts before the window that are looked at, about."""


class Shelf(Protocol):
    """Posts, as whoever calls hands them in."""

    def between(self, start: datetime, end: datetime) -> Iterator[Glance]: ...
    def posts(self, numbers: Iterable[int]) -> Mapping[int, Post]: ...
    def numbers(self, ids: Iterable[str]) -> Mapping[str, int]: ...
    def channels(self) -> Sequence[Channel]: ...
    def authors(self) -> Sequence[Author]: ...
    def frequencies(self, terms: Iterable[int]) -> Mapping[int, int]: ...


@dataclass(frozen=True)
class Window:
    """What a report is about: posts from `since` up to, but not at, `until`. UTC. `sources`: of these; none: of all."""

    since: datetime
    until: datetime
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ranked:
    """Groups, best first; those that are always in come before all others. `read`: posts that were looked at."""

    interests: Interests
    known: Known
    seen: Sequence[Sight]
    groups: Sequence[Group]
    read: int

    @property
    def report(self) -> Sequence[Group]:
        """The lines that a report has by rule."""
        return [group for group in self.groups if is_in(group)][: self.interests.lines]

    def again(self, interests: Interests) -> Ranked:
        """The same posts by other interests, only as far as the report goes. What the sieve held back stays back, so
        this is for trying out.
        """
        every = [_judged(sight, interests) for sight in self.seen]
        return _in_order(every, interests, self.known, self.read, interests.lines)

    def sight(self, post: str) -> Sight | None:
        return next((sight for sight in self.seen if sight.post.id == post), None)

    def place(self, post: str) -> int | None:
        """From 1: where the group stands that has it."""
        return next((n for n, group in enumerate(self.groups, 1) if post in group.posts), None)

    def has(self, post: str) -> bool:
        """Whether it is in the report, be it among "more like this"."""
        return any(post in group.posts for group in self.report)

    def leads(self, post: str) -> bool:
        """Whether a line is about it."""
        return any(post == group.lead.post.id for group in self.report)


def is_in(group: Group) -> bool:
    """Whether it may be in at all. What nothing speaks for is no line, however short the report is."""
    return group.lead.always or (group.lead.score > 0 and not group.lead.never)


def known(shelf: Shelf) -> Known:
    channels = {channel.number: channel for channel in shelf.channels()}
    authors = {author.number: author for author in shelf.authors()}
    return Known(channels, authors, sum(channel.posts for channel in channels.values()))


def ranked(
    shelf: Shelf, window: Window, interests: Interests, *, also: Iterable[str] = (), most: int = LET_THROUGH
) -> Ranked:
    """Reads the window once, as a stream. `also`: ids of posts that are looked at closely in any case."""
    names = known(shelf)
    sieve = Sieve(interests, names, most)
    of = {n for n, channel in names.channels.items() if not window.sources or channel.source in window.sources}
    every = len(of) == len(names.channels)

    def between(start: datetime, end: datetime) -> Iterator[Glance]:
        glances = shelf.between(start, end)
        return glances if every else (glance for glance in glances if glance.channel in of)

    sieve.earlier(between(_begin(shelf, window), window.since))
    wanted, looked = set(shelf.numbers(also).values()), list[Glance]()
    glances = between(window.since, window.until)
    sieve.take(_noting(glances, wanted, looked) if wanted else glances)
    return _closely(shelf, sieve.through(), looked, window, interests, names)


def _begin(shelf: Shelf, window: Window) -> datetime:
    """From when on earlier posts are looked at: less far back where there are very many. Posts are numbered as they
    came, so numbers tell about how many there are.
    """
    start = window.since - BEFORE
    first, last = (next(iter(shelf.between(*of)), None) for of in ((start, window.since), (window.since, window.until)))
    many = abs(last.number - first.number) if first and last else 0
    return window.since - BEFORE * min(1.0, EARLIER / many) if many else start


def _noting(glances: Iterable[Glance], wanted: set[int], looked: list[Glance]) -> Iterator[Glance]:
    for glance in glances:
        if glance.number in wanted:
            looked.append(glance)
        yield glance


def _closely(
    shelf: Shelf, came: Through, also: Sequence[Glance], window: Window, interests: Interests, names: Known
) -> Ranked:
    glances = {glance.number: glance for glance in (*came.promised, *came.glances, *also)}
    posts = shelf.posts(glances)
    of_window = {glance.number for glance in (*came.glances, *also)}
    broken = {
        glance.number
        for glance in came.promised
        if (post := posts.get(glance.number)) and (by := due(post)) and window.since <= by < window.until
    }
    chosen = {number: post for number, post in posts.items() if number in of_window or number in broken}
    terms = {term for number in chosen for term in unpacked(glances[number].terms)}
    names = replace(names, frequencies=shelf.frequencies(terms))
    seen = [
        _seen(post, glances[number], came, interests, names, broken=number in broken) for number, post in chosen.items()
    ]
    return _in_order(seen, interests, replace(names, homes=Homes(seen)), came.read)


def _seen(post: Post, glance: Glance, came: Through, interests: Interests, names: Known, *, broken: bool) -> Sight:
    """All that shows of a post, now that what came after it is known."""
    sight = sights.sight(post, glance, interests.names)
    sight.alike = came.same.of.get(glance.alike, 0)
    if "?" in post.text and came.last.get(glance.thread, glance.author) == glance.author:
        sight.signs["trait:question"] = 1.0
    if answers := came.answers.of.get(glance.thread):
        sight.signs["trait:talk"] = share(answers, MANY_ANSWERS)
    if broken:
        sight.signs["trait:promise"] = 1.0
    if (new := names.novelty(sight.words)) > 0:
        sight.signs["trait:new"] = new
    return _judged(sight, interests)


def _judged(sight: Sight, interests: Interests) -> Sight:
    rule = interests.rule(sight)
    of = None if rule is None else rule.rule
    return replace(sight, always=of == "always", never=of == "never", score=interests.score(sight))


def _in_order(seen: list[Sight], interests: Interests, names: Known, read: int, most: int | None = None) -> Ranked:
    seen.sort(key=lambda sight: (sight.never, not sight.always, -sight.score, -sight.glance.at, sight.post.id))
    return Ranked(interests, names, seen, grouped(seen, names, most), read)
