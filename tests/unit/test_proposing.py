"""Plans of folds: of each attempt what goes in, whole or by its hunks; of none what is in the way of another."""

from __future__ import annotations

from maquette.curation.folding import foreseen
from maquette.curation.lines import Traced
from maquette.curation.mapping import Point, spread
from maquette.curation.proposing import proposed
from maquette.domain.folds import BASE, Take

LINES = [f"line {n}" for n in range(30)]


def text(origin: str, **lines: str) -> Traced:
    """The base with some lines put otherwise, by their numbers."""
    return Traced.of("".join(f"{lines.get(f'n{n}', line)}\n" for n, line in enumerate(LINES)), origin)


def test_a_plan_takes_what_goes_in_and_nothing_twice() -> None:
    base = {"a": text(BASE)}
    ours = {"a": text("1", n3="three")}
    others = {
        "2": {"a": text("2", n3="other", n12="twelve")},
        "3": {"a": text("3", n12="twelve"), "b": Traced.of("new\n", "3")},
        "4": {"a": text("4", n3="drei")},
        "5": {"a": text("5", n20="twenty")},
    }
    plan = proposed(base, ours, others)
    assert plan == [Take(of="2", path="a", hunks=(1,)), Take(of="3", path="b"), Take(of="5", path="a")]
    seen = foreseen(base, ours, others, plan)
    assert seen.clean
    assert {"three\n", "twelve\n", "twenty\n"} <= set(seen.files["a"].lines)
    assert proposed(base, ours, others, most=1) == plan[:1]
    assert proposed(base, ours, {}) == []


def test_tiles_on_a_map_lie_within_it_beside_each_other_and_where_they_were_as_far_as_can_be() -> None:
    size, tile = (1200.0, 760.0), (100.0, 62.5)
    points: dict[str, Point] = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "one": (0.0, 0.0), "same": (0.0, 0.0)}
    at = spread(points, size, tile)
    assert at == spread(points, size, tile)
    assert at["left"][0] == 50
    assert at["right"][0] == 1150
    assert abs(at["one"][0] - at["same"][0]) >= 99
    crowd = spread({str(n): (0.0, 0.0) for n in range(90)}, size, (80, 50))
    assert all(40 <= x <= 1160 and 25 <= y <= 735 for x, y in crowd.values())
    assert spread({}, size, tile) == {}
    assert spread({"a": (3.0, 3.0)}, size, tile) == {"a": (600, 380)}
