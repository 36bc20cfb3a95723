"""An exploration: one question, many attempts at it, and what came of comparing them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from maquette.domain.checks import Check, Probe
from maquette.domain.labels import Fact
from maquette.domain.projects import Budget
from maquette.domain.stages import Risk, Stage
from maquette.domain.threads import Outcome, ThreadState
from maquette.domain.votes import Facet

MOST = 200
"""Attempts of one exploration."""


JOINED = " + "
"""Between the approaches that a fold joins."""


class Medium(StrEnum):
    """What a question is answered with: a page to argue about, a thing to click, or a change."""

    PAGE = "page"
    CLICK = "click"
    CHANGE = "change"


class View(Fact):
    """What is to be seen of each attempt: a state by its name, where that is, and the size of the window in pixels.

    `path`: a file of the tree (`index.html`), or a path of what the preview command serves (`/`), with `?` and `#`.
    """

    name: str = Field(min_length=1, max_length=60)
    path: str = Field(min_length=1, max_length=400)
    width: int = Field(default=1280, ge=200, le=3840)
    height: int = Field(default=800, ge=200, le=4320)


STEP = r"^(?:(?:click|point) \S.*|type [^=]+=.*|press \S+|scroll -?\d{1,5}|wait \d(?:\.\d+)?)$"
"""A film's: `click WORDS`, `point WORDS` (at what says so), `type FIELD=WORDS`, `press KEY`, `scroll PIXELS`, `wait
SECONDS`."""


class Film(Fact):
    """An interaction that is filmed of each attempt: what is done, with a picture after each step.

    `path`, `width` and `height` are those of a `View`; without `path` it begins where the first picture is taken.
    """

    steps: tuple[Annotated[str, Field(pattern=STEP, max_length=120)], ...] = Field(min_length=1, max_length=12)
    path: str = Field(default="", max_length=400)
    width: int = Field(default=1280, ge=200, le=3840)
    height: int = Field(default=800, ge=200, le=4320)


class Frame(Fact):
    """A picture of a film: after which step ("" before the first), by its blob in the project's store; `why` that step
    could not be done.
    """

    step: str
    blob: str = ""
    why: str = ""


class Brief(Fact):
    """A question, and how its answers are made and seen. `why`: why this medium. `base`: the commit all begin with.

    `checks` are commands, run on each answer alike; `preview` a command that serves what is to be seen at $PORT, or "".
    `probes` are commands whose output tells what an answer does.
    """

    question: str
    medium: Medium
    why: str
    base: str
    checks: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    preview: str = ""
    views: tuple[View, ...] = ()
    film: Film | None = None


class Origin(Fact):
    """Where an attempt comes from: an agent (`name`: the number of the shelved one that it tries again), a person's own
    branch, folder, patch, archive or thread (`name`), or others, by a fold. `offer`: that of a model, for which the
    shelf was tried by itself.
    """

    kind: Literal["agent", "branch", "folder", "patch", "archive", "thread", "fold"] = "agent"
    name: str = ""
    offer: str = ""


class Variation(Fact):
    """How an attempt is to differ from the others. `seed`: the how-manieth of the same approach and model."""

    approach: str = ""
    model: str = ""
    seed: int = 1


class Picture(Fact):
    """Of one view: a PNG by its blob in the project's store, with its size in pixels; or `why` there is none.

    `small` is a smaller PNG of it, `look` what is compared: 32 × 20 pixels of it in RGB, as base64. Both are empty
    where nothing could make them.
    """

    view: str
    blob: str = ""
    width: int = 0
    height: int = 0
    small: str = ""
    look: str = ""
    why: str = ""


class Closed(Fact):
    """A risk that isn't open any more: by whom, on what evidence."""

    risk: Risk
    by: str
    evidence: str


class Evidence(Fact):
    """What is known of a result, gathered by us alike for all.

    `lines` that hold something and `complexity` (McCabe's; None without Python) are what it adds, `dependencies` those
    that it names anew. `summary` is the attempt's own words about itself, and proves nothing.
    """

    commit: str
    tree: str
    checks: tuple[Check, ...] = ()
    probes: tuple[Probe, ...] = ()
    pictures: tuple[Picture, ...] = ()
    film: tuple[Frame, ...] = ()
    files: tuple[str, ...] = ()
    added: int = 0
    removed: int = 0
    lines: int = 0
    complexity: int | None = None
    dependencies: tuple[str, ...] = ()
    summary: str = ""
    troubles: tuple[str, ...] = ()
    """What could not be gathered, and why."""

    @property
    def failed(self) -> tuple[str, ...]:
        """The checks that don't pass."""
        return tuple(check.command for check in self.checks if not check.passed)


class Definition(Fact):
    """What an exploration comes to: the goal, the feature it belongs to, which options were kept and cut, and why."""

    goal: str
    feature: str
    kept: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    why: str = ""


class Exploration(Fact):
    """An exploration's line in a list. `picked`: the number of the attempt that was chosen."""

    id: str
    project: str
    brief: Brief
    at_once: int
    budget: Budget
    """Of all attempts together."""
    attempts: int = 0
    gathered: int = 0
    """Those of whose latest result all is known."""
    votes: int = 0
    picked: int | None = None
    definition: Definition | None = None
    shelved: str = ""
    """Why it was put on the shelf; "" while it wasn't."""
    judging: str = ""
    """The judging by a model that is under way, by its id."""
    started: datetime
    changed: datetime


class Attempt(Fact):
    """One answer to the question, as it stands: what it is, how far its thread is, and what is known of its result."""

    exploration: str
    number: int
    thread: str
    plan: Variation
    source: Origin
    budget: Budget
    stage: Stage = Stage.SKETCH
    closed: tuple[Closed, ...] = ()
    evidence: Evidence | None = None
    stopped: str = ""
    """Why it isn't worked on any more; "" while it may be."""
    wanted: bool = False
    """A person had it go on, whoever's twin it is."""
    shelved: str = ""
    lacked: tuple[str, ...] = ()
    """The checks that it failed when it was put on the shelf."""
    state: ThreadState | None = None
    """Of its thread; None: it hasn't begun."""
    outcome: Outcome | None = None
    result: str | None = None
    """The commit last kept of it; `evidence` may still be of a former one."""
    tokens: int = 0
    price: Decimal | None = Decimal(0)
    """US dollars so far; None when a request's price is unknown."""
    seconds: float = 0
    """Of work, without any waiting."""

    @property
    def known(self) -> bool:
        """Whether all is known of what it last made."""
        return self.evidence is not None and self.evidence.commit == self.result

    @property
    def open(self) -> tuple[Risk, ...]:
        """The risks that nobody has closed."""
        done = {one.risk for one in self.closed}
        return tuple(risk for risk in Risk if risk not in done)

    @property
    def tries_again(self) -> bool:
        """Whether it tries again what is on the shelf."""
        return self.source.kind == "agent" and self.source.name != ""

    @property
    def lacks(self) -> tuple[str, ...]:
        """The checks that it failed when it was put on the shelf, else those that it fails now."""
        return self.lacked or (self.evidence.failed if self.evidence else ())


def used_up(exploration: Exploration, attempts: Sequence[Attempt]) -> bool:
    """Whether the budget of all together is; what the shelf has begun by itself has its own."""
    own = [attempt for attempt in attempts if not attempt.source.offer]
    tokens = sum(attempt.tokens for attempt in own)
    money = sum((attempt.price or Decimal(0) for attempt in own), Decimal(0))
    budget = exploration.budget
    return (budget.tokens is not None and tokens >= budget.tokens) or (
        budget.money is not None and money >= budget.money
    )


class Regained(Fact):
    """What an attempt on the shelf failed, and the one that tried it again passes: these checks, as they came out then
    and as they do now; `still`: those that fail as before.
    """

    exploration: str
    shelved: int
    again: int
    model: str
    checks: tuple[str, ...]
    was: tuple[Check, ...] = ()
    now: tuple[Check, ...] = ()
    still: tuple[str, ...] = ()


class Decision(Fact):
    """What was chosen and why, as it is put now; `version` counts how often it was put otherwise, from 1."""

    id: str
    project: str
    reason: str
    facet: Facet | None = None
    exploration: str | None = None
    attempt: int | None = None
    by: str = "person"
    at: datetime
    version: int = 1
    withdrawn: bool = False
