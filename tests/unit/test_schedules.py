"""Schedules: what was said, what is kept of it, and when it is due; most of it as in Berlin, on Friday 2026-03-27."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from maquette.domain.errors import Refused
from maquette.schedules import Schedule, read

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 3, 27, 13, 37, 22, tzinfo=UTC)
"""14:37 in Berlin, two nights before clocks go forward."""


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(text: str, after: str, count: int, zone: str = BERLIN) -> list[str]:
    """Each slot's name, and when it is due in UTC."""
    slots = read(text, zone, moment(after)).slots(moment(after), count)
    return [f"{slot.local} {slot.at:%dT%H:%M}" for slot in slots]


ROW = re.compile(r"(?m)^\| `(?P<said>[^`]+)` \| (?P<kept>[^|]+) \| (?P<first>\d{4}-\d\d-\d\d \d\d:\d\d) \|$")
GUIDE = (Path(__file__).parents[2] / "docs/guides/schedules.md").read_text()
UNDERSTOOD = {row["said"]: (row["kept"], row["first"].replace(" ", "T")) for row in ROW.finditer(GUIDE)} | {
    "@daily": ("0 0 * * *", "2026-03-28T00:00"),
    "30 9 * * mon#1": ("30 9 * * MON#1", "2026-04-06T09:30"),
    "RRULE:FREQ=DAILY;BYHOUR=9": (
        "DTSTART:20260328T090000\nRRULE:FREQ=DAILY;BYHOUR=9;BYMINUTE=0",
        "2026-03-28T09:00",
    ),
    "FREQ=DAILY;INTERVAL=30": ("DTSTART:20260328T090000\nRRULE:FREQ=DAILY;INTERVAL=30", "2026-03-28T09:00"),
}
"""What is said: what is kept, and the first slot. Of plain words, all that the guide shows."""


def test_the_guide_shows_many_forms() -> None:
    assert len(UNDERSTOOD) > 40


@pytest.mark.parametrize("said", UNDERSTOOD)
def test_what_is_said_is_kept_in_words_that_mean_the_same_on_any_day(said: str) -> None:
    kept, first = UNDERSTOOD[said]
    schedule = read(said, BERLIN, NOW)
    slots = schedule.slots(NOW, 6)
    assert (schedule.text, slots[0].local) == (kept, first)
    again = read(kept, BERLIN)
    assert (again.text, again.slots(NOW, 6)) == (kept, slots)
    assert read(kept, BERLIN, NOW + timedelta(days=400)).text == kept


REFUSED = {
    "": "no-schedule",
    "at 7": "“tomorrow at 7”",
    "Friday at 9": "“every Friday” or “next Friday”",
    "on the 15th at 9": "“the 15th of every month”",
    "every second Tuesday at 10": "“every 2 weeks on Tuesday” or “the second Tuesday of every month”",
    "biweekly": "“every 2 weeks” or two days of the week",
    "12/24/2026 at 9": "write 2026-12-24",
    "every day at 25:00": "0:00 to 23:59",
    "every day at 7 and on Monday at 9": "make two schedules",
    "8:00 in the evening at 15:00": "make two schedules",
    "every evening at 10:00 am": "isn't in the evening",
    "every 31 February": "29 days at most",
    "the 32nd of every month": "No month has a 32nd day",
    "31 February 2026 at 9": "on no calendar",
    "every 0 minutes": "every minute at most",
    "every 2 hours on Mars": "“on mars” isn't understood",
    "when it rains": "Write for instance “weekdays at 7:30”",
    "every year": "needs its day",
    "* * * *": "these are 4",
    "0 0 12 * * ?": "Seconds, or a year, are none of them",
    "0 25 * * *": "field for the hour can't be `25`",
    "0 0 31 4,6 *": "it would never run",
    "@reboot": "is no time",
    "RRULE:FREQ=OFTEN": "FREQ is one of SECONDLY",
    "RRULE:FREQ=DAILY;BYMONTH=13": "BYMONTH is 1 to 12",
    "RRULE:FREQ=DAILY;INTERVAL=0": "INTERVAL is 1 to",
    "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101": "COUNT or UNTIL, not both",
    "RRULE:FREQ=DAILY;RSCALE=HEBREW": "RSCALE=HEBREW is not understood",
    "DTSTART:20260230T090000 RRULE:FREQ=DAILY": "on no calendar",
    "DTSTART;TZID=Mars/Olympus:20260203T090000 RRULE:FREQ=DAILY": "no time zone 'Mars/Olympus'",
    "every day at 9 from 2027-01-01 until 2026-01-01": "ends before it begins",
    "in 999999999 weeks": "isn't understood",
    "x" * 2001: "2000 characters at most",
}


@pytest.mark.parametrize("said", REFUSED)
def test_what_is_not_understood_is_refused_with_what_to_write_instead(said: str) -> None:
    with pytest.raises(Refused) as refused:
        read(said, BERLIN, NOW)
    assert REFUSED[said] in f"{refused.value} {refused.value.code}"


