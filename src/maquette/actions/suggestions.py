"""Which attempt the evidence speaks for, before anybody has voted; shown as that, and it decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maquette.actions import explorations
from maquette.actions.home import Home
from maquette.curation import picking
from maquette.domain.explorations import Attempt


@dataclass(frozen=True)
class Suggested:
    """`score` in 0 … 1, comparable within one exploration; `why` says what it is made of."""

    attempt: int
    score: float
    why: tuple[str, ...]


async def suggested(home: Home, exploration: str) -> list[Suggested]:
    """All that are known and not on the shelf, best first."""
    return of_attempts(await explorations.listed(home, exploration))


def of_attempts(attempts: Sequence[Attempt]) -> list[Suggested]:
    """The same of what was read already."""
    known = [one for one in attempts if one.evidence and not one.shelved]
    return [Suggested(int(one.name), one.score, one.why) for one in picking.picked([_of(one) for one in known])]


def _of(attempt: Attempt) -> picking.Evidence:
    evidence = attempt.evidence
    assert evidence is not None
    return picking.Evidence(
        str(attempt.number),
        checks={check.command: check.passed for check in evidence.checks},
        kin=evidence.tree,
        size=evidence.added + evidence.removed,
        complexity=evidence.complexity or 0,
        risks=tuple(f"needs {name} anew" for name in evidence.dependencies),
    )
