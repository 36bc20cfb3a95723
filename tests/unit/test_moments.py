"""A time to come, as a person says it: when something that was put off comes back, or a pause ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from maquette.cli.endings import Failed
from maquette.cli.moments import moment, shortly

THURSDAY = datetime(2026, 5, 28, 17, 5, 3)  # noqa: DTZ001 - as a clock on the wall shows it


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("90min", "2026-05-28 18:35:03"),
        ("2 h", "2026-05-28 19:05:03"),
        ("tomorrow", "2026-05-29 09:00:00"),
        ("friday", "2026-05-29 09:00:00"),
        ("thursday", "2026-06-04 09:00:00"),
        ("18:30", "2026-05-28 18:30:00"),
        ("9:00", "2026-05-29 09:00:00"),
        ("2026-06-01", "2026-06-01 09:00:00"),
        ("2026-06-01 07:15", "2026-06-01 07:15:00"),
    ],
)
def test_a_time_to_come_is_meant_by_the_clock_on_the_wall(said: str, meant: str) -> None:
    assert str(shortly(said, THURSDAY)) == meant


def test_what_a_schedule_says_once_is_a_time() -> None:
    at = moment("Tomorrow at 7")
    assert (at.hour, at.minute) == (7, 0)
    assert timedelta(hours=6) <= at - datetime.now(UTC) <= timedelta(hours=32)


def test_what_comes_again_is_refused_with_what_one_can_say() -> None:
    with pytest.raises(Failed, match="Say 2h, friday"):
        moment("weekdays at 7")
