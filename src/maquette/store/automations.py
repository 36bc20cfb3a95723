"""What is to be done about automations, as the log says: whose slots may be due, and what a run came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection, func, select

from maquette.domain.automations import Automation, Cause, Receipt, Result, tells_nothing
from maquette.domain.events import (
    AnswerGiven,
    CallFinished,
    ChecksRan,
    ChildReported,
    ResultKept,
    RunChecked,
    RunEnded,
    RunLooked,
    TurnFinished,
)
from maquette.domain.projects import Project
from maquette.domain.threads import Outcome
from maquette.store.log import Conflict, Log
from maquette.store.moments import moment
from maquette.store.projections import automations, costs, projects
from maquette.store.schema import ENTRIES

_ENDS = {Outcome.FAILED: Result.FAILED, Outcome.STOPPED: Result.STOPPED, Outcome.BUDGET: Result.BUDGET}


@dataclass(frozen=True)
class Standing:
    """Of one automation: the last position of its stream, when the last slot was due of those that are decided, its
    runs that have not ended (without trials), and the thread of the last run.
    """

    position: int
    decided: datetime | None
    runs: Sequence[Receipt]
    thread: str | None
    project: Project

    @property
    def busy(self) -> Literal["working", "waiting"] | None:
        """What its runs do: work, or wait for a person."""
        if not self.runs:
            return None
        return "waiting" if all(run.state == "waits" for run in self.runs) else "working"


def standing(conn: Connection, automation: Automation, now: datetime) -> Standing:
    """Raises `Conflict` where it isn't any more as `automation` says: nothing begins by what was changed meanwhile."""
    if automations.find(conn, automation.id) != automation:
        raise Conflict(f"“{automation.plan.name}” was changed meanwhile.", last=0)
    decided = automations.decided(conn, automation.id, now)
    runs = [run for run, _ in automations.open_runs(conn, automation.id) if run.cause is not Cause.DRY]
    last = automations.last_run(conn, automation.id)
    chosen = select(func.max(ENTRIES.c.position)).where(ENTRIES.c.stream == automation.id)
    return Standing(
        position=conn.scalar(chosen) or 0,
        decided=None if decided is None else moment(decided),
        runs=runs,
        thread=last.thread if last else None,
        project=projects.project(conn, automation.plan.project),
    )


def report(log: Log, run: Receipt) -> RunEnded:
    """The receipt of a run whose turn has ended. Blocks."""
    assert run.thread is not None
    assert run.turn is not None
    found = _Told()
    for entry in log.read(run.thread):
        found.take(entry.event, run.turn)
    ended = found.ended
    assert ended is not None
    (cost,) = log.ask(lambda conn: costs.costs(conn, "turn", turn=run.turn)) or (costs.Cost(""),)
    kept = found.kept if found.files else None
    return RunEnded(
        thread=run.thread,
        turn=run.turn,
        result=found.result,
        reason=ended.reason,
        proved=found.proved,
        met=found.met,
        calls=found.calls,
        words=len(found.said.split()),
        files=found.files,
        added=kept.added if kept else 0,
        removed=kept.removed if kept else 0,
        commit=kept.commit if kept else None,
        requests=cost.requests,
        tokens=cost.input + cost.output + sum(part.tokens for part in found.parts),
        price=cost.price + sum((part.price for part in found.parts), Decimal(0)),
        unpriced=cost.unpriced + sum(part.unpriced for part in found.parts),
        seconds=cost.seconds,
    )


@dataclass
class _Told:
    """What a thread's log says of one of its turns."""

    ended: TurnFinished | None = None
    checked: RunChecked | None = None
    looked: RunLooked | None = None
    before: str = ""
    """The commit of the turn before, where a thread goes on."""
    kept: ResultKept | None = None
    checks: ChecksRan | None = None
    said: str = ""
    calls: int = 0
    parts: list[ChildReported] = field(default_factory=list[ChildReported])

    def take(self, event: object, turn: str) -> None:
        match event:
            case TurnFinished(turn=of) | AnswerGiven(turn=of) | CallFinished(turn=of) if of == turn:
                self._own(event)
            case RunChecked(turn=of) | RunLooked(turn=of) | ResultKept(turn=of) | ChecksRan(turn=of) if of == turn:
                self._own(event)
            case ResultKept(commit=commit):
                self.before = commit
            case ChildReported(turn=of) as part if of == turn:
                self.parts.append(part)
            case _:
                pass

    def _own(self, event: object) -> None:
        match event:
            case TurnFinished():
                self.ended = event
            case ChecksRan():
                self.checks = event
            case AnswerGiven():
                self.said = event.answer.text
            case CallFinished():
                self.calls += event.status in ("ok", "error")
            case RunChecked():
                self.checked = event
            case RunLooked():
                self.looked = event
            case ResultKept():
                self.kept = event
            case _:
                pass

    @property
    def files(self) -> tuple[str, ...]:
        """None where the result is that of the turn before."""
        return self.kept.files if self.kept and self.kept.commit != self.before else ()

    @property
    def result(self) -> Result:
        """Never that it was begun: what it came to."""
        assert self.ended is not None
        if self.ended.outcome is not Outcome.DONE:
            return _ENDS.get(self.ended.outcome, Result.STOPPED)
        if self.looked is not None and not self.looked.news:
            return Result.NOTHING
        if self.met is False:
            return Result.UNMET
        if tells_nothing(self.said) and not self.files:
            return Result.NOTHING
        return Result.DONE if self.met else Result.UNCHECKED

    @property
    def met(self) -> bool | None:
        """Whether all that was checked holds: the postcondition, and the project's checks on what it changed."""
        passed = all(check.passed for check in self.checks.checks) if self.checks and self.checks.checks else None
        told = [one for one in (self.checked.met if self.checked else None, passed) if one is not None]
        return all(told) if told else None

    @property
    def proved(self) -> str:
        told = [self.checked.told] if self.checked and self.checked.told else []
        if self.checks is not None and self.checks.checks:
            failed = [check.command for check in self.checks.checks if not check.passed]
            told.append(f"Checks that fail: {', '.join(failed)}." if failed else "The project's checks pass.")
        return " ".join(told)
