"""What becomes of slots that are due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from maquette.domain.automations import Automation, Cause, Plan, When
from maquette.domain.events import RunBegan, SlotSkipped
from maquette.domain.projects import Project, ProjectKind
from maquette.domain.schedules import Slot
from maquette.domain.threads import Mode
from maquette.engine.slots import AT_WORK, AWAY, ITS_THREAD_WAITS, Busy, Due, Ground, begun, decided

SEVEN = datetime(2026, 11, 26, 7, tzinfo=UTC)
REPO = Project(id="project_1", name="shop", kind=ProjectKind.REPO, path="/shop")
DESK = REPO.model_copy(update={"kind": ProjectKind.DESK})


def hours(*which: int) -> list[Slot]:
    return [Slot(local=f"2026-11-26T{hour:02}:00", at=SEVEN.replace(hour=hour)) for hour in which]


def an_automation(**given: object) -> Automation:
    when = When(schedule="0 * * * *", zone="Europe/Berlin")
    plan = Plan.model_validate({"name": "tidy", "project": REPO.id, "brief": "Tidy up.", "when": when, **given})
    return Automation(id="automation_1", version=3, plan=plan, since=SEVEN, changed=SEVEN)


def told(
    slots: Sequence[Slot], late: timedelta = timedelta(), busy: Busy | None = None, more: bool = False, **given: Any
) -> list[tuple[str, str, int]]:
    """What is decided: a run or not, of which slot, and of how many."""
    now = slots[-1].at + late
    found = decided(an_automation(**given), Due(slots, more), Ground(REPO, "m:m"), now, busy)
    return [
        ("run", event.slot, 1) if isinstance(event, RunBegan) else (event.why, event.last, event.count)
        for event in found
        if isinstance(event, RunBegan | SlotSkipped)
    ]


def at(hour: int) -> str:
    return f"2026-11-26T{hour:02}:00 Europe/Berlin"


def test_a_slot_that_is_due_has_a_run() -> None:
    assert told(hours(7)) == [("run", at(7), 1)]


def test_what_was_missed_is_made_up_for_by_one_run_and_the_others_are_told_of_together() -> None:
    assert told(hours(5, 6, 7), late=timedelta(minutes=40)) == [(AWAY, at(6), 2), ("run", at(7), 1)]


def test_where_nothing_is_to_be_made_up_for_all_that_was_missed_is_told_of() -> None:
    assert told(hours(5, 6, 7), late=timedelta(minutes=40), catch_up="record") == [(AWAY, at(7), 3)]
    assert told(hours(5, 6, 7), catch_up="record") == [(AWAY, at(6), 2), ("run", at(7), 1)]


def test_of_very_many_that_were_missed_none_is_run_before_the_last_are_known() -> None:
    assert told(hours(5, 6, 7), more=True) == [(AWAY, at(7), 3)]


@pytest.mark.parametrize(
    ("busy", "given", "came"),
    [
        ("working", {}, [(AT_WORK, at(7), 1)]),
        ("working", {"overlap": "wait"}, []),
        ("waiting", {}, [("run", at(7), 1)]),
        ("waiting", {"overlap": "wait"}, []),
        ("waiting", {"goes_on": True}, [(ITS_THREAD_WAITS, at(7), 1)]),
    ],
)
def test_a_slot_that_is_due_while_a_run_is_open(
    busy: Busy, given: dict[str, Any], came: list[tuple[str, str, int]]
) -> None:
    assert told(hours(7), busy=busy, **given) == came


def test_a_run_that_comes_late_says_how_late_and_why() -> None:
    (event,) = decided(an_automation(), Due(hours(7)), Ground(REPO, "m:m"), SEVEN + timedelta(hours=8), None)
    assert isinstance(event, RunBegan)
    assert event.told == f"Begun 8 hours late, to make up for what was missed. {AWAY}"


def test_a_run_says_more_in_the_thread_that_goes_on_and_a_trial_never_does() -> None:
    goes_on, ground = an_automation(goes_on=True), Ground(REPO, "m:m", thread="thread_1")
    more = begun(goes_on, ground, Cause.SLOT, slot=hours(7)[0])
    assert (more.thread, more.started) == ("thread_1", None)
    first = begun(goes_on, Ground(REPO, "m:m"), Cause.SLOT, slot=hours(7)[0])
    assert first.started is not None
    trial = begun(goes_on, ground, Cause.DRY)
    assert trial.thread != "thread_1"
    assert trial.terms.dry


def test_a_run_works_in_a_tree_of_its_own_where_that_is_a_repo_and_a_trial_anywhere() -> None:
    def mode(project: Project, cause: Cause, **given: object) -> Mode | None:
        started = begun(an_automation(**given), Ground(project, "m:m"), cause).started
        return started.mode if started else None

    assert mode(REPO, Cause.NOW) is Mode.WORKTREE
    assert mode(DESK, Cause.NOW) is Mode.LOCAL
    assert mode(REPO, Cause.NOW, mode=Mode.LOCAL) is Mode.LOCAL
    assert mode(DESK, Cause.DRY) is Mode.WORKTREE
