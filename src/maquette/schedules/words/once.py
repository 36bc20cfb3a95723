"""Once: `tomorrow at 8`, `2026-12-24 at 18:00`, `next Monday`, `in 20 minutes`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from maquette.schedules import told, zones
from maquette.schedules.recurrence import RecurringWalls
from maquette.schedules.rules import At, Fixed
from maquette.schedules.words import days
from maquette.schedules.words.said import Now, Said, ambiguous, wrong
from maquette.schedules.words.times import Times

_ISO = re.compile(r"(?:on )?(\d{4}-\d\d-\d\d)(?:t| |,|, | at )(\d\d:\d\d(?::\d\d)?) ?(z|utc|[+-]\d\d:?\d\d)?")
_DATE = re.compile(r"(?:on )?(?:(?P<iso>\d{4}-\d\d-\d\d)|(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4}))")
_NAMED = re.compile(r"(?:on )?(?:the )?(.*?)(?:,? (\d{4}))?")
_IN = re.compile(
    r"(?:in )(\d+) (minutes?|hours?|days?|weeks?|months?)(?: from now)?|(\d+) (minutes?|hours?|days?|weeks?) from now"
)


def moment(words: str, now: Now, place: ZoneInfo) -> Said | None:
    """What says its time together with its day: an ISO time, or so long from now."""
    if match := _ISO.fullmatch(words):
        day, clock, offset = match.groups()
        wall = _datetime(f"{day}T{clock}", words)
        if not offset:
            return at(wall)
        suffix = "+00:00" if offset in ("z", "utc") else offset
        return _instant(_datetime(f"{day}T{clock}{suffix}", words).astimezone(UTC), place)
    if match := _IN.fullmatch(words):
        number, unit = int(match[1] or match[3]), (match[2] or match[4]).rstrip("s")
        if unit in ("minute", "hour") and number < 1_000_000:
            since = now.must(words)
            begin = (zones.instant(since, place) or zones.gap(since, place)[0]).replace(second=0, microsecond=0)
            return _instant(begin + timedelta(minutes=number * (60 if unit == "hour" else 1)), place)
    return None


def read(times: Times, now: Now, words: str) -> Said | None:
    """Of what is left when the time of day is out of it. `words`: all that was said."""
    found = _day(times.rest, times, now)
    if found is None:
        return None
    day, notes = found
    (clock, *more), taken = times.or_taken()
    if more:
        raise wrong("What runs once runs at one time: make a second one for the other.")
    if times.part == "night" and clock.hour < 6:
        day += timedelta(days=1)
    return at(datetime.combine(day, clock), (*notes, *taken))


def at(wall: datetime, notes: tuple[str, ...] = ()) -> Said:
    text = f"{wall:%Y-%m-%d} at {_clock(wall)}"
    return Said(text, Fixed(RecurringWalls(wall, dates=(wall,))), notes, f"once, on {text}")


def _instant(moment: datetime, place: ZoneInfo) -> Said:
    """By the wall clock, where that says it for the first time."""
    wall = zones.wall(moment, place)
    if not wall.fold:
        return at(wall)
    text = f"{moment:%Y-%m-%d} {_clock(moment)} UTC"
    return Said(text, At(moment), (), f"once, on {text}")


def _clock(wall: datetime) -> str:
    return wall.strftime("%H:%M:%S" if wall.second else "%H:%M")


def _datetime(text: str, words: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise wrong(f"“{words[:60]}” is on no calendar.") from error


def _day(rest: str, times: Times, now: Now) -> tuple[date, tuple[str, ...]] | None:
    rest = re.sub(r"^(?:just )?once,? ?", "", rest)
    if match := _DATE.fullmatch(rest):
        return _datetime(match["iso"] or f"{match['y']}-{match['m']:0>2}-{match['d']:0>2}", rest).date(), ()
    if re.fullmatch(r"(?:on )?\d{1,2}/\d{1,2}(?:/\d{2,4})?", rest):
        raise wrong(f"“{rest}” has the month first in some countries and the day in others: write 2026-12-24.")
    if rest in ("today", "this", "tomorrow", "the day after tomorrow", "day after tomorrow"):
        later = {"tomorrow": 1}.get(rest, 2 if rest.endswith("after tomorrow") else 0)
        return now.must(rest).date() + timedelta(days=later), ()
    if match := _IN.fullmatch(rest):
        return _later(int(match[1] or match[3]), (match[2] or match[4]).rstrip("s"), rest, now)
    if match := re.fullmatch(rf"(?:on )?(next|this coming|this|coming|on)? ?({days.DAY})", rest):
        return _weekday(match[1], match[2], rest, now)
    match = _NAMED.fullmatch(rest)
    named = days.date(match[1]) if match else None
    return _named(*named, match[2], rest, times, now) if match and named else None


def _later(number: int, unit: str, rest: str, now: Now) -> tuple[date, tuple[str, ...]]:
    if unit not in ("day", "week") or number > 100_000:
        raise wrong(f"“{rest[:60]}” isn't understood: say it in minutes, hours, days or weeks, or as a date.")
    return now.must(rest).date() + timedelta(days=number * (7 if unit == "week" else 1)), ()


def _weekday(how: str | None, name: str, rest: str, now: Now) -> tuple[date, tuple[str, ...]]:
    wanted = days.numbers(name)[0]
    full = told.WEEKDAYS[wanted]
    if not how and not rest.startswith("on "):
        raise ambiguous(rest, f"“every {full}”", f"“next {full}”")
    today = now.must(rest).date()
    day = today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
    return day, (f"That is {day:%Y-%m-%d}, the first {full} after today; “every {full}” would come again.",)


def _named(day: int, month: int, said: str | None, rest: str, times: Times, now: Now) -> tuple[date, tuple[str, ...]]:
    if said:
        return _datetime(f"{said}-{month:02}-{day:02}", rest).date(), ()
    wall = now.must(rest)
    clock = times.or_taken()[0][0]
    for year in range(wall.year, wall.year + 9):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if datetime.combine(found, clock) > wall:
            note = (
                f"No year is said, so it is {found:%Y-%m-%d}, once; “every {day} {told.MONTHS[month - 1]}” comes again."
            )
            return found, (note,)
    raise wrong(f"{told.MONTHS[month - 1]} has no {day}.")


def moment_of(day: str, clock: str | None, words: str) -> datetime:
    """Naive; midnight where no time is said."""
    return _datetime(f"{day}T{clock or '00:00':0>5}", words)
