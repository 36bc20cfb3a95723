"""What is measured: a row has a name, a unit and a target; a figure is what was found for it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

OURS = "maquette"
_HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    "==": operator.eq,
}


@dataclass(frozen=True)
class Row:
    """`target` is like "<= 8"; "" where none is set. `command` is what a person would type to have it measured."""

    name: str
    unit: str
    target: str = ""

    @property
    def command(self) -> str:
        return f"python -m maquette.testing.bench --only '{self.name}'"

    def met(self, value: float | None) -> bool | None:
        """None where there is nothing to tell."""
        if value is None or not self.target:
            return None
        sign, limit = self.target.split()
        return _HOLDS[sign](value, float(limit))


class Found:
    """Every value that was measured, by row and by whose it is: the median counts."""

    def __init__(self) -> None:
        self.sandbox = ""
        """Which tier ours had, once a base was up."""
        self.without: dict[str, str] = {}
        """Who, or what, has no figure where there should be one, and why."""
        self.lengths: dict[str, int] = {}
        """Steps of the long runs of those who were stopped before their end."""
        self._values: dict[tuple[str, str], list[float]] = {}

    def add(self, row: Row, subject: str, value: float) -> None:
        self._values.setdefault((row.name, subject), []).append(value)

    def value(self, row: Row, subject: str = OURS) -> float | None:
        values = self._values.get((row.name, subject))
        return median(values) if values else None