def test_words_that_count_from_a_day_are_not_read_without_one() -> None:
    for said in ("tomorrow at 8", "every 3 days at 8", "in 20 minutes", "every 90 minutes", "next Friday"):
        with pytest.raises(Refused, match="counts from the day on which it was said"):
            read(said, BERLIN)


def test_a_zone_that_does_not_exist_is_refused_with_those_that_are_like_it() -> None:
    for zone, hint in {"Berlin": "Europe/Berlin", "Europe/Berlim": "Europe/Berlin", "../../etc/passwd": "UTC"}.items():
        with pytest.raises(Refused, match=f"no time zone.*{hint}"):
            read("weekdays at 7", zone)


def test_a_rule_that_names_its_zone_is_by_the_clocks_of_that() -> None:
    schedule = read("DTSTART;TZID=America/New_York:20260101T070000 RRULE:FREQ=DAILY", BERLIN, NOW)
    assert schedule.zone == "America/New_York"
    assert "America/New_York" in schedule.means
    assert read(schedule.text, schedule.zone).slots(NOW, 3) == schedule.slots(NOW, 3)


def test_a_set_time_that_the_clock_leaves_out_is_due_once_right_after_the_gap() -> None:
    for said in ("30 2 * * *", "every day at 2:30", "DTSTART:20260101T023000 RRULE:FREQ=DAILY"):
        assert due(said, "2026-03-28T12:00", 2) == ["2026-03-29T02:30 29T01:00", "2026-03-30T02:30 30T00:30"], said
    assert due("2026-03-29 at 02:30", "2026-03-28T12:00", 2) == ["2026-03-29T02:30 29T01:00"]


def test_a_set_time_that_comes_twice_is_due_the_first_time() -> None:
    for said in ("30 2 * * *", "every day at 2:30", "DTSTART:20260101T023000 RRULE:FREQ=DAILY"):
        assert due(said, "2026-10-24T12:00", 2) == ["2026-10-25T02:30 25T00:30", "2026-10-26T02:30 26T01:30"], said
        assert due(said, "2026-10-25T00:30", 1) == ["2026-10-26T02:30 26T01:30"], said


def test_several_times_in_the_gap_are_one_and_so_is_one_that_falls_on_its_end() -> None:
    assert due("0,30 2 * * *", "2026-03-28T12:00", 2) == ["2026-03-29T02:30 29T01:00", "2026-03-30T02:00 30T00:00"]
    assert due("0 1-4 * * *", "2026-03-28T22:00", 3) == [
        "2026-03-29T01:00 29T00:00",
        "2026-03-29T03:00 29T01:00",
        "2026-03-29T04:00 29T02:00",
    ]


def test_what_runs_every_so_often_runs_through_both_nights_and_each_slot_has_its_name() -> None:
    forward = ["2026-03-29T01:30 29T00:30", "2026-03-29T03:00 29T01:00"]
    back = ["2026-10-25T02:00 25T00:00", "2026-10-25T02:30 25T00:30", "2026-10-25T02:00+01:00 25T01:00"]
    for said in ("*/30 * * * *", "every 30 minutes", "DTSTART:20260101T000000 RRULE:FREQ=MINUTELY;INTERVAL=30"):
        assert due(said, "2026-03-29T00:00", 2) == forward, said
        assert due(said, "2026-10-24T23:30", 3) == back, said
    last = ["2026-10-25T02:30+01:00 25T01:30", "2026-10-25T03:00 25T02:00"]
    assert due("*/30 * * * *", "2026-10-25T01:00", 2) == last


def test_ninety_minutes_are_ninety_minutes_whatever_clocks_say() -> None:
    slots = read("every 90 minutes from 2026-03-28 23:00", BERLIN).slots(moment("2026-03-28T20:00"), 40)
    assert {two.at - one.at for one, two in pairwise(slots)} == {timedelta(minutes=90)}
    assert [slot.local for slot in slots[:3]] == ["2026-03-28T23:00", "2026-03-29T00:30", "2026-03-29T03:00"]


def test_clocks_that_move_by_half_an_hour_lose_no_slot_and_double_none() -> None:
    lord_howe = "Australia/Lord_Howe"
    back = ["2026-04-05T01:30 04T14:30", "2026-04-05T01:30+10:30 04T15:00", "2026-04-05T02:00 04T15:30"]
    assert due("*/30 * * * *", "2026-04-04T14:00", 3, lord_howe) == back
    assert due("0 */2 * * *", "2026-04-04T13:00", 1, lord_howe) == ["2026-04-05T02:00 04T15:30"]
    assert due("45 1 * * *", "2026-04-04T12:00", 2, lord_howe) == [
        "2026-04-05T01:45 04T14:45",
        "2026-04-06T01:45 05T15:15",
    ]
    assert due("15 2 * * *", "2026-10-03T12:00", 1, lord_howe) == ["2026-10-04T02:15 03T15:30"]


