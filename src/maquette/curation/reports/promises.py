"""Promises: who said they would do something by when, and nothing came of it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from maquette.curation.reports.sights import COMMON
from maquette.domain.posts import Glance, Post
from maquette.domain.terms import term

_SAID = re.compile(r"\b(?:i|we)(?:['’]ll| will| can have| am going to|['’]m going to)\b(.{3,160})", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WHEN = re.compile(
    rf"\b(?:(?:by|before|until|on|this|next)\s+(?:the\s+)?(?P<day>{'|'.join(_DAYS)})|(?P<tomorrow>tomorrow)"
    r"|(?P<today>today|tonight|end of (?:the )?day|eod)|(?P<week>(?:end of (?:the |this )?|this )week|eow)"
    r"|(?P<next>next week)|in (?P<n>\d{1,2}|an?|two|three) (?P<unit>hours?|days?|weeks?))\b",
    re.IGNORECASE,
)
_NUMBERS = {"a": 1, "an": 1, "two": 2, "three": 3}
_WHENS = [*_DAYS, "tomorrow", "today", "tonight", "eod", "eow", "week", "day", "days", "hours", "weeks"]
SAYS = frozenset(map(term, ("ll", "will", "going", "can")))
WHENS = frozenset(map(term, _WHENS))
_NOTHING = frozenset(map(term, COMMON)) | SAYS | WHENS | {term("end")}


def due(post: Post) -> datetime | None:
    """Until when its author said they would do something; None where nothing is promised by a time that can be told."""
    said = _SAID.search(post.text)
    when = _WHEN.search(said[1]) if said else None
    return _due(post.at, when) if when else None


def _due(at: datetime, when: re.Match[str]) -> datetime:
    """The end of that day, UTC; of hours, the hour."""
    days = 0
    if day := when["day"]:
        days = (_DAYS.index(day.lower()) - at.weekday()) % 7
    elif when["tomorrow"]:
        days = 1
    elif when["week"]:
        days = max(0, 4 - at.weekday())
    elif when["next"]:
        days = 7 + max(0, 4 - at.weekday())
    elif count := when["n"]:
        number, unit = _NUMBERS.get(count.lower()) or int(count), when["unit"].lower()
        if unit.startswith("hour"):
            return at + timedelta(hours=number)
        days = number * (7 if unit.startswith("week") else 1)
    return at.replace(hour=23, minute=59, second=59, microsecond=0) + timedelta(days=days)


@dataclass
class _Open:
    """Looks like a promise, and nothing came of it so far."""

    number: int
    thread: int
    about: frozenset[int]


class Promises:
    """What looks like one, by who made it; told of each post in the order of time."""

    each = 8
    """Of one author; the oldest go first."""

    def __init__(self) -> None:
        self._open: dict[int, deque[_Open]] = {}

    def take(self, glance: Glance, found: Iterable[int], made: bool) -> None:
        """`made`: it has words of a promise. `found`: its terms."""
        by = self._open.get(glance.author)
        if by:
            about = frozenset(found) - _NOTHING
            kept = [
                one for one in by if one.thread == glance.thread or len(one.about & about) >= min(2, len(one.about))
            ]
            for one in kept:
                by.remove(one)
        if made and (about := frozenset(found) - _NOTHING):
            by = self._open.setdefault(glance.author, deque(maxlen=self.each))
            by.append(_Open(glance.number, glance.thread, about))

    def by(self, author: int) -> bool:
        return author in self._open

    @property
    def numbers(self) -> list[int]:
        """Of the posts of which nothing came."""
        return [one.number for by in self._open.values() for one in by]
