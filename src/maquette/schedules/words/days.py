"""Days that come again: `weekdays`, `every Monday`, `the 1st and 15th of every month`, `every 24 December`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time
from itertools import groupby

from maquette.schedules import told
from maquette.schedules.recurrence import Freq, Recurrence, RecurringWalls
from maquette.schedules.words.said import Now, ambiguous, wrong

EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001  # a wall clock's; whatever comes each time counts from nowhere
WORKING = (0, 1, 2, 3, 4)
ALL = tuple(range(7))
DAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)s?"
)
DAYS = rf"{DAY}(?:(?: ?, ?(?:and )?| and | ?& ?| ?/ ?| ?- ?| to | through )(?:on )?{DAY})*"
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_AND = r"(?: ?, ?(?:and )?| and | ?& ?)"
_NTH = r"(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|last)"
_WHICH = rf"(?:the )?(?P<nth>{_NTH}(?:{_AND}(?:the )?{_NTH})*)(?: (?P<of>day|weekdays?|{DAY}))?"
_OF = rf" (?:of|in) (?:the month|every (?:(?P<step>\d+) )?months?|(?P<months>{MONTH}(?:{_AND}{MONTH})*))"
_DAY_FIRST = rf"(\d{{1,2}})(?:st|nd|rd|th)?\.? (?:of )?({MONTH})"
_MONTH_FIRST = rf"({MONTH}) (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?"
_LONGEST = 9999


@dataclass(frozen=True)
class Days:
    """`text` says it anew. `rules` match once a day; an `interval` of theirs over 1 counts from a day to be said."""

    text: str
    rules: tuple[Recurrence, ...]
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        return any(rule.interval > 1 for rule in self.rules)

    def at(self, times: Iterable[time], start: datetime) -> RecurringWalls:
        """At those times of each of these days."""
        minutes = groupby(sorted(times, key=lambda one: one.minute), key=lambda one: one.minute)
        hours = [(minute, tuple(one.hour for one in group)) for minute, group in minutes]
        rules = [
            replace(rule, hours=at, minutes=(minute,), seconds=(0,)) for rule in self.rules for minute, at in hours
        ]
        return RecurringWalls(start, tuple(rules))


def read(words: str, now: Now, *, often: bool = False) -> Days | None:
    """None where these are no days that come again. `often`: the part of the day was said as of many (mornings)."""
    for reads in (_by_week, _by_month, _by_year):
        found = reads(words, now, often=often)
        if found is not None:
            return found
    return None


def numbers(words: str) -> tuple[int, ...]:
    """Weekdays from 0, Monday; `Mon-Fri` are five."""
    chosen: set[int] = set()
    for piece in re.split(r" ?, ?(?:and )?| and | ?& ?| ?/ ?", words):
        ends = [_weekday(one) for one in re.split(r" ?- ?| to | through ", piece.removeprefix("on "))]
        chosen |= {(ends[0] + more) % 7 for more in range((ends[-1] - ends[0]) % 7 + 1)}
    return tuple(sorted(chosen))


def _weekday(word: str) -> int:
    return ("mo", "tu", "we", "th", "fr", "sa", "su").index(word.strip()[:2])


def month(word: str) -> int:
    return ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec").index(word[:3]) + 1


def _interval(number: str | None, words: str) -> int:
    step = int(number or 1)
    if not 1 <= step <= _LONGEST:
        raise wrong(f"“{words[:80]}”: it is every 1 to {_LONGEST}.")
    return step


def weekly(chosen: tuple[int, ...], step: int = 1) -> Days:
    on = told.days(chosen)
    if step > 1:
        return Days(
            f"every {step} weeks on {on}", (Recurrence(Freq.WEEKLY, step, days=tuple((day, 0) for day in chosen)),)
        )
    text = on if on.startswith("every") or on in ("weekdays", "weekends") else f"every {on}"
    return Days(text, (Recurrence(Freq.DAILY, days=() if chosen == ALL else tuple((day, 0) for day in chosen)),))


def _by_week(words: str, now: Now, *, often: bool) -> Days | None:
    if words in ("every day", "days", "every") or (often and not words):
        return weekly(ALL)
    if words in ("weekdays", "on weekdays", "every weekday", "every weekdays") or (often and words == "weekday"):
        return weekly(WORKING)
    if words in ("weekends", "on weekends", "every weekend", "at weekends", "at the weekend"):
        return weekly((5, 6))
    if match := re.fullmatch(r"every (\d+) days?", words):
        return _by_days(_interval(match[1], words))
    if match := re.fullmatch(rf"every (?:(\d+) )?weeks?(?: on (?:every )?({DAYS}|weekdays|weekends))?", words):
        step = _interval(match[1], words)
        if match[2]:
            return weekly(_set(match[2]), step)
        today = now.must(words).weekday()
        note = f"No day is said, so it is {told.WEEKDAYS[today]}, as today."
        return replace(weekly((today,), step), notes=(note,))
    if match := re.fullmatch(rf"(?:on )?({DAYS}),? every (\d+) weeks?|every (?:(\d+)|other) ({DAYS})", words):
        step = match[2] or match[3] or "2"
        return weekly(numbers(match[1] or match[4]), _interval(step, words))
    if match := re.fullmatch(rf"every second ({DAY})", words):
        name = told.WEEKDAYS[_weekday(match[1])]
        raise ambiguous(words, f"“every 2 weeks on {name}”", f"“the second {name} of every month”")
    if match := re.fullmatch(rf"(every |on )?({DAYS})", words):
        chosen = numbers(match[2])
        many = len(chosen) > 1 or often or match[1] == "every " or re.fullmatch(rf"{DAY}(?<=days)", match[2])
        return weekly(chosen) if many else None
    return None


def _set(words: str) -> tuple[int, ...]:
    return {"weekdays": WORKING, "weekends": (5, 6)}.get(words) or numbers(words)


def chosen(words: str) -> tuple[int, ...] | None:
    """The weekdays of `on weekdays`, `on Mondays`, `every day`; None: these are none."""
    found = _by_week(words, Now(None), often=True) if words else None
    if found is None or found.counts:
        return None
    return tuple(day for day, _ in found.rules[0].days) or ALL


def _by_days(step: int) -> Days:
    notes = ()
    if step in (28, 29, 30, 31, 365, 366):
        month = step < 32
        better = "“the 1st of every month”" if month else "“every 1 January”"
        notes = (f"Every {step} days isn't every {'month' if month else 'year'}: the date moves. {better} would stay.",)
    return Days(told.every(step, "day"), (Recurrence(Freq.DAILY, step),), notes)


def _by_month(words: str, now: Now, *, often: bool) -> Days | None:
    if words == "every quarter":
        note = "A quarter begins on the first of January, April, July and October."
        return replace(_monthly(((1, ""),), months=(1, 4, 7, 10)), notes=(note,))
    if match := re.fullmatch(r"every (?:(\d+) )?months?", words):
        note = "No day is said, so it is the 1st; “the last day of every month”, say, would be another."
        return replace(_monthly(((1, ""),), _interval(match[1], words)), notes=(note,))
    patterns = (
        rf"every (?:(?P<step>\d+) )?months? on (?:every )?{_WHICH}",
        rf"(?:on |every )?{_WHICH}{_OF}",
        rf"every (?:(?P<step>\d+) )?months?,? {_WHICH}",
    )
    for pattern in patterns:
        if match := re.fullmatch(pattern, words):
            parts = match.groupdict()
            months = re.findall(MONTH, parts.get("months") or "")
            positions = tuple((_number(one), parts["of"] or "") for one in re.findall(_NTH, parts["nth"]))
            return _monthly(positions, _interval(parts["step"], words), tuple(month(one) for one in months))
    if match := re.fullmatch(rf"every (?P<nth>{_NTH}) (?P<of>{DAY})", words):
        return _monthly(((_number(match["nth"]), match["of"]),))
    if match := re.fullmatch(rf"(?:on )?{_WHICH}", words):
        which = match[0].removeprefix("on ").removeprefix("the ")
        raise ambiguous(words, f"“the {which} of every month”", "the date, like 2026-12-24")
    return None


def _number(word: str) -> int:
    if word == "last":
        return -1
    return told.WORDS.index(word) + 1 if word in told.WORDS else int(re.sub(r"\D", "", word))


def _monthly(positions: tuple[tuple[int, str], ...], step: int = 1, months: tuple[int, ...] = ()) -> Days:
    """Positions are numbers with `day`, `weekday`, a weekday's name or nothing."""
    kind = positions[0][1]
    nth = tuple(number for number, _ in positions)
    named = told.listed(told.which(one) if kind else told.ordinal(one) for one in nth)
    of = f"every {step} months" if step > 1 else "every month"
    if months:
        months = tuple(sorted(set(months)))
        of = told.listed(told.MONTHS[one - 1] for one in months)
    notes: tuple[str, ...] = ()
    base = Recurrence(Freq.MONTHLY, step, months=months)
    if kind in ("", "day"):
        if not all(-1 <= one <= 31 and one for one in nth):
            raise wrong(f"No month has a {told.ordinal(max(nth))} day.")
        if -1 in nth and not kind:
            named, kind = f"{named} day", "day"
        if not months and any(one > 28 for one in nth):
            notes = (
                f"Months without a {told.ordinal(max(nth))} are left out; “the last day of every month” is in all.",
            )
        rules: tuple[Recurrence, ...] = (replace(base, month_days=nth),)
    elif kind.startswith("weekday"):
        if set(nth) - {1, -1}:
            raise wrong("Of weekdays only the first and the last of a month can be said.")
        weekdays = tuple((day, 0) for day in WORKING)
        edge = {1: ((1,), (2, 3), 0), -1: ((-1,), (-2, -3), 4)}
        rules = tuple(
            rule
            for one in nth
            for rule in (
                replace(base, month_days=edge[one][0], days=weekdays),
                replace(base, month_days=edge[one][1], days=((edge[one][2], 0),)),
            )
        )
        kind = "weekday"
    else:
        day = _weekday(kind)
        kind = told.WEEKDAYS[day]
        if not all(-1 <= one <= 5 and one for one in nth):
            raise wrong(f"No month has a {told.ordinal(max(nth))} {kind}.")
        if 5 in nth:
            notes = (f"Months without a fifth {kind} are left out; “the last {kind} of every month” is in all.",)
        rules = (replace(base, days=tuple((day, one) for one in nth)),)
    return Days(" ".join(filter(None, ["the", named, kind, "of", of])), rules, notes)


def date(words: str) -> tuple[int, int] | None:
    """Day and month of `24 December`, `December 24th`; None: this is none."""
    if match := re.fullmatch(_DAY_FIRST, words):
        return int(match[1]), month(match[2])
    match = re.fullmatch(_MONTH_FIRST, words)
    return (int(match[2]), month(match[1])) if match else None


def _by_year(words: str, now: Now, *, often: bool) -> Days | None:
    if words == "every year":
        raise wrong("“every year” needs its day: “every 24 December at 18:00”.")
    yearly = re.fullmatch(r"every (?:year,? )?(?:on )?(?:the )?(.*)|(?:on )?(?:the )?(.*?),? every year", words)
    found = date(yearly[1] or yearly[2]) if yearly else None
    if found is None:
        return None
    day, named = found
    longest = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[named - 1]
    if not 1 <= day <= longest:
        raise wrong(f"{told.MONTHS[named - 1]} has {longest} days at most.")
    leap = ("Only leap years have a 29 February: it runs every four years.",) if (named, day) == (2, 29) else ()
    rule = Recurrence(Freq.YEARLY, months=(named,), month_days=(day,))
    return Days(f"every {day} {told.MONTHS[named - 1]}", (rule,), leap)
