"""Schedules that a model, or whoever it has read, writes so that reading them takes for ever."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from maquette.schedules import read

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
NEVER = (
    "RRULE:FREQ=DAILY;BYMONTHDAY=31;BYMONTH=2,4,6",
    "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    "RRULE:FREQ=MONTHLY;BYYEARDAY=366;BYMONTH=1",
    "RRULE:FREQ=WEEKLY;BYWEEKNO=20;BYMONTH=1",
    "RRULE:FREQ=SECONDLY;INTERVAL=60;BYSECOND=1",
    "RRULE:FREQ=MINUTELY EXRULE:FREQ=MINUTELY",
    "RRULE:FREQ=SECONDLY EXRULE:FREQ=SECONDLY",
)


@pytest.mark.parametrize("text", NEVER)
def test_s30_a_rule_that_never_comes_is_known_for_one_soon(text: str) -> None:
    began = time.process_time()
    schedule = read(text, "Europe/Berlin", NOW)
    assert time.process_time() - began < 2
    began = time.process_time()
    assert schedule.slots(NOW, 3) == []
    assert time.process_time() - began < 2


def test_s30_what_comes_once_in_forty_years_still_comes() -> None:
    leap = read("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYHOUR=9", "UTC", NOW)
    assert [slot.local[:10] for slot in leap.slots(datetime(2092, 1, 1, tzinfo=UTC), 2)] == ["2112-02-29", "2140-02-29"]
