"""Which attempt the evidence speaks for, before anybody has looked: and why, in words.

Checks come first. Where several pass them, what they do on inputs that nobody wrote checks for is compared: who is
wrong is mostly wrong in a way of their own, so what more of the others come to is likelier right (Li et al. 2022, Chen
et al. 2022). Attempts that are copies of one another have one voice together. Tests that attempts brought count by how
many of the others pass them. Size, complexity and risk decide between what is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

CHECKS, AGREEMENT, TESTS, THRIFT, RISK = 4.0, 2.0, 4.0, 0.1, 0.2
"""What each is worth, in parts of a whole that they make up together; `RISK` is what one risk takes away."""


@dataclass(frozen=True)
class Evidence:
    """What was found out about an attempt; all of it by running or counting, none from its own words.

    `checks`: whether each passed. `outputs`: by input, what it came to; None where it failed or took too long. `tests`:
    by name, whether it passes those that attempts brought, its own included. `kin`: the group of attempts that say
    the same (`grouping.grouped`). `size` in lines added and removed, `complexity` as what it adds.
    """

    name: str
    checks: Mapping[str, bool] = field(default_factory=dict[str, bool])
    outputs: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    tests: Mapping[str, bool] = field(default_factory=dict[str, bool])
    kin: str = ""
    size: int = 0
    complexity: int = 0
    risks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picked:
    """`score` in 0 … 1, comparable within one exploration; `why` says what it is made of."""

    name: str
    score: float
    why: tuple[str, ...]


def picked(attempts: Sequence[Evidence]) -> list[Picked]:
    """All of them, best first; of equals, the smaller, then the earlier."""
    crowd = _Crowd(attempts)
    sizes = sorted(attempt.size for attempt in attempts)
    found: list[tuple[Picked, int]] = []
    for attempt in attempts:
        thrift = 1 - (sizes.index(attempt.size) + max(0, min(attempt.complexity, 50)) / 50) / (len(attempts) + 1)
        agreed = crowd.agreed(attempt)
        parts = [(CHECKS, _passed(attempt)), (THRIFT, thrift)]
        if attempt.outputs:
            parts.append((AGREEMENT, sum(agreed) / len(attempt.outputs)))
        if crowd.trusted:
            passed = sum(weight for name, weight in crowd.trusted.items() if attempt.tests.get(name))
            parts.append((TESTS, passed / (sum(crowd.trusted.values()) or 1)))
        whole = sum(weight for weight, _ in parts)
        score = (sum(weight * value for weight, value in parts) - RISK * len(attempt.risks)) / whole
        found.append((Picked(attempt.name, max(0.0, score), _why(attempt, sum(agreed))), attempt.size))
    found.sort(key=lambda one: (-one[0].score, one[1]))
    return [one for one, _ in found]


class _Crowd:
    """Those who pass the most checks, each kin with one voice; what they say of each input, and of each test."""

    def __init__(self, attempts: Sequence[Evidence]) -> None:
        most = max((_passed(attempt) for attempt in attempts), default=0.0)
        heard = [attempt for attempt in attempts if _passed(attempt) == most]
        kin = Counter(attempt.kin or attempt.name for attempt in heard)
        self._said: dict[str, dict[str, float]] = {}
        passing: dict[str, float] = {}
        whole = 0.0
        for attempt in heard:
            voice = 1 / kin[attempt.kin or attempt.name]
            for given, output in attempt.outputs.items():
                if output is not None:
                    said = self._said.setdefault(given, {})
                    said[output] = said.get(output, 0.0) + voice
            whole += voice
            for name, passed in attempt.tests.items():
                passing[name] = passing.get(name, 0.0) + voice * passed
        self.trusted = {name: (passing[name] / whole) ** 2 for name in sorted(passing)} if whole else {}

    def agreed(self, attempt: Evidence) -> list[bool]:
        """By input on which it came to something: whether no other answer has more voices."""
        return [
            self._said[given].get(output, 0.0) >= max(self._said[given].values()) - 1e-9
            for given, output in attempt.outputs.items()
            if output is not None and given in self._said
        ]


def _why(attempt: Evidence, common: int) -> tuple[str, ...]:
    found: list[str] = []
    if attempt.checks:
        found.append(f"passes {sum(attempt.checks.values())} of {len(attempt.checks)} checks")
    if attempt.outputs:
        found.append(f"does what most others do on {common} of {len(attempt.outputs)} inputs")
    if attempt.tests:
        found.append(f"passes {sum(attempt.tests.values())} of {len(attempt.tests)} tests that attempts brought")
    found.append(f"changes {attempt.size} lines")
    return (*found, *attempt.risks)


def _passed(attempt: Evidence) -> float:
    return sum(attempt.checks.values()) / len(attempt.checks) if attempt.checks else 1.0
