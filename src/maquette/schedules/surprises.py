"""What of a schedule may surprise who set it: it never runs, it runs all the time, clocks are changed just then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from maquette.schedules import zones
from maquette.schedules.schedule import Schedule

OFTEN = 100
"""Runs within a day that are worth a word."""
AHEAD = timedelta(days=400)
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


def of(schedule: Schedule, now: datetime) -> tuple[str, ...]:
    """Sentences, as seen from `now`."""
    first = schedule.next(now)
    if first is None:
        last = "That is past" if schedule.next(LONG_AGO) else "No such time ever comes"
        return (f"{last}: it never runs{' again' if last.startswith('That') else ''}.",)
    until = first.at + zones.DAY
    day = list(islice(takewhile(lambda slot: slot.at < until, schedule.iterate(now)), OFTEN + 1))
    if len(day) > OFTEN:
        return (f"It runs often: {OFTEN} times in {_long(day[-1].at - first.at)}.",)
    return tuple(_changes(schedule, now))


def _long(took: timedelta) -> str:
    minutes = round(took.total_seconds() / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


def _changes(schedule: Schedule, now: datetime) -> list[str]:
    """What becomes of it in the nights to come in which clocks are changed."""
    zone = ZoneInfo(schedule.zone)
    told: list[str] = []
    moment = now.astimezone(UTC)
    until = moment + AHEAD
    while (changed := zones.changed(moment, until, zone)) is not None:
        moment = changed
        begin, end = moment - zones.DAY, moment + zones.DAY
        slots = list(takewhile(lambda slot, end=end: slot.at < end, islice(schedule.iterate(begin), 2 * OFTEN)))
        named = {slot.local for slot in slots}
        for slot in slots:
            clock = zones.wall(slot.at, zone)
            if slot.local != zones.key(slot.at, zone):
                meant = datetime.fromisoformat(slot.local)
                gone = f"On {meant:%Y-%m-%d} clocks go forward and there is no {meant:%H:%M}"
                told.append(f"{gone}: it runs at {clock:%H:%M}.")
            again = zones.instant(clock.replace(fold=1), zone)
            if again is not None and again != slot.at and zones.key(again, zone) not in named and not clock.fold:
                told.append(
                    f"On {clock:%Y-%m-%d} clocks go back and {clock:%H:%M} comes twice: it runs the first time only."
                )
    return told
