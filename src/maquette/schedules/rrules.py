"""Recurrence rules as RFC 5545 writes them: lines of DTSTART, RRULE, RDATE, EXDATE."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from maquette.domain.errors import Refused
from maquette.schedules import zones
from maquette.schedules.recurrence import UNITS, Freq, Recurrence, RecurringWalls
from maquette.schedules.rules import Each, Elapsed, Fixed, Rule

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_TIMES = 100_000
LONGEST_INTERVAL = 999_999
NO_TIME = time(9)
"""When a rule begins a day that says no time."""
_LINE = re.compile(r"(?i)(RRULE|EXRULE|DTSTART|RDATE|EXDATE)((?:;[^:\s]+)?):(\S+)")
_STARTS = re.compile(r"(?i)\s*(RRULE|EXRULE|DTSTART|RDATE|EXDATE)[:;]|\s*FREQ=")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?")
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
EXAMPLE = "Each Tuesday at 7:30 is RRULE:FREQ=WEEKLY;BYDAY=TU;BYHOUR=7;BYMINUTE=30."


@dataclass
class Read:
    """What lines came to."""

    text: str
    zone: str
    rule: Rule
    walls: RecurringWalls
    notes: list[str] = field(default_factory=list[str])


def looks(text: str) -> bool:
    return bool(_STARTS.match(text))


def read(text: str, zone: str, now: datetime | None) -> Read:
    """Where no start is given, rules begin at the first time after `now` that they name. Raises `Refused`."""
    lines = _lines(text)
    starts = [line for line in lines if line[0] == "DTSTART"]
    if len(starts) > 1:
        raise _refused("A schedule has one DTSTART.")
    notes: list[str] = []
    if starts:
        zone = _zone_of(starts[0], zone, notes)
    place = zones.named(zone)
    rules = tuple(_recurrence(value, place) for name, _, value in lines if name == "RRULE")
    but = tuple(_recurrence(value, place) for name, _, value in lines if name == "EXRULE")
    dates = tuple(_moments(lines, "RDATE", place))
    left_out = list(_moments(lines, "EXDATE", place))
    if not rules and not dates:
        raise _refused("There is no RRULE line.")
    if starts:
        start, timed = _moment(starts[0][2], place)
        if not timed:
            start = _timed(start, rules, notes)
    elif not rules:
        start = min(moment for moment, _ in dates)
    elif now is None:
        raise _refused("A rule that is kept has a DTSTART line.")
    else:
        rules = tuple(_minutes_said(rule) for rule in rules)
        start = _start(rules, zones.wall(now, place).replace(fold=0), notes)
    walls = RecurringWalls(
        start=start,
        rules=rules,
        but=but,
        dates=tuple(moment for moment, _ in dates),
        left_out=frozenset(moment for moment, timed in left_out if timed),
        days_left_out=frozenset(moment.date() for moment, timed in left_out if not timed),
    )
    rest = [f"{name}{parms}:{value}" for name, parms, value in lines if name != "DTSTART"]
    kept = "\n".join([f"DTSTART:{start:%Y%m%dT%H%M%S}", *_kept(rest, rules)])
    return Read(kept, zone, _rule(walls, place), walls, notes)


def _refused(why: str) -> Refused:
    return Refused(f"{why} {EXAMPLE}", code="bad-rrule")


def _lines(text: str) -> list[tuple[str, str, str]]:
    """Name, parameters, value. Folded lines are one; what stands on one line may be parted by blanks."""
    found: list[tuple[str, str, str]] = []
    for piece in re.sub(r"\r?\n[ \t]", "", text).split():
        line = piece if ":" in piece or not piece.upper().startswith("FREQ=") else f"RRULE:{piece}"
        match = _LINE.fullmatch(line)
        if match is None:
            raise _refused(f"{line[:60]!r} is no line of a recurrence rule.")
        name, parms, value = match.groups()
        found.append((name.upper(), parms, value.upper()))
    return found


def _zone_of(line: tuple[str, str, str], zone: str, notes: list[str]) -> str:
    """A start may name its own zone, or be in UTC: all is by that then."""
    named = re.search(r"(?i);TZID=/?([^;:]+)", line[1])
    own = zones.named(named[1]).key if named else "UTC" if line[2].endswith("Z") else zone
    if own != zone:
        notes.append(f"Its DTSTART is by the clocks of {own}, so all of it is, and not by those of {zone}.")
    return own


def _moment(value: str, place: ZoneInfo) -> tuple[datetime, bool]:
    """Naive, on the clocks of `place`; and whether it said a time."""
    match = _MOMENT.fullmatch(value)
    if match is None:
        raise _refused(f"{value[:40]!r} is no time: write 20261224T180000, by local clocks, or with a Z for UTC.")
    year, month, day, hour, minute, second, utc = match.groups()
    try:
        moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))  # noqa: DTZ001
    except ValueError as error:
        raise _refused(f"{value[:40]!r} is on no calendar.") from error
    if utc:
        moment = zones.wall(moment.replace(tzinfo=UTC), place).replace(fold=0)
    return moment, hour is not None


def _moments(lines: list[tuple[str, str, str]], name: str, place: ZoneInfo) -> list[tuple[datetime, bool]]:
    found: list[tuple[datetime, bool]] = []
    for one, parms, value in lines:
        if one == name:
            named = re.search(r"(?i);TZID=/?([^;:]+)", parms)
            there = zones.named(named[1]) if named else place
            for moment in value.split(","):
                wall, timed = _moment(moment, there)
                at = zones.instant(wall, there) if there is not place else None
                found.append((wall if at is None else zones.wall(at, place).replace(fold=0), timed))
    return found


def _numbers(low: int, high: int, *, signed: bool = False) -> Callable[[str, str], tuple[int, ...]]:
    def read(name: str, value: str) -> tuple[int, ...]:
        numbers: list[int] = []
        for one in value.split(","):
            if not re.fullmatch(r"[+-]?\d{1,4}" if signed else r"\d{1,4}", one):
                raise _refused(f"{name}={value[:40]} holds {one[:20]!r}, which is no number.")
            number = int(one)
            if not low <= abs(number) <= high:
                minus = f", or -{high} to -{low}" if signed else ""
                raise _refused(f"{name} is {low} to {high}{minus}; {number} is not.")
            numbers.append(number)
        return tuple(sorted(set(numbers)))

    return read


def _byday(name: str, value: str) -> tuple[tuple[int, int], ...]:
    days: list[tuple[int, int]] = []
    for one in value.split(","):
        match = _BYDAY.fullmatch(one)
        number = int(match[1] or 0) if match else 0
        if match is None or (match[1] and not 1 <= abs(number) <= 53):
            raise _refused(f"{name} is days like MO,WE or 1MO or -1FR; {one[:20]!r} is none.")
        days.append((DAYS.index(match[2]), number))
    return tuple(days)


_PARTS: dict[str, tuple[str, Callable[[str, str], tuple[object, ...]]]] = {
    "BYMONTH": ("months", _numbers(1, 12)),
    "BYWEEKNO": ("weeks", _numbers(1, 53, signed=True)),
    "BYYEARDAY": ("year_days", _numbers(1, 366, signed=True)),
    "BYMONTHDAY": ("month_days", _numbers(1, 31, signed=True)),
    "BYDAY": ("days", _byday),
    "BYWEEKDAY": ("days", _byday),
    "BYEASTER": ("easter", _numbers(0, 366, signed=True)),
    "BYHOUR": ("hours", _numbers(0, 23)),
    "BYMINUTE": ("minutes", _numbers(0, 59)),
    "BYSECOND": ("seconds", _numbers(0, 59)),
    "BYSETPOS": ("positions", _numbers(1, 366, signed=True)),
}


def _recurrence(value: str, place: ZoneInfo) -> Recurrence:
    said: dict[str, str] = {}
    for part in value.strip(";").split(";"):
        name, equals, given = part.partition("=")
        if not equals or not given or name in said:
            raise _refused(f"A rule is NAME=VALUE, parted by semicolons, each name once; {part[:40]!r} is not.")
        said[name] = given
    freq = said.pop("FREQ", "")
    if freq not in Freq.__members__:
        raise _refused(f"FREQ is one of {', '.join(reversed(Freq.__members__))}.")
    found: dict[str, object] = {}
    for name, given in said.items():
        if name in _PARTS:
            attribute, reads = _PARTS[name]
            found[attribute] = reads(name, given)
        elif name in ("INTERVAL", "COUNT"):
            most = LONGEST_INTERVAL if name == "INTERVAL" else MOST_TIMES
            if not re.fullmatch(r"\d{1,9}", given) or not 1 <= int(given) <= most:
                raise _refused(f"{name} is 1 to {most:,}; {given[:20]} is not.")
            found[name.lower()] = int(given)
        elif name == "UNTIL":
            moment, timed = _moment(given, place)
            found["until"] = moment if timed else datetime.combine(moment, time(23, 59, 59))
        elif name == "WKST" and given in DAYS:
            found["week_start"] = DAYS.index(given)
        else:
            raise _refused(f"{name[:20]}={given[:20]} is not understood in a rule.")
    if "count" in found and "until" in found:
        raise _refused("A rule has COUNT or UNTIL, not both.")
    return Recurrence(freq=Freq[freq], **found)  # type: ignore[arg-type]  # read by _PARTS


def _minutes_said(rule: Recurrence) -> Recurrence:
    """Who says an hour and no minute means the full hour, and not the minute at which it was said."""
    if rule.hours and not rule.minutes and rule.freq < Freq.MINUTELY:
        return replace(rule, minutes=(0,))
    return rule


def _timed(day: datetime, rules: tuple[Recurrence, ...], notes: list[str]) -> datetime:
    if any(not rule.hours and rule.freq < Freq.HOURLY for rule in rules):
        notes.append(f"It says no time, so {NO_TIME:%H:%M} is taken; BYHOUR=18;BYMINUTE=30 would say one.")
        return datetime.combine(day, NO_TIME)
    return day


def _start(rules: tuple[Recurrence, ...], now: datetime, notes: list[str]) -> datetime:
    today = datetime.combine(now.date(), time())
    start = _timed(today, rules, notes)
    often = tuple(replace(rule, interval=1, count=None, until=None) for rule in rules)
    first = next(RecurringWalls(start, often).after(now), None)
    if all(rule.freq >= Freq.HOURLY for rule in rules):
        return today
    if any(rule.interval > 1 or rule.count for rule in rules) and first is not None:
        notes.append(f"It names no start, so it begins with the first time to come, {first:%Y-%m-%d %H:%M}.")
    return first or start


def _rule(walls: RecurringWalls, place: ZoneInfo) -> Rule:
    """By set times of the wall clock, but for what comes more often than once a day."""
    often = [rule.freq >= Freq.HOURLY for rule in walls.rules]
    if (
        len(often) == 1
        and often[0]
        and walls.rules[0].plain
        and not (walls.but or walls.dates or walls.left_out or walls.days_left_out)
    ):
        rule = walls.rules[0]
        since = zones.instant(walls.start, place) or zones.gap(walls.start, place)[0]
        until = rule.until and (zones.instant(rule.until, place) or zones.gap(rule.until, place)[0])
        return Elapsed(since, timedelta(seconds=UNITS[rule.freq] * rule.interval), rule.count, until)
    return Each(walls) if often and all(often) else Fixed(walls)


def _kept(rest: list[str], rules: tuple[Recurrence, ...]) -> list[str]:
    """As they were, with the minute that was taken for granted."""
    kept: list[str] = []
    remaining = iter(rules)
    for line in rest:
        if line.startswith("RRULE:") and next(remaining).minutes and "BYMINUTE=" not in line:
            line = f"{line.rstrip(';')};BYMINUTE=0"
        kept.append(line)
    return kept
