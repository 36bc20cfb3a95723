"""What a screenshot looks like, in few enough numbers to compare: where its edges are and how dark it is where.

A difference hash over raw pixels, in the standard library. Unlike the common one it keeps no bit where nothing
changes, so that two pages aren't alike for being mostly empty.
"""

from __future__ import annotations

from dataclasses import dataclass

GRID = 16
STEP = 3
"""Grey levels, of 256, below which two neighbours are the same."""


@dataclass(frozen=True)
class Look:
    """`edges`: neighbouring cells of which one is darker, with the side. `shades`: of 4 × 4 cells, in 0 … 255."""

    edges: frozenset[int]
    shades: tuple[float, ...]


def seen(width: int, height: int, pixels: bytes) -> Look:
    """Of rows of RGB, three bytes a pixel. Raises `ValueError` where the count is another, or it is under 16 × 16."""
    if len(pixels) != 3 * width * height or min(width, height) < GRID:
        raise ValueError(f"{len(pixels)} bytes are no {width} × {height} pixels in RGB, of at least {GRID} a side")
    cells = [[_shade(pixels, width, column, row, height) for column in range(GRID)] for row in range(GRID)]
    edges: set[int] = set()
    for y in range(GRID):
        for x in range(GRID):
            for way, (dx, dy) in enumerate(((1, 0), (0, 1))):
                if x + dx < GRID and y + dy < GRID:
                    change = cells[y][x] - cells[y + dy][x + dx]
                    if abs(change) > STEP:
                        edges.add(((y * GRID + x) * 2 + way) * 2 + (change > 0))
    quarter = GRID // 4
    shades = [
        sum(sum(row[x : x + quarter]) for row in cells[y : y + quarter]) / quarter**2
        for y in range(0, GRID, quarter)
        for x in range(0, GRID, quarter)
    ]
    return Look(frozenset(edges), tuple(shades))


def alike(one: Look, two: Look) -> float:
    """In 0 … 1: the edges that both have, less for each shade that is another."""
    every = one.edges | two.edges
    edges = len(one.edges & two.edges) / len(every) if every else 1.0
    apart = sum(abs(a - b) for a, b in zip(one.shades, two.shades, strict=True)) / (255 * len(one.shades))
    return edges * max(0.0, 1 - 4 * apart)


def _shade(pixels: bytes, width: int, column: int, row: int, height: int) -> float:
    """A cell's mean, of its green: nearest to what is seen as bright, and a third of the work."""
    left, right = column * width // GRID, (column + 1) * width // GRID
    top, bottom = row * height // GRID, (row + 1) * height // GRID
    total = sum(sum(pixels[3 * (y * width + left) + 1 : 3 * (y * width + right) : 3]) for y in range(top, bottom))
    return total / ((right - left) * (bottom - top))
