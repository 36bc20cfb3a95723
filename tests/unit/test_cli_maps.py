"""A map at a terminal: each number is on it once and whole, near ones near."""

from __future__ import annotations

from random import Random

from maquette.cli.maps import HIGH, WIDE, drawn


def spot(attempt: int, x: float, y: float) -> dict[str, object]:
    return {"attempt": attempt, "x": x, "y": y, "near": []}


def test_what_is_near_is_drawn_near_and_nothing_covers_anything() -> None:
    lines = drawn([spot(1, 0, 0), spot(12, 0, 0), spot(3, 1, 1), spot(4, 1, 0)])
    assert "1 12" in lines[0] or "12 1" in lines[0]
    assert lines[0].endswith(" 4")
    assert lines[-1].endswith(" 3")


def test_ninety_in_one_place_are_all_on_it() -> None:
    chance = Random(1)
    for spots in (
        [spot(n, chance.random(), chance.random()) for n in range(1, 91)],
        [spot(n, 0.5, 0.5) for n in range(1, 91)],
        [spot(1, 0, 0)],
    ):
        lines = drawn(spots)
        assert len(lines) == HIGH
        assert max(map(len, lines)) <= WIDE
        assert sorted(int(number) for line in lines for number in line.split()) == [*range(1, len(spots) + 1)]
