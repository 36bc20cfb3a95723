"""How long a model is waited for: back-off with jitter and a cap, what it asks for up to a bound, and an end."""

from __future__ import annotations

import pytest

from maquette.turn import retries
from maquette.turn.retries import Tries


class Clock:
    """Time that passes when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(retries.time, "monotonic", lambda: self.now)


def outage(clock: Clock, asked: float | None = None, *, began: bool = False) -> list[float]:
    """The waits until it is given up."""
    tries, waits = Tries(), list[float]()
    while (wait := tries.wait(asked, began=began)) is not None:
        waits.append(wait)
        clock.now += wait
    return waits


def test_f8_each_wait_is_about_twice_the_former_with_jitter_up_to_a_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = outage(Clock(monkeypatch))
    for number, wait in enumerate(waits):
        most = min(retries.CAP, retries.FIRST * 2**number)
        assert most / 2 <= wait <= most
    assert len(set(waits)) == len(waits)


def test_f8_an_outage_is_waited_out_for_minutes_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = outage(Clock(monkeypatch))
    assert retries.PATIENCE - retries.CAP <= sum(waits) <= retries.PATIENCE


def test_f8_what_the_other_side_asks_for_is_honoured_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    assert all(7 <= wait <= 7.7 for wait in outage(clock, 7))
    assert all(retries.BOUND <= wait <= 1.1 * retries.BOUND for wait in outage(clock, 86_400))
    assert outage(clock, float("inf"))
    assert outage(clock, float("nan"))[0] <= retries.FIRST
    assert outage(clock, -5)[0] <= retries.FIRST


def test_f8_answers_that_begin_and_break_off_are_not_paid_for_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(outage(Clock(monkeypatch), began=True)) == retries.BROKEN - 1
