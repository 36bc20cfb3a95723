"""Rules in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import product

from maquette.schedules.recurrence import Freq, Recurrence, RecurringWalls

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
UNITS = ("year", "month", "week", "day", "hour", "minute", "second")
WORDS = ("first", "second", "third", "fourth", "fifth")
MANY = 6


def listed(words: Iterable[str]) -> str:
    """`a, b and c`."""
    said = list(words)
    return " and ".join(filter(None, [", ".join(said[:-1]), *said[-1:]]))


def ordinal(number: int) -> str:
    """1st, 22nd; -1 is the last, -2 the 2nd last."""
    if number < 0:
        return "last" if number == -1 else f"{ordinal(-number)} last"
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def which(number: int) -> str:
    """`first` … `fifth`, `last`; then as `ordinal`."""
    return WORDS[number - 1] if 1 <= number <= len(WORDS) else ordinal(number)


def every(number: int, unit: str) -> str:
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"


def days(numbers: Iterable[int]) -> str:
    """`weekdays`, `weekends`, or the days' names."""
    chosen = sorted(set(numbers))
    named = {(0, 1, 2, 3, 4): "weekdays", (5, 6): "weekends", tuple(range(7)): "every day"}
    return named.get(tuple(chosen)) or listed(WEEKDAYS[day] for day in chosen)


def recurrence(walls: RecurringWalls) -> str:
    """All of its rules and dates, without a full stop."""
    told = "; and ".join(_rule(rule, walls.start) for rule in walls.rules)
    dates = listed(f"{moment:%Y-%m-%d %H:%M}" for moment in walls.dates[:MANY])
    if dates:
        more = f" and {len(walls.dates) - MANY} times more" if len(walls.dates) > MANY else ""
        told = f"{told}; and on {dates}{more}" if told else f"on {dates}{more}"
    out = [f"{moment:%Y-%m-%d %H:%M}" for moment in sorted(walls.left_out)]
    out += [f"{day}" for day in sorted(walls.days_left_out)]
    if out:
        told += f", but not on {listed(out[:MANY])}" + (f" and {len(out) - MANY} times more" if len(out) > MANY else "")
    if walls.but:
        told += f", but not {'; nor '.join(_rule(rule, walls.start) for rule in walls.but)}"
    return told[0].upper() + told[1:]


def _rule(rule: Recurrence, start: datetime) -> str:
    whole = rule.whole(start)
    pieces = [every(rule.interval, UNITS[rule.freq]), *_days(whole)]
    if whole.months:
        pieces.append(f"in {listed(MONTHS[month - 1] for month in whole.months)}")
    pieces.append(_times(whole))
    told = " ".join(filter(None, pieces))
    if whole.positions:
        told += f", of these the {listed(ordinal(number) for number in whole.positions)} of each {UNITS[rule.freq]}"
    if rule.interval > 1 or rule.count:
        told += f", counted from {start:%Y-%m-%d}" + (f" {start:%H:%M}" if rule.freq >= Freq.HOURLY else "")
    if rule.count:
        told += f", {rule.count} times" if rule.count > 1 else ", once"
    if rule.until:
        told += f", until {rule.until:%Y-%m-%d %H:%M}"
    return told


def _days(whole: Recurrence) -> list[str]:
    found: list[str] = []
    if whole.month_days:
        found.append(f"on the {listed(_day_of(number) for number in whole.month_days)}")
    if whole.days and all(not number for _, number in whole.days):
        found.append(f"on {days(day for day, _ in whole.days)}")
    elif whole.days:
        told = listed(
            f"{which(number)} {WEEKDAYS[day]}" if number else f"each {WEEKDAYS[day]}" for day, number in whole.days
        )
        found.append(f"on the {told}")
    if whole.year_days:
        found.append(f"on the {listed(_day_of(number) for number in whole.year_days)} of the year")
    if whole.weeks:
        found.append(f"in week {listed(str(number) for number in whole.weeks)} of the year")
    if whole.easter:
        found.append(f"{listed(f'{number:+d} days' for number in whole.easter)} from Easter Sunday")
    return found


def _day_of(number: int) -> str:
    return f"{ordinal(number)} day" if number < 0 else ordinal(number)


def _times(whole: Recurrence) -> str:
    """Of one that is more often than once an hour, what it says of hours, minutes and seconds is told apart."""
    if not (whole.minutes and whole.seconds) or not whole.hours:
        said = [("hour", whole.hours), ("minute", whole.minutes), ("second", whole.seconds)]
        return ", ".join(
            f"at {unit} {listed(str(number) for number in numbers)}"
            for unit, numbers in said
            if numbers and numbers != (0,)
        )
    seconds = whole.seconds != (0,)
    times = [
        f"{hour:02}:{minute:02}" + (f":{second:02}" if seconds else "")
        for hour, minute, second in product(whole.hours, whole.minutes, whole.seconds)
    ]
    more = f" and {len(times) - MANY} times more" if len(times) > MANY else ""
    return f"at {listed(times[:MANY])}{more}"
