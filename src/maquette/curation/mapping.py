"""A map of attempts: near is alike. The same attempts give the same map, and one more hardly moves the others.

Classical scaling (Torgerson 1952) for a start, then stress majorization (SMACOF; De Leeuw 1977), which pulls each
point to where its distances say it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import hypot, sqrt
from operator import mul

Point = tuple[float, float]
TURNS, ROUNDS, FEWER = 60, 40, 8
PARTINGS = 80
"""Rounds in which tiles that cover one another are pushed apart."""


def mapped(
    names: Sequence[str], apart: Callable[[str, str], float], before: Mapping[str, Point] | None = None
) -> dict[str, Point]:
    """Points about the origin, as far apart as `apart` says (0 or more, the same both ways). `before`: an earlier map,
    which is gone on from.
    """
    size = len(names)
    far = [[apart(one, two) if one != two else 0.0 for two in names] for one in names]
    known = {n: before[name] for n, name in enumerate(names) if name in before} if before else {}
    points = _placed(far, known) if len(known) > 1 else _scaled(far)
    for _ in range(FEWER if len(known) > 1 else ROUNDS):
        points = _majorized(points, far)
    if not known:
        middle = (sum(x for x, _ in points) / max(size, 1), sum(y for _, y in points) / max(size, 1))
        points = [(x - middle[0], y - middle[1]) for x, y in points]
    return dict(zip(names, points, strict=True))


def _scaled(far: Sequence[Sequence[float]]) -> list[Point]:
    """The two greatest directions of the doubly centred squares, by power iteration from a fixed start."""
    size = len(far)
    squares = [[-value * value / 2 for value in row] for row in far]
    rows = [sum(row) / size for row in squares]
    mean = sum(rows) / max(size, 1)
    centred = [
        [value - a - b + mean for value, b in zip(row, rows, strict=True)] for row, a in zip(squares, rows, strict=True)
    ]
    axes: list[list[float]] = []
    for axis in range(2):
        vector = [((n * (37 + 20 * axis)) % 101) / 101 - 0.5 for n in range(1, size + 1)]
        length = 0.0
        for _ in range(TURNS):
            for other in axes:
                along = sum(map(mul, vector, other)) / (sum(map(mul, other, other)) or 1.0)
                vector = [value - along * there for value, there in zip(vector, other, strict=True)]
            vector = [sum(map(mul, row, vector)) for row in centred]
            length = sqrt(sum(map(mul, vector, vector)))
            if length < 1e-12:
                break
            vector = [value / length for value in vector]
        # Else mirrored or not by chance of the arithmetic.
        sign = -1 if vector and max(vector, key=abs) < 0 else 1
        axes.append([sign * value * sqrt(length) for value in vector])
    return list(zip(axes[0], axes[1], strict=True))


def _placed(far: Sequence[Sequence[float]], known: Mapping[int, Point]) -> list[Point]:
    """What is known stays; what is new begins among the known ones it is like, more by those nearer."""
    points: list[Point] = []
    for n, row in enumerate(far):
        if n in known:
            points.append(known[n])
            continue
        pulls = {other: 1 / (1e-3 + row[other]) ** 2 for other in known}
        total = sum(pulls.values())
        x, y = [sum(pull * known[other][side] for other, pull in pulls.items()) / total for side in range(2)]
        # A little aside, by its number: two points in one place could never part.
        points.append((x + 1e-3 * (n % 7 + 1), y + 1e-3 * (n % 5 + 1)))
    return points


def _majorized(points: Sequence[Point], far: Sequence[Sequence[float]]) -> list[Point]:
    """One round (Guttman's transform): no round makes the map worse."""
    size = len(points)
    found: list[Point] = []
    for (x, y), row in zip(points, far, strict=True):
        to_x = to_y = 0.0
        for (there_x, there_y), wanted in zip(points, row, strict=True):
            distance = hypot(x - there_x, y - there_y)
            if distance > 1e-9:
                to_x += there_x + wanted * (x - there_x) / distance
                to_y += there_y + wanted * (y - there_y) / distance
            else:
                to_x += there_x
                to_y += there_y
        found.append((to_x / size, to_y / size))
    return found


def spread(points: Mapping[str, Point], size: Point, tile: Point) -> dict[str, Point]:
    """The same map on a sheet of `size`, as the middles of tiles that cover one another as little as can be: pushed
    apart as far as it takes, so near stays near.
    """
    names = list(points)
    lows = [min((points[name][side] for name in names), default=0.0) for side in range(2)]
    highs = [max((points[name][side] for name in names), default=0.0) for side in range(2)]
    rooms = [size[side] - tile[side] for side in range(2)]
    scale = min((rooms[side] / (highs[side] - lows[side]) for side in range(2) if highs[side] > lows[side]), default=1)
    middles = [(lows[side] + highs[side]) / 2 for side in range(2)]
    at = [[size[side] / 2 + (points[name][side] - middles[side]) * scale for side in range(2)] for name in names]
    for _ in range(PARTINGS):
        if not _parted(at, tile):
            break
        for one in at:
            for side in range(2):
                one[side] = min(max(one[side], tile[side] / 2), size[side] - tile[side] / 2)
    return {name: (one[0], one[1]) for name, one in zip(names, at, strict=True)}


def _parted(at: Sequence[list[float]], tile: Point) -> bool:
    """One round, along the side on which two cover each other less; whether any had to move."""
    wide, high = tile
    moved = False
    order = sorted(at)
    for n, one in enumerate(order):
        for other in order[n + 1 :]:
            over = wide - (other[0] - one[0])
            if over <= 0:
                break
            above = high - abs(other[1] - one[1])
            if above <= 0:
                continue
            moved = True
            if over / wide <= above / high:
                one[0] -= over / 2
                other[0] += over / 2
            else:
                push = above / 2 if other[1] >= one[1] else -above / 2
                one[1] -= push
                other[1] += push
    return moved
