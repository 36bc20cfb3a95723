"""What holds of each schedule, whatever it says and wherever its clocks hang."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from maquette.domain.errors import Refused
from maquette.domain.schedules import Slot
from maquette.schedules import Schedule, read

ZONES = st.sampled_from(
    (
        *("Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Chatham"),
        *("Africa/Casablanca", "America/Asuncion", "Asia/Kathmandu", "Pacific/Apia", "Europe/Dublin", "UTC"),
    )
)
NIGHTS = (
    *("2026-03-29T01:00", "2026-10-25T01:00", "2026-03-08T06:59", "2026-11-01T05:30", "2026-04-04T15:00"),
    *("2026-10-03T15:29", "2026-04-04T14:00", "2026-09-26T14:00", "2011-12-30T10:00", "2026-02-15T02:00"),
)


def near(night: str, minutes: int) -> datetime:
    return datetime.fromisoformat(f"{night}+00:00") + timedelta(minutes=minutes)


MOMENTS = st.builds(near, st.sampled_from(NIGHTS), st.integers(-3000, 3000))


def field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    return st.one_of(
        st.just("*"),
        number.map(str),
        st.integers(1, high).map("*/{}".format),
        st.lists(number, min_size=2, max_size=4, unique=True).map(lambda some: ",".join(map(str, some))),
        st.tuples(number, number).map(lambda two: f"{min(two)}-{max(two)}"),
    )


CRON = st.tuples(
    field(0, 59),
    field(0, 23),
    st.one_of(st.just("*"), field(1, 28)),
    st.just("*"),
    st.one_of(st.just("*"), field(0, 6)),
).map(" ".join)
DAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, unique=True).map(",".join)
RRULES = st.tuples(
    st.datetimes(datetime(1990, 1, 1), datetime(2026, 1, 1)).map("DTSTART:{:%Y%m%dT%H%M00} RRULE:FREQ=".format),  # noqa: DTZ001
    st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"]),
    st.integers(1, 40).map(";INTERVAL={}".format),
    st.one_of(st.just(""), DAYS.map(";BYDAY={}".format)),
    st.one_of(st.just(""), st.integers(1, 31).map(";BYMONTHDAY={}".format)),
    st.one_of(st.just(""), st.integers(0, 23).map(";BYHOUR={}".format)),
    st.one_of(st.just(""), st.sampled_from([";BYSETPOS=1", ";BYSETPOS=-1", ";WKST=SU", ";COUNT=30"])),
).map("".join)
WORDS = st.sampled_from(
    (
        *("weekdays at 2:30", "every day at 0:00, 1:30 and 2:15", "every 2 hours while I work", "every 15 minutes"),
        *("every 90 minutes", "the last day of every month at 2:00", "every 3 days at 1:45", "every 2 hours at :30"),
        *("the first Monday of every month at 3:00", "every 2 weeks on Sunday at 2:30", "every 29 February at 2:30"),
        *("every 30 minutes from 22:00 to 3:00", "tomorrow at 2:30", "in 90 minutes"),
    )
)


def slots_of(schedule: Schedule, after: datetime, count: int) -> list[Slot]:
    """Up to `count` of them, within ten years."""
    until = after + timedelta(days=3650)
    return list(islice(takewhile(lambda slot: slot.at < until, schedule.iterate(after)), count))


@settings(max_examples=40, deadline=None)
@given(st.one_of(CRON, RRULES, WORDS), ZONES, MOMENTS)
def test_slots_come_in_order_each_once_and_by_one_name_however_they_are_asked_for(
    text: str, zone: str, after: datetime
) -> None:
    schedule = read(text, zone, after)
    slots = slots_of(schedule, after, 12)
    assert all(one.at < two.at for one, two in pairwise([Slot(local="", at=after), *slots]))
    assert len({slot.local for slot in slots}) == len(slots)
    for slot, following in pairwise(slots):
        assert schedule.next(slot.at) == following
        assert schedule.next(following.at - timedelta(seconds=1)) == following
    assert read(schedule.text, schedule.zone).slots(after, len(slots)) == slots


@settings(max_examples=15, deadline=None)
@given(CRON, ZONES, MOMENTS)
def test_cron_with_stars_is_due_in_just_those_minutes_that_it_matches(text: str, zone: str, after: datetime) -> None:
    """Told apart by walking through a day and a half minute by minute."""
    fields = text.split()
    if not (fields[0].startswith("*") or fields[1].startswith("*")):
        text = f"*/7 {text.split(' ', 1)[1]}"
    begin = after.replace(second=0)
    place = ZoneInfo(zone)
    expected: list[datetime] = []
    for number in range(1, 36 * 60):
        at = begin + timedelta(minutes=number)
        wall = at.astimezone(place).replace(tzinfo=UTC, fold=0)
        if matches(text, wall):
            expected.append(at)
    until = begin + timedelta(minutes=36 * 60)
    assert [slot.at for slot in takewhile(lambda slot: slot.at < until, read(text, zone).iterate(begin))] == expected


def matches(text: str, wall: datetime) -> bool:
    minute, hour, day, _, weekday = text.split()
    by_day, by_weekday = holds(day, wall.day, 1, 31), holds(weekday, wall.isoweekday() % 7, 0, 7)
    both = day.startswith("*") or weekday.startswith("*")
    days = by_day and by_weekday if both else by_day or by_weekday
    return holds(minute, wall.minute, 0, 59) and holds(hour, wall.hour, 0, 23) and days


def holds(field: str, number: int, low: int, high: int) -> bool:
    """Whether a field of those that are made here matches; 7 is Sunday too."""
    if field.startswith("*/"):
        chosen = set(range(low, high + 1, int(field[2:])))
    elif field == "*":
        return True
    elif "-" in field:
        first, last = map(int, field.split("-"))
        chosen = set(range(first, last + 1))
    else:
        chosen = set(map(int, field.split(",")))
    return number in chosen or (high == 7 and number == 0 and 7 in chosen)


PERIODS = {"YEARLY": 366, "MONTHLY": 31, "WEEKLY": 7, "DAILY": 1, "HOURLY": 1 / 24, "MINUTELY": 1 / 1440}
"""Days."""


@settings(max_examples=40, deadline=None)
@given(RRULES, st.floats(0, 30))
def test_a_rule_that_is_begun_anew_near_the_moment_matches_as_from_its_start(text: str, periods: float) -> None:
    freq, interval = re.findall(r"FREQ=(\w+);INTERVAL=(\d+)", text)[0]
    after = datetime.strptime(text[8:23], "%Y%m%dT%H%M%S") + timedelta(days=PERIODS[freq] * int(interval) * periods)  # noqa: DTZ007
    ours = [slot.at for slot in slots_of(read(text, "UTC"), after.replace(tzinfo=UTC), 8)]
    if ours:  # else dateutil looks on up to the year 9999, and so it does after the last of them
        theirs = islice(rrulestr(text).xafter(after), len(ours))
        assert ours == [found.replace(tzinfo=UTC) for found in theirs]


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="every 0123456789 day month on at the of :-,/*#L;=RUFQ", max_size=40), ZONES, MOMENTS)
def test_whatever_is_written_is_read_or_refused(text: str, zone: str, now: datetime) -> None:
    try:
        schedule = read(text, zone, now)
    except Refused:
        return
    assert read(schedule.text, schedule.zone).slots(now, 3) == schedule.slots(now, 3)
