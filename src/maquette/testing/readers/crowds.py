"""A workspace of very many posts with known important ones: what part of these is read, when so much of all is read.

Beside the funnel stand two that anybody could have: the newest first, and BM25 for the very words that were taught.
"""

from __future__ import annotations

import heapq
import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from maquette.curation.reports.funnel import Window, known, ranked
from maquette.curation.reports.interests import Interests, Taught, interests
from maquette.curation.reports.replay import Past
from maquette.curation.reports.replies import meant
from maquette.curation.reports.sights import forms
from maquette.curation.reports.teaching import Found, Learned, Teacher
from maquette.domain.interests import Case
from maquette.domain.terms import term
from maquette.store.posts import Posts
from maquette.testing.multitude import END, READER, Multitude

SHARES = (0.0001, 0.00024, 0.0005, 0.001, 0.005, 0.01)
"""Of all posts: how much is read. Of a million, a model reads the second (`turn/reports.py::READ`)."""
ALL = Window(END - timedelta(days=31), END + timedelta(days=1))
_K, _B = 1.2, 0.75


@dataclass(frozen=True)
class Curve:
    """Of the important: which part is read, for each of `SHARES`."""

    name: str
    recall: tuple[float, ...]

    def at(self, share: float) -> float:
        return self.recall[SHARES.index(share)]


def take(posts: Posts, crowd: Multitude) -> None:
    for batch in crowd.batches():
        posts.take(crowd.source, batch)


def taught(posts: Posts, crowd: Multitude, replies: int = 10) -> Interests:
    """By a reader who says who they are, and then each day the most glaring thing that they missed."""
    lessons: list[Taught] = []
    cases: list[Case] = []
    days: dict[str, Window] = {}

    def learn(came: object, said: str) -> bool:
        if isinstance(came, Learned):
            lessons.append(Taught(len(lessons) + 1, came.sentence, said, END, came.changes))
            cases.extend(came.cases)
        return isinstance(came, Learned)

    important = crowd.important()
    day = 0
    while len(lessons) < replies and day < 29:
        window = Window(END - timedelta(days=30 - day), END - timedelta(days=29 - day))
        report = f"day-{day}"
        days[report] = window
        day += 1
        now = interests(lessons)
        past = Past(now, days, cases, 1, lambda of, by, also: ranked(posts, of, by, also=also))
        numbers = [glance.number for glance in posts.between(window.since, window.until)]
        matter = [post for post in posts.posts(numbers).values() if post.id in important]
        ranking = past.day(report)
        missed = [post for post in matter if ranking is not None and not ranking.has(post.id)]
        said = f"missed: {missed[0].id}" if missed else ""
        if not lessons:
            said = f"I am {READER}"
        found = [Found(post.id, report) for post in missed[:1]]
        for one in meant(said, known(posts), now.lines) if said else ():
            learn(Teacher(now, past, report, [], lambda _, found=found: found).hear(one), said)
    return interests(lessons)


def curve(name: str, posts: Posts, crowd: Multitude, by: Interests) -> Curve:
    """Of the funnel. A group counts as one post that is read, since one stands for all of it."""
    groups = ranked(posts, ALL, by, most=round(crowd.messages * SHARES[-1])).groups
    return _curve(name, crowd, [group.posts for group in groups])


def newest(posts: Posts, crowd: Multitude) -> Curve:
    return _best("newest first", posts, crowd, lambda found, length, at: float(at))


def bm25(posts: Posts, crowd: Multitude, by: Interests) -> Curve:
    """For the words that count for more, by these interests, and the reader's name."""
    words = [sign[5:] for sign in by.word_signs if by.weights[sign] > 0] + READER.lower().split()
    asked = {term(form) for word in words for form in forms(word)}
    every, counts = sum(channel.posts for channel in posts.channels()), posts.frequencies(asked)
    rare = {
        number: math.log(1 + (every - counts.get(number, 0) + 0.5) / (counts.get(number, 0) + 0.5)) for number in asked
    }
    usual = sum(len(glance.terms) for glance in posts.between(END - timedelta(days=1), END)) / 4
    usual /= max(1, sum(1 for _ in posts.between(END - timedelta(days=1), END)))

    def worth(found: Sequence[int], length: int, at: int) -> float:
        return sum(rare[n] for n in asked.intersection(found)) * (_K + 1) / (1 + _K * (1 - _B + _B * length / usual))

    return _best("BM25", posts, crowd, worth)


def _best(name: str, posts: Posts, crowd: Multitude, worth: Callable[[Sequence[int], int, int], float]) -> Curve:
    def scored() -> Iterable[tuple[float, int]]:
        for glance in posts.between(ALL.since, ALL.until):
            found = array("I", glance.terms)
            yield worth(found, len(found), glance.at), glance.number

    best = heapq.nlargest(round(crowd.messages * SHARES[-1]), scored())
    of = posts.posts(number for _, number in best)
    return _curve(name, crowd, [[of[number].id] for _, number in best])


def _curve(name: str, crowd: Multitude, read: Sequence[Sequence[str]]) -> Curve:
    important = crowd.important()
    recall: list[float] = []
    for share in SHARES:
        seen = {post for posts in read[: max(1, round(crowd.messages * share))] for post in posts}
        recall.append(len(seen & important) / len(important))
    return Curve(name, tuple(recall))
