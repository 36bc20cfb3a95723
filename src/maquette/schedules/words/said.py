"""What words came to, and how they are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from maquette.domain.errors import Refused
from maquette.schedules.rules import Rule

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SAME = (
    (r"[–—]", "-"),
    (r"[“”„\"‘’]|o'clock", " "),
    (r"\bhalf an hour\b|\bhalf hour\b", "30 minutes"),
    (r"\b(a )?quarter (of an )?hour\b", "15 minutes"),
    (r"\bonce (a|per|every|each) (?=hour|day|week|month|year)", "every "),
    (r"\b(a|an) (minute|hour|day|week|month)\b", r"1 \2"),
    (r"\b(each|every single|once every|once each)\b", "every"),
    (r"\bevery (other|second) (?=(minute|hour|day|week|month|year)\b)", "every 2 "),
    (r"\bfortnightly\b|\bevery fortnight\b", "every 2 weeks"),
    (r"\bdaily\b", "every day"),
    (r"\bhourly\b", "every hour"),
    (r"\bweekly\b", "every week"),
    (r"\bmonthly\b", "every month"),
    (r"\bquarterly\b", "every quarter"),
    (r"\b(yearly|annually)\b", "every year"),
    (r"(?<=\d)\s*(m|min|mins|minutes?)\b", " minutes"),
    (r"(?<=\d)\s*(hr|hrs|hours?)\b", " hours"),
    (r"\b(every|in) (\d+) ?h\b", r"\1 \2 hours"),
    (r"\bmidday\b", "noon"),
    (r"\b(business|working|work) ?days?\b", "weekdays"),
)


@dataclass(frozen=True)
class Said:
    """`text` says it anew, in words that read to the same at any time."""

    text: str
    rule: Rule
    notes: tuple[str, ...] = ()
    means: str = ""
    """Where `text` alone would say less."""


class Bounds(NamedTuple):
    """From when and until when, days within it; naive."""

    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True)
class Now:
    """What relative words count from: what the wall clock says. None: nothing relative is to be said."""

    wall: datetime | None

    def must(self, words: str) -> datetime:
        if self.wall is None:
            raise wrong(f"“{words}” counts from the day on which it was said, which isn't known any more.")
        return self.wall


def plain(text: str) -> str:
    """In lower case, with one word for what has several."""
    text = " ".join(text.lower().split()).rstrip(" .!")
    for pattern, word in _SAME:
        text = re.sub(pattern, word, text)
    text = re.sub(rf"\b({'|'.join(NUMBERS)})\b", lambda found: str(NUMBERS.index(found[0]) + 1), text)
    return " ".join(text.split())


def wrong(why: str) -> Refused:
    return Refused(why, code="bad-schedule")


def unknown(words: str) -> Refused:
    return wrong(
        f"“{words[:80]}” isn't understood as a schedule. Write for instance “weekdays at 7:30”, “every 2 hours from "
        "9:00 to 17:00”, “first Monday of the month at 9:30”, “2026-12-24 at 18:00”, or five fields of cron."
    )


def ambiguous(words: str, *choices: str) -> Refused:
    return Refused(f"“{words[:80]}” can mean several things: write {' or '.join(choices)}.", code="ambiguous-schedule")
