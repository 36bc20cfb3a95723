"""An automation: work that is done by itself, at set times or when something happens, and what became of each time."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, field_validator

from maquette.domain.effects import Effect
from maquette.domain.labels import PERSON, Fact, Integrity, Label
from maquette.domain.projects import Budget
from maquette.domain.threads import Mode

NOTHING = "Nothing new."
"""The last line of an answer to a run that found nothing to tell; such a run puts itself away."""

LIMITS = Budget(steps=200, seconds=3600)
"""Of each run, unless somebody says otherwise: so that none goes on for ever."""


class Wake(Fact):
    """What begins a run beside the schedule: a trigger (`files`, `git`, `after`), and its options."""

    trigger: str
    options: dict[str, str] = Field(default_factory=dict[str, str])


class When(Fact):
    """When runs are due. `schedule`: as people say it, or a rule ("weekdays at 7", `0 7 * * 1-5`); "" for never.

    `zone`: an IANA name, whose wall clock counts; "" in a new plan: that of this machine.
    """

    schedule: str = ""
    zone: str = ""
    wakes: tuple[Wake, ...] = ()


class Manifest(Fact):
    """What runs may do without asking. Whatever needs more waits for the person; authority is never in it.

    `hosts`: whom they may reach where `effects` hold the network; `budget` of each run, `daily` of all in a day of the
    automation's zone.
    """

    effects: tuple[Effect, ...] = (Effect.READS, Effect.WRITES, Effect.RUNS)
    hosts: tuple[str, ...] = ()
    budget: Budget = LIMITS
    daily: Budget = Budget()

    @field_validator("effects")
    @classmethod
    def _never_authority(cls, effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
        if Effect.AUTHORITY in effects:
            raise ValueError("what changes what agents may do is asked for each time")
        return effects


class Unchecked(Fact):
    """Nobody said how a run is known to have worked; then none is told as proved."""

    kind: Literal["unchecked"] = "unchecked"


class Passes(Fact):
    """A command, run in the sandbox where the run worked, ends with status 0."""

    kind: Literal["passes"] = "passes"
    command: str = Field(min_length=1)


class Reports(Fact):
    """The run's last answer tells something."""

    kind: Literal["reports"] = "reports"


class Leaves(Fact):
    """These files are there after the run, and aren't empty; paths relative to where it worked."""

    kind: Literal["leaves"] = "leaves"
    files: tuple[str, ...] = Field(min_length=1)


Postcondition = Annotated[Unchecked | Passes | Reports | Leaves, Field(discriminator="kind")]


Overlap = Literal["skip", "wait"]
CatchUp = Literal["once", "record"]


class Plan(Fact):
    """All that a person settles about an automation. `project` is an id; "" in a new plan: the desk.

    `look`: a command run in the sandbox first, which prints something when there is news: else no model is asked.
    `goes_on`: each run says more in one thread, else each has its own. `overlap`: what becomes of a slot that is due
    while a run is at work. `catch_up`: whether what was missed while no base was up is made up for by one run.
    """

    name: str = Field(min_length=1, max_length=80)
    project: str = ""
    brief: str = Field(min_length=1, max_length=20_000)
    when: When = When()
    look: str = ""
    goes_on: bool = False
    mode: Mode | None = None
    model: str | None = None
    manifest: Manifest = Manifest()
    postcondition: Postcondition = Unchecked()
    overlap: Overlap = "skip"
    catch_up: CatchUp = "once"

    def apart(self, other: Plan) -> list[str]:
        """The fields in which they differ, in words."""
        return [NAMES.get(name, name) for name in Plan.model_fields if getattr(self, name) != getattr(other, name)]

    @property
    def granted(self) -> tuple[object, ...]:
        """What a person approves by turning it on: a change of this needs them again."""
        return self.project, self.mode, self.model, self.manifest, self.look, self.postcondition


NAMES = {
    "goes_on": "its thread",
    "brief": "what is to be done",
    "manifest": "what it may do or cost",
    "postcondition": "how it is proved",
    "catch_up": "what is missed",
    "look": "what looks first",
    "mode": "how it works there",
}
"""Fields of a plan whose names say too little."""


class Terms(Fact):
    """Under which a turn runs that nobody watches, as its automation's `version` says. `dry`: it is a trial, of which
    nothing goes beyond its own tree.
    """

    automation: str
    version: int
    manifest: Manifest
    postcondition: Postcondition
    zone: str
    look: str = ""
    dry: bool = False

    def of_a_part(self) -> Terms:
        """What holds for whoever does a part of the run's work."""
        return self.model_copy(update={"postcondition": Unchecked(), "look": ""})


class State(StrEnum):
    """Where an automation is. Only one that a person turned on runs; a pause keeps what they approved, off doesn't."""

    DRAFT = "draft"
    ON = "on"
    PAUSED = "paused"
    OFF = "off"


class Automation(Fact):
    """An automation as it stands. `since`: slots after it are due; `until`: when a pause is over by itself.

    `approved`: the version whose manifest the person saw when they last turned it on; None: none, or it was changed
    since in what it may do. `label`: whose words the plan is, at worst.
    """

    id: str
    version: int
    plan: Plan
    state: State = State.DRAFT
    since: datetime
    until: datetime | None = None
    approved: int | None = None
    label: Label = PERSON
    changed: datetime

    def keeps(self, new: Plan, label: Label) -> bool:
        """Whether what the person approved holds for a `new` plan, whose words `label` tells of."""
        theirs = label.integrity is Integrity.USER or new.brief == self.plan.brief
        return self.approved is not None and theirs and new.granted == self.plan.granted

    def begins(self, now: datetime) -> datetime | None:
        """From when on its slots are due; None: it doesn't run by itself."""
        if self.state is State.ON:
            return self.since
        paused = self.state is State.PAUSED and self.until is not None and self.until <= now
        return self.until if paused else None


class Cause(StrEnum):
    """Why a run began."""

    SLOT = "slot"
    NOW = "now"
    TRIGGER = "trigger"
    DRY = "dry"


class Result(StrEnum):
    """What a run came to. DONE: its postcondition holds; UNCHECKED: it came to its end, and nothing says more."""

    DONE = "done"
    UNCHECKED = "unchecked"
    UNMET = "unmet"
    NOTHING = "nothing"
    FAILED = "failed"
    STOPPED = "stopped"
    BUDGET = "budget"


class Receipt(Fact):
    """What became of a slot, or of a run that had none.

    `state`: it was `skipped`, the run is `begun`, it `waits` for the person, or it has `ended`. `slot` is the first of
    `count` that were skipped together, `upto` the last of them; `due` when it was due. `told` says why it began or was
    skipped, `reason` why it ended so. `proved`: what was checked afterwards, and `met` whether it holds (None: nothing
    was checked). `calls`, `words` (of its last answer), `files`, `added` and `removed` are what it did; `commit` holds
    the files. `price` leaves out the `unpriced` among its requests.
    """

    automation: str
    key: str
    state: Literal["skipped", "begun", "waits", "ended"]
    cause: Cause = Cause.SLOT
    slot: str = ""
    due: datetime | None = None
    upto: datetime | None = None
    count: int = 1
    version: int
    told: str = ""
    thread: str | None = None
    turn: str | None = None
    at: datetime
    ended: datetime | None = None
    result: Result | None = None
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


def tells_nothing(said: str) -> bool:
    """Whether an answer's last line is that there is nothing to tell."""
    lines = said.strip().splitlines()
    return bool(lines) and lines[-1].strip(" *_`").rstrip(".").lower() == NOTHING.rstrip(".").lower()
