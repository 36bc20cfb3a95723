"""When recurrence rules (RFC 5545) match, on a wall clock. The one door to dateutil.

dateutil counts from a rule's start, and to the year 9999 where nothing matches any more. So a rule without a count is
begun anew shortly before the moment that is asked about, and all is counted 400 years at a time later, towards the end
of the calendar: days and weekdays come back after just so long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, date, datetime, time, timedelta
from enum import IntEnum

from dateutil.rrule import rrule, rruleset, weekday

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


STEPS = {
    Freq.WEEKLY: timedelta(weeks=1),
    Freq.DAILY: timedelta(days=1),
    Freq.HOURLY: timedelta(hours=1),
    Freq.MINUTELY: timedelta(minutes=1),
    Freq.SECONDLY: timedelta(seconds=1),
}


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
        step = STEPS[self.freq] * self.interval
        periods = (wall - start) // step - 1
        if periods < 1:
            return start
        begun = start + periods * step
        match self.freq:
            case Freq.WEEKLY:
                return _day(begun) - timedelta(days=(begun.weekday() - self.week_start) % 7)
            case Freq.DAILY:
                return _day(begun)
            case Freq.HOURLY:
                return begun.replace(minute=0, second=0)
            case _:
                return begun.replace(second=begun.second if self.freq == Freq.SECONDLY else 0)

    def made(self, start: datetime, wall: datetime, years: int) -> rrule | None:
        """Begun near `wall`, and all of it so many years later. None: its parts leave nothing."""
        whole = self.whole(start)
        until = None if self.until is None else _later(self.until, years)
        if self.easter and self.count is None:
            until = min(until or datetime.max, datetime(LAST_EASTER, 12, 31))  # noqa: DTZ001, DTZ901
        try:
            return rrule(
                int(self.freq),  # type: ignore[arg-type]
                dtstart=_later(self.begun(start, wall), years),
                interval=self.interval,
                wkst=self.week_start,
                count=self.count,
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
        merged = rruleset()
        for rule in self.rules:
            if (made := rule.made(self.start, wall, years)) is not None:
                merged.rrule(made)
        for rule in self.but:
            if (made := rule.made(self.start, wall, years)) is not None:
                merged.exrule(made)
        for one in self.dates:
            if (moved := _later(one, years)) is not None:
                merged.rdate(moved)
        try:
            for found in merged:
                back = found.replace(year=found.year - years)
                if back > wall and back not in self.left_out and back.date() not in self.days_left_out:
                    yield back
        except ValueError:  # its parts leave nothing, which it finds out by trying
            return


def _day(wall: datetime) -> datetime:
    return datetime.combine(wall.date(), time())


def _later(wall: datetime, years: int) -> datetime | None:
    """None: it lies beyond the end of the calendar."""
    return wall.replace(year=wall.year + years) if wall.year + years <= MAXYEAR else None
