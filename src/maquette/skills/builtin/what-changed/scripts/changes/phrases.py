"""Plain phrases for stretches of time: "last month", "since Monday", "between v1.0 and v1.1"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "couple of": 2, "a couple of": 2, "three": 3, "few": 3, "a few": 3,
    "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
}  # fmt: skip
_COUNT = r"(\d{1,4}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_UNIT = r"(day|week|fortnight|month|quarter|year)"
_MONTH = "(" + "|".join(f"{m[:3]}(?:{m[3:]})?" if m != "may" else "may" for m in _MONTHS) + r"|sept)\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_DATE = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?|(\d{1,2})\.(\d{1,2})\.(\d{4})")
_REF = r"[A-Za-z0-9_][\w./^~@{}-]*"


LAST_RELEASE = "last release"
"""Stands for the newest tag where the name of a commit is meant."""


@dataclass(frozen=True)
class Span:
    """From the start of a day to the end of another: `end` is not included. None: open."""

    start: date | None
    end: date | None
    said: str


@dataclass(frozen=True)
class Refs:
    """Between two commits, by whatever names, where one end may be a day (as in `Span`) instead."""

    since: str | None
    until: str | None
    said: str
    start: date | None = None
    end: date | None = None


class NotUnderstood(ValueError):
    """A phrase that names no time."""


def understand(text: str, today: date) -> Span | Refs | None:
    """The first stretch that a request names; None when it names none. A name that is no time is taken as a ref."""
    text = " ".join(text.split())
    low = text.lower()
    match = re.search(rf"({_REF}?)\.\.\.?({_REF})", text)
    if match:
        return Refs(match[1], match[2], match[0])
    match = re.search(r"\b(between|from) (.+?) (?:and|to|until|till) (.+)", text, re.IGNORECASE)
    if match:
        found = _both(_end(match[2]), _end(match[3]), today)
        # "from here to there" is no stretch of history: names without a digit only count after "between".
        if found and (match[1].lower() == "between" or isinstance(found, Span) or re.search(r"\d", match[2])):
            return found
    match = re.search(r"\b(?:since|after) (.+?)(?: (?:until|till|up to|before) (.+))?$", text, re.IGNORECASE)
    if match and (found := _both(_end(match[1]), _end(match[2] or ""), today)):
        return found
    match = re.search(r"\b(?:until|before) (.+)$", text, re.IGNORECASE)
    if match and isinstance(found := _both("", _end(match[1]), today), Span):
        return found
    return _span(low, today)


def _end(text: str) -> str:
    return text.strip().strip("\"'`“”?!,;").removesuffix(".").strip()


def _both(since: str, until: str, today: date) -> Span | Refs | None:
    first, last = _point(since, today), _point(until, today)
    said = f"since {since}" if not until else f"until {until}" if not since else f"{since} to {until}"
    if isinstance(first, str) or isinstance(last, str):
        names = [point if isinstance(point, str) else None for point in (first, last)]
        return Refs(names[0], names[1], said, *_ends(first, last))
    if first is None and last is None:
        return None
    return Span(*_ends(first, last), said)


def _ends(first: Span | str | None, last: Span | str | None) -> tuple[date | None, date | None]:
    """“Since March” begins with March, "until March" ends with it."""
    return first.start if isinstance(first, Span) else None, last.end if isinstance(last, Span) else None


def _point(text: str, today: date) -> Span | str | None:
    """A stretch if it can be read as one, else the name of a commit; None for nothing."""
    if not text:
        return None
    if re.search(r"\b(last|latest|previous) (release|tag|version)\b", text, re.IGNORECASE):
        return LAST_RELEASE
    span = _span(text.lower(), today)
    if span is not None:
        return span
    words = [_end(word) for word in text.split()]
    return next(
        (w for w in words if re.fullmatch(_REF, w) and w.lower() not in {"the", "tag", "commit", "release"}), None
    )


def resolve(text: str, today: date) -> Span | str:
    """What `--since` or `--until` was given: a stretch of time, or the name of a commit."""
    span = _span(" ".join(text.lower().split()), today)
    if span is not None:
        return span
    if text.lower() in {LAST_RELEASE, "last tag", "last version"}:
        return LAST_RELEASE
    if not re.fullmatch(_REF, text):
        raise NotUnderstood(f"“{text}” is neither a time that is understood here nor the name of a commit.")
    return text


def _span(low: str, today: date) -> Span | None:
    """The first stretch of time in a phrase in small letters."""
    for find in (_dates, _relative, _counted, _named):
        found = find(low, today)
        if found is not None:
            return found
    return None


def _dates(low: str, today: date) -> Span | None:
    match = _DATE.search(low)
    if match is None:
        return None
    try:
        if match[1] and match[3] is None:
            return _month(int(match[1]), int(match[2]), match[0])
        year, month, day = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
        start = date(int(year), int(month), int(day))
        return Span(start, start + timedelta(1), match[0])
    except (ValueError, OverflowError):
        return None


def _relative(low: str, today: date) -> Span | None:
    if re.search(r"\bday before yesterday\b", low):
        return Span(today - timedelta(2), today - timedelta(1), "the day before yesterday")
    if re.search(r"\byesterday\b", low):
        return Span(today - timedelta(1), today, "yesterday")
    if re.search(r"\btoday\b|\bthis morning\b", low):
        return Span(today, today + timedelta(1), "today")
    match = re.search(rf"\b(this|current|last|previous) {_UNIT}\b(?! days)", low)
    if match:
        back = 0 if match[1] in {"this", "current"} else 1
        return _whole(match[2], back, today, match[0])
    match = re.search(rf"\b(?:(last|this|on) )?({'|'.join(_DAYS)})\b", low)
    if match:
        back = (today.weekday() - _DAYS.index(match[2])) % 7 or 7
        start = today - timedelta(back)
        return Span(start, start + timedelta(1), match[0])
    return None


def _whole(unit: str, back: int, today: date, said: str) -> Span:
    """The current (0) or the last (1) calendar week, month, quarter, year."""
    match unit:
        case "day":
            start = today - timedelta(back)
            return Span(start, start + timedelta(1), said)
        case "week" | "fortnight":
            length = 7 if unit == "week" else 14
            start = today - timedelta(today.weekday() + (length if back else length - 7))
            return Span(start, start + timedelta(length), said)
        case "month":
            return _months(today.year * 12 + today.month - 1 - back, 1, said)
        case "quarter":
            return _months((today.year * 12 + today.month - 1) // 3 * 3 - 3 * back, 3, said)
        case _:
            return Span(date(today.year - back, 1, 1), date(today.year - back + 1, 1, 1), said)


def _months(first: int, count: int, said: str) -> Span:
    """Months are counted from year 0."""
    last = first + count
    return Span(date(first // 12, first % 12 + 1, 1), date(last // 12, last % 12 + 1, 1), said)


def _month(year: int, month: int, said: str) -> Span:
    date(year, month, 1)
    return _months(year * 12 + month - 1, 1, said)


def _counted(low: str, today: date) -> Span | None:
    """The past N of something, up to and with today; "N days ago" as well."""
    match = re.search(rf"\b{_COUNT} {_UNIT}s? ago\b", low) or re.search(
        rf"\b(?:last|past|previous|recent)(?: {_COUNT})? {_UNIT}s?\b", low
    )
    if match is None:
        return None
    count = 1 if match[1] is None else int(match[1]) if match[1].isdigit() else _NUMBERS[match[1]]
    start = _back(today, match[2], count)
    if match[0].endswith("ago"):
        return Span(start, start + timedelta(1), match[0])
    return Span(start, today + timedelta(1), match[0])


def _back(today: date, unit: str, count: int) -> date:
    days = {"day": 1, "week": 7, "fortnight": 14}.get(unit)
    try:
        if days is not None:
            return today - timedelta(days * count)
        total = today.year * 12 + today.month - 1 - count * {"month": 1, "quarter": 3, "year": 12}[unit]
        length = (_months(total, 1, "").end or today) - date(total // 12, total % 12 + 1, 1)
        return date(total // 12, total % 12 + 1, min(today.day, length.days))
    except (ValueError, OverflowError):
        return date(1970, 1, 1)


def _named(low: str, today: date) -> Span | None:
    """Such as: in March, March 2024, 5 March, March 5th, in 2024, Q2 2024."""
    match = re.search(rf"\b(?:{_DAY}(?: of)? )?\b{_MONTH}\b(?: {_DAY}\b(?!\d))?,?(?: (\d{{4}}))?", low)
    verb = match and match[2] == "may" and not re.search(r"\d may|may \d|\b(in|since|until|of) may\b|^may$", low)
    if match and not verb:
        month = [m[:3] for m in _MONTHS].index(match[2][:3]) + 1
        year = int(match[4]) if match[4] else today.year if month <= today.month else today.year - 1
        day = match[1] or match[3]
        if not day:
            return _month(year, month, match[0].strip())
        try:
            start = date(year, month, int(day))
        except ValueError:
            return None
        return Span(start, start + timedelta(1), match[0].strip())
    match = re.search(r"\bq([1-4])(?: (\d{4}))?\b", low)
    if match:
        return _months(int(match[2] or today.year) * 12 + 3 * int(match[1]) - 3, 3, match[0])
    match = re.search(r"\bin ((?:19|20)\d\d)\b", low) or re.fullmatch(r"((?:19|20)\d\d)", low)
    return Span(date(int(match[1]), 1, 1), date(int(match[1]) + 1, 1, 1), match[1]) if match else None
