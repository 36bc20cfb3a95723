"""Attempts whose kin is known, in all that they are compared by: what they change, how they behave, how they look.

Each is made by a recipe: a way to write it, a layout, what it does. A recipe shares one or two of these with others, so
that none of the three alone tells which attempts were made by the same. Variants of one recipe are near-twins: other
names and comments, a page that is a little moved, an answer that is another now and then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random

from maquette.curation.grouping import Group, Traits
from maquette.curation.looks import Look, seen
from maquette.curation.shingles import words
from maquette.testing.variants import WAYS, rewritten

WIDTH, HEIGHT = 96, 60
INPUTS = 12
"""Checks and calls that all are compared on."""
SLIPS = 0.04
"""How often a variant comes to something else than its recipe, by chance."""
Box = tuple[int, int, int, int, int]
LAYOUTS: Mapping[str, Sequence[Box]] = {
    "column": ((0, 0, 96, 10, 40), (24, 14, 48, 8, 120), (24, 26, 48, 8, 150), (24, 38, 48, 16, 190)),
    "cards": tuple((4 + 31 * (n % 3), 6 + 28 * (n // 3), 26, 22, 90 + 20 * n) for n in range(6)),
    "sidebar": ((0, 0, 26, 60, 60), (32, 6, 58, 6, 140), (32, 18, 58, 4, 180), (32, 28, 58, 26, 210)),
    "poster": ((10, 8, 76, 30, 20), (34, 44, 28, 8, 90)),
    "table": tuple((6, 4 + 9 * n, 84, 5, 80 + 20 * n) for n in range(6)),
    "split": ((0, 0, 48, 60, 70), (54, 10, 36, 14, 150), (54, 32, 36, 18, 190)),
}


@dataclass(frozen=True)
class Recipe:
    way: str
    layout: str
    does: int


@dataclass(frozen=True)
class Made:
    traits: Traits
    recipe: Recipe


RECIPES: Sequence[Recipe] = tuple(
    recipe
    for n, (way, layout) in enumerate(zip(WAYS, LAYOUTS, strict=True))
    for recipe in (
        Recipe(way, layout, n),
        Recipe(way, [*LAYOUTS][(n + 1) % len(LAYOUTS)], n),  # written and doing the same, and looks otherwise
        Recipe([*WAYS][(n + 2) % len(WAYS)], layout, n),  # looks and does the same, and is written otherwise
    )
)


def kin(each: int, random: Random) -> list[Made]:
    """`each` of every recipe, mixed up."""
    made = [
        Made(
            Traits(
                f"{number}-{n}",
                words({"shop.py": ("", rewritten(WAYS[recipe.way], random))}),
                {f"input {given}": _answer(recipe.does, given, random) for given in range(INPUTS)},
                _drawn(LAYOUTS[recipe.layout], random),
            ),
            recipe,
        )
        for number, recipe in enumerate(RECIPES)
        for n in range(each)
    ]
    random.shuffle(made)
    return made


def _answer(does: int, given: int, random: Random) -> str:
    """Half of the inputs are those on which all agree, as checks are that all pass."""
    if random.random() < SLIPS:
        return "nothing"
    return f"{given}" if given % 2 else f"{given * (does + 2)}"


def _drawn(boxes: Sequence[Box], random: Random) -> Look:
    rows = [[250] * WIDTH for _ in range(HEIGHT)]
    shade = random.randint(-4, 4)
    for left, top, width, height, grey in boxes:
        down = random.choice((0, 0, 1))
        for row in rows[top + down : top + down + height]:
            row[left : left + width] = [grey + shade] * len(row[left : left + width])
    return seen(WIDTH, HEIGHT, bytes(grey for row in rows for pixel in row for grey in (pixel, pixel, pixel)))


@dataclass(frozen=True)
class Score:
    """Of a grouping, held to how its members were made: pairs put together rightly, and Rand's index less chance."""

    f1: float
    rand: float


def scored(groups: Sequence[Group], truth: Mapping[str, object]) -> Score:
    """`truth`: by name, what it was made by."""
    said = {frozenset(pair) for group in groups for pair in combinations(group.members, 2)}
    true = {frozenset(pair) for pair in combinations(truth, 2) if truth[pair[0]] == truth[pair[1]]}
    both, pairs = len(said & true), len(truth) * (len(truth) - 1) / 2
    chance = len(said) * len(true) / pairs
    most = (len(said) + len(true)) / 2
    rand = 1.0 if most == chance else (both - chance) / (most - chance)
    return Score(2 * both / (len(said) + len(true)) if said or true else 1.0, rand)
