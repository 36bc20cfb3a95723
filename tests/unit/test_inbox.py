"""When something that is put off comes back, as a person says it."""

from __future__ import annotations

from datetime import datetime

import pytest

from maquette.cli.endings import Failed
from maquette.cli.inbox import until

THURSDAY = datetime(2026, 5, 28, 17, 5, 3)  # noqa: DTZ001 - as a clock on the wall shows it


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("90min", "2026-05-28 18:35:03"),
        ("2 h", "2026-05-28 19:05:03"),
        ("tomorrow", "2026-05-29 09:00:00"),
        ("Friday", "2026-05-29 09:00:00"),
        ("thursday", "2026-06-04 09:00:00"),
        ("18:30", "2026-05-28 18:30:00"),
        ("9:00", "2026-05-29 09:00:00"),
        ("2026-06-01", "2026-06-01 09:00:00"),
        ("2026-06-01 07:15", "2026-06-01 07:15:00"),
    ],
)
def test_a_time_to_come_is_meant_by_the_clock_on_the_wall(said: str, meant: str) -> None:
    assert str(until(said, THURSDAY)) == meant


def test_what_is_no_time_is_refused_with_what_one_can_say() -> None:
    with pytest.raises(Failed, match="Say 2h, tomorrow, friday"):
        until("soonish", THURSDAY)
