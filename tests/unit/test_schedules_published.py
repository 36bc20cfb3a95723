"""What the libraries' own tests say that a rule means, said of ours: also when a rule is asked anew after each slot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from maquette.schedules import Schedule, read

HERE = Path(__file__).parent


def cases(name: str) -> Iterator[list[str]]:
    for line in (HERE / name).read_text().splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


def differs(schedule: Schedule, after: datetime, expected: list[datetime], *, ends: bool) -> bool:
    """Whether other slots come than these; then also by asking for one after the other."""
    slots = schedule.slots(after, len(expected) + ends)
    if [slot.at for slot in slots] != expected or len({slot.local for slot in slots}) != len(slots):
        return True
    moments = [after, *expected][: len(expected) + ends]
    return [slot and slot.at for slot in map(schedule.next, moments)] != [*expected, None][: len(moments)]


def test_each_published_recurrence_rule_means_what_dateutil_says() -> None:
    wrong: list[str] = []
    count = 0
    for name, text, times in cases("published_rrules.tsv"):
        expected = [datetime.strptime(f"{one}+0000", "%Y%m%dT%H%M%S%z") for one in times.split(",") if one]
        before = datetime(1996, 1, 1, tzinfo=UTC)
        count += 1
        if differs(read(text, "UTC"), before, expected, ends=True):
            wrong.append(name)
    assert (count, wrong) == (272, [])


def test_each_published_cron_line_means_what_cronsim_says_also_in_the_nights_when_clocks_change() -> None:
    wrong: list[str] = []
    count = 0
    for name, fields, zone, after, times in cases("published_cron.tsv"):
        expected = [datetime.fromisoformat(one) for one in times.split(",") if one]
        if zone == "UTC":
            after, expected = f"{after}+00:00", [one.replace(tzinfo=UTC) for one in expected]
        count += 1
        if differs(read(fields, zone), datetime.fromisoformat(after), expected, ends=not expected):
            wrong.append(name)
    assert (count, wrong) == (43, [])


def test_a_rule_that_began_long_ago_goes_on_in_step_without_being_counted_up_to() -> None:
    after = datetime(2026, 3, 27, 12, tzinfo=UTC)
    steps = {
        "SECONDLY": timedelta(seconds=1),
        "MINUTELY;INTERVAL=7;BYDAY=FR": timedelta(minutes=7),
        "HOURLY;INTERVAL=5;BYDAY=FR": timedelta(hours=5),
        "DAILY;INTERVAL=3": timedelta(days=3),
        "WEEKLY;INTERVAL=2": timedelta(days=14),
    }
    for rule, step in steps.items():
        slot = read(f"DTSTART:19700101T000000 RRULE:FREQ={rule}", "UTC").next(after)
        assert slot is not None, rule
        assert after < slot.at <= after + step, rule
        assert (slot.at - datetime(1970, 1, 1, tzinfo=UTC)) % step == timedelta(), rule
