"""Grouping alike attempts, held to how they were made; and a map where near is alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import dist
from random import Random

import pytest

from maquette.curation.grouping import Group, Traits, compared, grouped, twin
from maquette.curation.looks import alike, seen
from maquette.curation.mapping import mapped
from maquette.curation.shingles import words
from unit.variants import WAYS, Variant, rewritten, variants

MADE = variants(6, Random(1))


def traits(variant: Variant) -> Traits:
    return Traits(variant.name, words({"shop.py": ("", variant.source)}))


def pair_f1(groups: Sequence[Group], truth: Sequence[Variant]) -> float:
    """Of pairs that are said to be together, and of those that are."""
    ways = {variant.name: variant.way for variant in truth}
    said = {frozenset(pair) for group in groups for pair in combinations(group.members, 2)}
    true = {frozenset(pair) for pair in combinations(ways, 2) if len({ways[name] for name in pair}) == 1}
    return 2 * len(said & true) / (len(said) + len(true))


def test_variants_are_grouped_as_they_were_made() -> None:
    everyone = [traits(variant) for variant in MADE]
    groups = grouped([one.name for one in everyone], compared(everyone))
    assert pair_f1(groups, MADE) >= 0.95
    assert all(any("names" in why or "much the same" in why for why in group.why) for group in groups[: len(WAYS)])


@pytest.mark.prove
@pytest.mark.parametrize("seed", [2, 3])
def test_ninety_variants_are_grouped_as_they_were_made(seed: int) -> None:
    made = variants(15, Random(seed))
    assert len(made) == 90
    everyone = [traits(variant) for variant in made]
    assert pair_f1(grouped([one.name for one in everyone], compared(everyone)), made) >= 0.95


def test_a_group_says_why() -> None:
    loop, table = WAYS["loop"], WAYS["table"]
    one = Traits("one", words({"a.py": ("", loop)}), {"check": "12.5", "call": "3"})
    renamed = loop.replace("price", "cost").replace("result", "amount")
    two = Traits("two", words({"a.py": ("", renamed)}), {"check": "12.5", "call": "3"})
    three = Traits("three", words({"a.py": ("", table)}), {"check": "12.5", "call": "3"})
    everyone = compared([one, two, three])
    assert everyone["one", "two"].why() == ("same change but for names", "behaves the same in all 2")
    assert everyone["one", "three"].why() == ("behaves the same in all 2",)
    first, last = grouped(["one", "two", "three"], everyone)
    assert first == Group(("one", "two"), ("same change but for names", "behaves the same in all 2"))
    assert last == Group(("three",), ())
    (together,) = grouped(["one", "two", "three"], everyone, by=lambda one: one.behaviour or 0)
    assert together.members == ("one", "two", "three")


def test_a_near_twin_is_noticed_before_it_is_done_and_another_way_is_not() -> None:
    others = [Traits(way, words({"a.py": ("", source)})) for way, source in WAYS.items()]
    half = "\n".join(rewritten(WAYS["sorting"], Random(4)).splitlines()[:7])
    found = twin(Traits("new", words({"a.py": ("", half)})), others)
    assert found is not None
    assert (found.of, found.why) == ("sorting", "same change but for names")
    for way in WAYS:
        rest = [other for other in others if other.name != way]
        assert twin(Traits("new", words({"a.py": ("", WAYS[way])})), rest) is None


def test_what_everybody_begins_with_makes_nobody_a_twin() -> None:
    start = "\n".join(f"import module_{n}" for n in range(40)) + "\n"
    others = [
        Traits(f"{n}", words({"a.py": ("", start + f"def way_{n}(): return other_{n}(x, {n}, y) * {n}\n")}))
        for n in range(5)
    ]
    assert twin(Traits("new", words({"a.py": ("", start)})), others) is None


def test_comments_and_spaces_are_no_change_and_nothing_written_takes_long_to_read() -> None:
    assert words({"a.js": ("", "let a = 1; // one")}) == words({"a.js": ("", "/* two */ let a =\n 1;")})
    assert words({"a.py": ("", '"""' * 3 + "/*" * 100_000)}).nameless
    assert words({"a.py": ("for " * 4_000, "a" * 8_000 + "(" * 8_000)}).nameless


def page(*boxes: tuple[int, int, int, int, int], paper: int = 255) -> bytes:
    """Of 160 × 120, with boxes: left, top, width, height, grey."""
    rows = [[paper] * 160 for _ in range(120)]
    for left, top, width, height, grey in boxes:
        for row in rows[top : top + height]:
            row[left : left + width] = [grey] * width
    return bytes(value for row in rows for grey in row for value in (grey, grey, grey))


def test_screens_that_look_the_same_are_told_from_those_that_do_not() -> None:
    header, side, card = (0, 0, 160, 20, 40), (0, 20, 40, 100, 90), (60, 40, 80, 40, 180)
    one = seen(160, 120, page(header, side, card))
    moved = seen(160, 120, page(header, side, (61, 40, 80, 41, 178)))
    other = seen(160, 120, page(header, (120, 20, 40, 100, 90), (10, 40, 80, 40, 180)))
    dark = seen(160, 120, page((0, 0, 160, 20, 215), (0, 20, 40, 100, 165), (60, 40, 80, 40, 75), paper=0))
    assert alike(one, one) == 1
    assert alike(one, moved) > 0.8
    assert alike(one, other) < 0.5
    assert alike(one, dark) < 0.2
    empty = seen(160, 120, page())
    assert alike(one, empty) < 0.2
    with pytest.raises(ValueError, match="no 10 × 10 pixels"):
        seen(10, 10, b"")


def test_the_map_puts_alike_ones_near_and_is_the_same_each_time() -> None:
    everyone = [traits(variant) for variant in MADE]
    near = compared(everyone)

    def apart(one: str, two: str) -> float:
        return 1 - (near.get((one, two)) or near[two, one]).all

    ways = {variant.name: variant.way for variant in MADE}
    names = [one.name for one in everyone]
    points = mapped(names, apart)
    assert points == mapped(names, apart)
    kin = [dist(points[a], points[b]) for a, b in combinations(names, 2) if ways[a] == ways[b]]
    strangers = [dist(points[a], points[b]) for a, b in combinations(names, 2) if ways[a] != ways[b]]
    assert sum(kin) / len(kin) < 0.4 * sum(strangers) / len(strangers)
    nearest = {
        name: min((dist(points[name], points[other]), other) for other in names if other != name)[1] for name in names
    }
    assert sum(ways[name] == ways[other] for name, other in nearest.items()) >= 0.9 * len(names)

    before = mapped(names[:-1], apart)
    after = mapped(names, apart, before)
    width = max(dist(before[a], before[b]) for a, b in combinations(names[:-1], 2))
    moved = [dist(before[name], after[name]) for name in names[:-1]]
    assert sum(moved) / len(moved) <= 0.05 * width
    again = nearest[names[-1]]
    assert ways[again] == ways[names[-1]]


def one_apart(one: str, two: str) -> float:
    return float(one != two)


def test_few_and_equal_ones_have_a_map_too() -> None:
    assert mapped([], one_apart) == {}
    assert mapped(["a"], one_apart) == {"a": (0.0, 0.0)}
    pair = mapped(["a", "b"], one_apart)
    assert dist(pair["a"], pair["b"]) == pytest.approx(1, abs=0.05)
    same = mapped(["a", "b", "c"], lambda one, two: 0.0)
    assert max(dist(same[one], same[two]) for one, two in combinations(same, 2)) < 0.1
