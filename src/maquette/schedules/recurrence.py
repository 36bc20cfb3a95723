"""When recurrence rules (RFC 5545) match, on a wall clock. The one door to dateutil.

dateutil counts from a rule's start, and to the year 9999 where nothing matches any more. So a rule without a count is
begun anew shortly before the moment that is asked about, and all is counted 400 years at a time later, towards the end
of the calendar: days and weekdays come back after just so long.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import MAXYEAR, date, datetime, time, timedelta
from enum import IntEnum
from functools import lru_cache
from itertools import groupby, islice, product

from dateutil.rrule import rrule, weekday

CYCLE = 400
"""Years."""
HORIZON = 50
"""Years that are looked at, at least, before a rule is said to match never again."""
LAST_EASTER = 4099


class Freq(IntEnum):
    """As dateutil numbers them."""

    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3
    HOURLY = 4
    MINUTELY = 5
    SECONDLY = 6


UNITS = {Freq.HOURLY: 3600, Freq.MINUTELY: 60, Freq.SECONDLY: 1}
"""Seconds."""
PATIENCE = 250_000
"""Moments that are looked at before it is said that no more will match."""
LEFT_OUT = 50_000
"""Matches that may be left out one after another, before it is said that all are."""
EVERY_KIND = datetime(9972, 1, 1)  # noqa: DTZ001
"""From here to the end of the calendar there is each of the fourteen kinds of year."""
_MIDNIGHT = {"hours": (0,), "minutes": (0,), "seconds": (0,), "positions": ()}


@dataclass(frozen=True)
class Recurrence:
    """One rule as it was written. `days`: weekdays from 0, Monday, with the number of which in its period, or 0."""

    freq: Freq
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    """Naive, and within it."""
    week_start: int = 0
    months: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    days: tuple[tuple[int, int], ...] = ()
    easter: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()

    @property
    def plain(self) -> bool:
        """It says nothing but how often."""
        return not (self.days_said or self.hours or self.minutes or self.seconds or self.positions or self.months)

    @property
    def days_said(self) -> bool:
        return bool(self.weeks or self.year_days or self.month_days or self.days or self.easter)

    def whole(self, start: datetime) -> Recurrence:
        """With all that else is taken from its start."""
        months, month_days, days = self.months, self.month_days, self.days
        if not self.days_said:
            if self.freq == Freq.YEARLY:
                months = months or (start.month,)
            if self.freq in (Freq.YEARLY, Freq.MONTHLY):
                month_days = (start.day,)
            if self.freq == Freq.WEEKLY:
                days = ((start.weekday(), 0),)
        return replace(
            self,
            months=months,
            month_days=month_days,
            days=days,
            hours=self.hours or ((start.hour,) if self.freq < Freq.HOURLY else ()),
            minutes=self.minutes or ((start.minute,) if self.freq < Freq.MINUTELY else ()),
            seconds=self.seconds or ((start.second,) if self.freq < Freq.SECONDLY else ()),
        )

    def begun(self, start: datetime, wall: datetime) -> datetime:
        """A start, not long before `wall`, from which the same is matched from there on."""
        if self.count is not None or wall <= start:
            return start
        if self.freq in (Freq.YEARLY, Freq.MONTHLY):
            months = (12 if self.freq == Freq.YEARLY else 1) * self.interval
            gone = (wall.year - start.year) * 12 + wall.month - start.month
            periods = gone // months - 1
            month = start.year * 12 + (0 if self.freq == Freq.YEARLY else start.month - 1) + periods * months
            return start if periods < 1 else datetime(month // 12, month % 12 + 1, 1)  # noqa: DTZ001
        step = timedelta(weeks=self.interval) if self.freq == Freq.WEEKLY else timedelta(days=self.interval)
        periods = (wall - start) // step - 1
        if periods < 1:
            return start
        begun = _day(start + periods * step)
        return begun - timedelta(days=(begun.weekday() - self.week_start) % 7 if self.freq == Freq.WEEKLY else 0)

    def made(self, start: datetime, wall: datetime, years: int) -> Iterable[datetime] | None:
        """Begun near `wall`, and all of it so many years later. None: its parts leave nothing."""
        whole = self.whole(start)
        if not whole.easter and not _matches_ever(replace(whole, interval=1, count=None, until=None)):
            return None
        until = None if self.until is None else _later(self.until, years)
        if self.easter and self.count is None:
            until = min(until or datetime.max, datetime(LAST_EASTER, 12, 31))  # noqa: DTZ001, DTZ901
        if self.freq < Freq.HOURLY:
            begun = _later(self.begun(start, wall), years)
            return _rrule(whole, self.freq, begun, until)
        origin = _moved(start, years)
        begin = origin if self.count is not None else max(origin, _moved(wall, years))
        days = _rrule(replace(whole, interval=1, count=None, **_MIDNIGHT), Freq.DAILY, _day(begin), until)
        return islice(_within(whole, days or (), origin, begin, until), self.count)


@dataclass(frozen=True)
class RecurringWalls:
    """Rules and dates from one start, without those left out."""

    start: datetime
    rules: tuple[Recurrence, ...] = ()
    but: tuple[Recurrence, ...] = ()
    dates: tuple[datetime, ...] = ()
    left_out: frozenset[datetime] = frozenset()
    days_left_out: frozenset[date] = frozenset()

    def after(self, wall: datetime) -> Iterator[datetime]:
        last = max(wall.year, self.start.year)
        easter = any(rule.easter for rule in (*self.rules, *self.but))
        years = 0 if easter else max(0, (MAXYEAR - HORIZON - last) // CYCLE * CYCLE)
        dates = [moved for one in sorted(self.dates) if (moved := _later(one, years)) is not None]
        but = _merged(rule.made(self.start, wall, years) for rule in self.but)
        left_out, many = next(but, None), 0
        for found in _merged([*(rule.made(self.start, wall, years) for rule in self.rules), dates]):
            while left_out is not None and left_out < found:
                left_out = next(but, None)
            back = found.replace(year=found.year - years)
            gone = found == left_out or back in self.left_out or back.date() in self.days_left_out
            many = many + 1 if gone else 0
            if many > LEFT_OUT:
                return
            if back > wall and not gone:
                yield back


@lru_cache(256)
def _matches_ever(whole: Recurrence) -> bool:
    """Whether any day does: dateutil would look for one to the end of the calendar, and of few years that is near."""
    if whole.freq >= Freq.HOURLY:
        whole = replace(whole, freq=Freq.DAILY, **_MIDNIGHT)
    return next(_ended(_rrule(whole, whole.freq, EVERY_KIND, None) or ()), None) is not None


def _merged(all_of_them: Iterable[Iterable[datetime] | None]) -> Iterator[datetime]:
    """In order, each once."""
    for found, _ in groupby(heapq.merge(*(_ended(one) for one in all_of_them if one is not None))):
        yield found


def _ended(walls: Iterable[datetime]) -> Iterator[datetime]:
    """That nothing is left by its parts, dateutil may find out only when it looks."""
    with suppress(ValueError):
        yield from walls


def _rrule(whole: Recurrence, freq: Freq, start: datetime | None, until: datetime | None) -> rrule | None:
    try:
        return rrule(
            int(freq),  # type: ignore[arg-type]
            dtstart=start,
            interval=whole.interval,
            wkst=whole.week_start,
            count=whole.count,
            until=until,
            bymonth=whole.months or None,
            byweekno=whole.weeks or None,
            byyearday=whole.year_days or None,
            bymonthday=whole.month_days or None,
            byweekday=tuple(weekday(day, number or None) for day, number in whole.days) or None,
            byeaster=whole.easter or None,
            byhour=whole.hours or None,
            byminute=whole.minutes or None,
            bysecond=whole.seconds or None,
            bysetpos=whole.positions or None,
        )
    except ValueError:
        return None


def _within(
    whole: Recurrence, days: Iterable[datetime], origin: datetime, begin: datetime, until: datetime | None
) -> Iterator[datetime]:
    """Of what comes more often than daily: dateutil says which days, and it is told here when in them. It would go from
    one time to the next by itself, which of some rules takes minutes.
    """
    looked = 0
    for day in days:
        for period in _periods(whole, day, origin, begin):
            looked += 1
            if looked > PATIENCE:
                return
            for found in _matches(whole, period):
                if found < origin:
                    continue
                if until is not None and found > until:
                    return
                looked = 0
                yield found
        looked += 1


def _periods(whole: Recurrence, day: datetime, origin: datetime, begin: datetime) -> Iterator[datetime]:
    """The hours, minutes or seconds of a day that are whole intervals away from where it began."""
    unit = timedelta(seconds=UNITS[whole.freq])
    step = unit * whole.interval
    first = datetime(1, 1, 1)  # noqa: DTZ001  # a wall clock's
    phase = (origin - first) // unit * unit
    since = max(day, first + (begin - first) // unit * unit, first + phase)
    with suppress(OverflowError):  # the end of the calendar
        period = since + (-(since - first - phase) % step)
        while period < day + timedelta(days=1):
            yield period
            period += step


def _matches(whole: Recurrence, period: datetime) -> Iterator[datetime]:
    if whole.hours and period.hour not in whole.hours:
        return
    if whole.freq > Freq.HOURLY and whole.minutes and period.minute not in whole.minutes:
        return
    if whole.freq > Freq.MINUTELY and whole.seconds and period.second not in whole.seconds:
        return
    minutes = whole.minutes if whole.freq == Freq.HOURLY else (period.minute,)
    seconds = whole.seconds if whole.freq < Freq.SECONDLY else (period.second,)
    found = [period.replace(minute=minute, second=second) for minute, second in product(minutes, seconds)]
    if whole.positions:
        size = len(found)
        places = {number - 1 if number > 0 else size + number for number in whole.positions}
        found = [found[place] for place in sorted(places) if 0 <= place < size]
    yield from found


def _day(wall: datetime) -> datetime:
    return datetime.combine(wall.date(), time())


def _later(wall: datetime, years: int) -> datetime | None:
    """None: it lies beyond the end of the calendar."""
    return wall.replace(year=wall.year + years) if wall.year + years <= MAXYEAR else None


def _moved(wall: datetime, years: int) -> datetime:
    return wall.replace(year=wall.year + years)