def test_odd_offsets_are_no_matter() -> None:
    assert due("45 2 * * *", "2026-09-26T12:00", 1, "Pacific/Chatham") == ["2026-09-27T02:45 26T14:00"]
    assert due("0 7 * * *", "2026-01-01", 1, "Asia/Kathmandu") == ["2026-01-01T07:00 01T01:15"]


def test_a_day_that_a_place_left_out_has_no_slots() -> None:
    days = ["2011-12-29T07:00 29T17:00", "2011-12-31T07:00 30T17:00"]
    assert due("every day at 7:00", "2011-12-29T00:00", 2, "Pacific/Apia") == days


def test_days_that_a_month_has_not_are_left_out() -> None:
    months = ["2026-03-31T09:00", "2026-05-31T09:00", "2026-07-31T09:00", "2026-08-31T09:00"]
    for said in ("the 31st of every month at 9", "0 9 31 * *", "FREQ=MONTHLY;BYMONTHDAY=31;BYHOUR=9"):
        assert [slot.local for slot in read(said, BERLIN, NOW).slots(NOW, 4)] == months, said
    last = read("the last day of every month at 9", BERLIN).slots(moment("2027-12-31T12:00"), 3)
    assert [slot.local for slot in last] == ["2028-01-31T09:00", "2028-02-29T09:00", "2028-03-31T09:00"]
    leap = read("every 29 February at 9", BERLIN).slots(moment("2096-01-01"), 2)
    assert [slot.local for slot in leap] == ["2096-02-29T09:00", "2104-02-29T09:00"]


SURPRISES = {
    "weekdays at 7": "7 is taken as 07:00, before noon; after noon is 19:00.",
    "every morning": "“Morning” is taken as 08:00",
    "every 30 days": "Every 30 days isn't every month",
    "every 24 hours": "its time of day changes when clocks do",
    "every minute": "It runs often: 100 times in 100 minutes.",
    "RRULE:FREQ=SECONDLY": "It runs often: 100 times in 2 minutes.",
    "every 2 hours while I work": "Working hours are taken as 09:00 to 18:00 on weekdays",
    "2020-01-01 at 9:00": "That is past: it never runs again.",
    "DTSTART:20200101T090000 RRULE:FREQ=DAILY;COUNT=3": "That is past: it never runs again.",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=8": "No such time ever comes: it never runs.",
    "0 9 */100 * MON#4": "No such time ever comes: it never runs.",
    "FREQ=DAILY;INTERVAL=14;BYDAY=MO": "begins with the first time to come, 2026-03-30 09:00",
    "0 9 13 * 5": "one of them is enough",
    "*/45 * * * *": "the last step of one is shorter",
    "0 9 31 * *": "Months without a 31st are left out",
    "30 2 * * *": "On 2026-03-29 clocks go forward and there is no 02:30: it runs at 03:00.",
    "every day at 2:15": "On 2026-10-25 clocks go back and 02:15 comes twice: it runs the first time only.",
}


@pytest.mark.parametrize("said", SURPRISES)
def test_what_may_surprise_is_said(said: str) -> None:
    assert SURPRISES[said] in " ".join(read(said, BERLIN, NOW).notes)


def test_what_holds_no_surprise_has_no_notes() -> None:
    for said in ("weekdays at 07:00", "every hour", "2026-12-24 at 18:00", "0 7 * * 1-5"):
        assert read(said, BERLIN, NOW).notes == (), said


def test_what_a_schedule_means_is_said_in_a_sentence() -> None:
    told = {
        "weekdays at 7": "Weekdays at 07:00, by the clocks of Europe/Berlin.",
        "tomorrow at 8": "Once, on 2026-03-28 at 08:00, by the clocks of Europe/Berlin.",
        "0 7 * * 1-5": "At 07:00 on Monday through Friday, by the clocks of Europe/Berlin.",
        "DTSTART:20260330T090000 RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=8": (
            "Every 2 weeks on Monday and Wednesday at 09:00, counted from 2026-03-30, 8 times, "
            "by the clocks of Europe/Berlin."
        ),
        "DTSTART:20260101T080000 RRULE:FREQ=MONTHLY;BYDAY=1MO,-1FR;UNTIL=20261231 EXDATE:20260105": (
            "Every month on the first Monday and last Friday at 08:00, until 2026-12-31 23:59, "
            "but not on 2026-01-05, by the clocks of Europe/Berlin."
        ),
    }
    assert {said: read(said, BERLIN, NOW).means for said in told} == told


def test_a_moment_without_a_zone_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="time zone"):
        read("weekdays at 7", BERLIN).next(datetime(2026, 1, 1))  # noqa: DTZ001


def never_ending() -> Schedule:
    return read("DTSTART:20260106T090000 RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO", BERLIN)


def test_a_rule_that_can_never_match_is_found_out_and_not_waited_for() -> None:
    """Its days are Tuesdays, and it wants Mondays: there is no end to look for."""
    assert never_ending().next(NOW) is None
