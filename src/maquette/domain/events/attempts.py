"""What happens to the attempts of an exploration, in its stream. An attempt is named by its number in it, from 1."""

from __future__ import annotations

from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.explorations import Closed, Evidence, Origin, Variation
from maquette.domain.folds import Span, Take
from maquette.domain.projects import Budget
from maquette.domain.stages import Stage


class AttemptAdded(EventFact):
    """There is to be one more. Its work is thread `thread`, which an agent begins with turn `begins`, or which holds
    what a person brought.
    """

    type: Literal["attempt.added"] = "attempt.added"
    attempt: int
    thread: str
    begins: str = ""
    plan: Variation = Variation()
    source: Origin = Origin()
    budget: Budget = Budget()

    @property
    def once(self) -> str:
        return f"attempt:{self.attempt}"


class AttemptStopped(EventFact):
    """It isn't worked on any more, and why: by a person, or as the near-twin of others; `why` empty: it is to go on,
    and isn't stopped as anybody's twin again.
    """

    type: Literal["attempt.stopped"] = "attempt.stopped"
    attempt: int
    why: str


class AttemptShelved(EventFact):
    """It is put away for now, and why, with the checks that failed; `why` empty: it is taken up again."""

    type: Literal["attempt.shelved"] = "attempt.shelved"
    attempt: int
    why: str
    failed: tuple[str, ...] = ()


class EvidenceGathered(EventFact):
    """All that is known of an attempt's result; a newer one of the same attempt replaces it."""

    type: Literal["evidence.gathered"] = "evidence.gathered"
    attempt: int
    evidence: Evidence

    @property
    def once(self) -> str:
        return f"evidence:{self.attempt}:{self.evidence.commit}"


class AttemptsFolded(EventFact):
    """`attempt` is `into` with what was taken of others. `lines`: of each text that isn't as at the base, where its
    lines come from, in order.
    """

    type: Literal["attempts.folded"] = "attempts.folded"
    attempt: int
    into: int
    takes: tuple[Take, ...]
    lines: dict[str, tuple[Span, ...]]


class RiskClosed(EventFact):
    """Somebody says that a risk of it is closed, and on what evidence."""

    type: Literal["risk.closed"] = "risk.closed"
    attempt: int
    closed: Closed


class StageMoved(EventFact):
    """An attempt is at another stage now, forward or back; a decision, with its reason."""

    type: Literal["stage.moved"] = "stage.moved"
    attempt: int
    stage: Stage
    reason: str
    by: str
