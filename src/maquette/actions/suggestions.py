"""Which attempt the evidence speaks for, before anybody has voted; shown as that, and it decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    said = {one.number: _said(one) for one in known}
    asked = [*dict.fromkeys(command for outputs in said.values() for command in outputs)]
    checks = {check.command: False for one in known if one.evidence for check in one.evidence.checks}
    outputs = {number: {command: its.get(command) for command in asked} for number, its in said.items()}
    return [
        Suggested(int(one.name), one.score, (*one.why, *_alike(outputs, int(one.name))))
        for one in picking.picked([_of(one, checks, outputs[one.number]) for one in known])
    ]


def _said(attempt: Attempt) -> dict[str, str | None]:
    return {probe.command: probe.came_to for probe in attempt.evidence.probes} if attempt.evidence else {}


def _alike(outputs: Mapping[int, Mapping[str, str | None]], number: int) -> tuple[str, ...]:
    """How many say what this one does, itself among them; nothing where it is the only one."""
    own = outputs[number]
    same = sum(its == own for its in outputs.values())
    if same < 2 or None in own.values() or not own:
        return ()
    return (f"{same} of {len(outputs)} say the same to {'the probe' if len(own) == 1 else f'all {len(own)} probes'}",)


def _of(attempt: Attempt, checks: Mapping[str, bool], outputs: Mapping[str, str | None]) -> picking.Evidence:
    """`checks`: all that there are; those that never ran for it count as failed."""
    evidence = attempt.evidence
    assert evidence is not None
    return picking.Evidence(
        str(attempt.number),
        checks={**checks, **{check.command: check.passed for check in evidence.checks}},
        outputs=outputs,
        kin=evidence.tree,
        size=evidence.added + evidence.removed,
        complexity=evidence.complexity or 0,
        risks=tuple(f"needs {name} anew" for name in evidence.dependencies),
    )
