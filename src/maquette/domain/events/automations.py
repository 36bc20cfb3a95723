"""What happens to an automation, in its own stream, and to its runs, in the threads in which they work."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from maquette.domain.automations import Cause, Plan, Result, Terms
from maquette.domain.checks import Check
from maquette.domain.events.fact import EventFact
from maquette.domain.events.threads import ThreadStarted
from maquette.domain.labels import PERSON, Label


class AutomationSet(EventFact):
    """The plan is now this; the first makes the automation, as a draft. The label says by whom.

    `because`: what led to it, in words; `said`: the thread in which that was said. `restores`: the version which this
    one brings back.
    """

    type: Literal["automation.set"] = "automation.set"
    label: Label = PERSON
    version: int
    plan: Plan
    because: str = ""
    said: str | None = None
    restores: int | None = None

    @property
    def once(self) -> str:
        return f"version:{self.version}"


class AutomationSwitched(EventFact):
    """A person turned it on, paused it (until a time, or until they say so) or turned it off.

    Slots after `since` are due. `digest` is that of what they were shown of what it may do, and approved by turning it
    on; "" where they needn't be shown it again.
    """

    type: Literal["automation.switched"] = "automation.switched"
    label: Label = PERSON
    to: Literal["on", "paused", "off"]
    version: int
    since: datetime
    until: datetime | None = None
    digest: str = ""


class RunBegan(EventFact):
    """A run is to work as turn `turn` in `thread`, of which nothing need be there yet: it begins with `started`; None:
    it is there, and goes on.

    `slot` names the slot that is its (`due` then), or what triggered it; "" for a run that a person asked for.
    `told`: why it begins, or why so late. `text` is what it is told to do; `brought` what its trigger brought, which
    is anybody's words.
    """

    type: Literal["run.began"] = "run.began"
    cause: Cause
    slot: str = ""
    due: datetime | None = None
    told: str = ""
    thread: str
    turn: str
    started: ThreadStarted | None = None
    text: str
    brought: str = ""
    terms: Terms

    @property
    def once(self) -> str:
        return f"slot:{self.slot}" if self.slot else f"run:{self.turn}"


class SlotSkipped(EventFact):
    """Slots that no run was begun for, and why: `count` of them, from the first (`slot`, `due`) up to `last`, which
    was due at `upto`; or what triggered one in vain, which was due at no time.
    """

    type: Literal["slot.skipped"] = "slot.skipped"
    slot: str
    due: datetime | None = None
    last: str
    upto: datetime | None = None
    count: int = 1
    version: int
    why: str

    @property
    def once(self) -> str:
        return f"slot:{self.last}"


class RunEnded(EventFact):
    """The receipt of a run, once its turn has ended. Money leaves out the `unpriced` among its requests."""

    type: Literal["run.ended"] = "run.ended"
    thread: str
    turn: str
    result: Result
    reason: str = ""
    proved: str = ""
    met: bool | None = None
    calls: int = 0
    words: int = 0
    files: tuple[str, ...] = ()
    added: int = 0
    removed: int = 0
    commit: str | None = None
    requests: int = 0
    tokens: int = 0
    price: Decimal = Decimal(0)
    unpriced: int = 0
    seconds: float = 0

    @property
    def once(self) -> str:
        return f"ended:{self.turn}"


class TriggerLooked(EventFact):
    """What a trigger is to know at its next look, together with the run that this one began, if it did.

    `wake`: which of the plan's, by what it is and its options.
    """

    type: Literal["trigger.looked"] = "trigger.looked"
    wake: str
    mark: str


class TermsGiven(EventFact):
    """In a thread's stream, before the message of a turn that nobody watches: what it may do, and how it is checked."""

    type: Literal["terms.given"] = "terms.given"
    turn: str
    terms: Terms

    @property
    def once(self) -> str:
        return f"terms:{self.turn}"


class RunLooked(EventFact):
    """In the thread's stream, before any model is asked: whether there is anything new, by the plan's own command."""

    type: Literal["run.looked"] = "run.looked"
    turn: str
    news: bool
    check: Check


class RunChecked(EventFact):
    """In the thread's stream: whether the postcondition holds; `told` says what was checked and what came of it.

    `met` is None where nothing was checked.
    """

    type: Literal["run.checked"] = "run.checked"
    turn: str
    met: bool | None
    told: str
    check: Check | None = None
