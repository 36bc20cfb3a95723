"""What a ranking needs of linear algebra: a positive matrix in two triangles, solved and inverted.

The standard library is enough for the hundred items that a person compares, and spares the base numpy's 30 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from operator import mul

Rows = list[list[float]]


def lower(matrix: Sequence[Sequence[float]]) -> Rows:
    """Cholesky's triangle: `L Lᵀ` is the matrix, which is symmetric and positive. Row `i` has `i + 1` numbers."""
    rows: Rows = []
    for i, source in enumerate(matrix):
        row: list[float] = []
        for j, other in enumerate(rows):
            row.append((source[j] - sum(map(mul, row, other))) / other[j])
        row.append(sqrt(source[i] - sum(map(mul, row, row))))
        rows.append(row)
    return rows


def solved(triangle: Rows, right: Sequence[float]) -> list[float]:
    """`x` where `L Lᵀ x` is `right`."""
    down: list[float] = []
    for row, value in zip(triangle, right, strict=True):
        down.append((value - sum(map(mul, row, down))) / row[-1])
    up = down
    for i in range(len(triangle) - 1, -1, -1):
        row = triangle[i]
        value = up[i] / row[i]
        up[:i] = [one - value * entry for one, entry in zip(up[:i], row, strict=False)]
        up[i] = value
    return up


def nearly(matrix: Sequence[Sequence[float]], right: Sequence[float], triangle: Rows) -> list[float]:
    """`x` where the matrix times `x` is `right`, to a hundredth: conjugate gradients, helped by one like it."""
    found = solved(triangle, right)
    left = [value - sum(map(mul, row, found)) for value, row in zip(right, matrix, strict=True)]
    enough = 1e-4 * sum(map(mul, right, right))
    toward: list[float] = []
    gain = 0.0
    for _ in range(len(right)):
        if sum(map(mul, left, left)) <= enough:
            break
        way = solved(triangle, left)
        before, gain = gain, sum(map(mul, left, way))
        toward = [one + gain / before * two for one, two in zip(way, toward, strict=True)] if toward else way
        turned = [sum(map(mul, row, toward)) for row in matrix]
        far = gain / sum(map(mul, toward, turned))
        found = [one + far * two for one, two in zip(found, toward, strict=True)]
        left = [one - far * two for one, two in zip(left, turned, strict=True)]
    return found


def inverted(triangle: Rows) -> Rows:
    """The columns of `L⁻¹`; column `j` begins at row `j`. A product of two is an entry of the inverse matrix."""
    size = len(triangle)
    columns: Rows = []
    for j in range(size):
        column = [1 / triangle[j][j]]
        for i in range(j + 1, size):
            row = triangle[i]
            column.append(-sum(map(mul, row[j:i], column)) / row[i])
        columns.append(column)
    return columns


def entry(columns: Rows, i: int, j: int) -> float:
    """Of the inverse matrix, from the columns of `L⁻¹`."""
    if i > j:
        i, j = j, i
    return sum(map(mul, columns[i][j - i :], columns[j]))
