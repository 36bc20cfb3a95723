"""Work that is done by itself: each slot once or told of, with a receipt that says what came of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from house.checkouts import Checkout
from house.clocks import HOUR, ByHand, Hands, a_plan, comes, turned_on
from house.homes import events, until
from maquette.actions import automations, threads, waits
from maquette.actions.home import Home
from maquette.domain.automations import Manifest, Reports, Result, State
from maquette.domain.effects import Effect
from maquette.domain.errors import Refused
from maquette.domain.events import MessageSent, RunBegan, RunEnded, SlotSkipped, TermsGiven, TriggerLooked, TurnWaiting
from maquette.domain.labels import Integrity
from maquette.triggers import files, git

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]


@pytest.fixture
def home(by_hand: ByHand) -> Home:
    return by_hand[0]


@pytest.fixture
def clock(by_hand: ByHand) -> Hands:
    """As it is on the wall, at first."""
    by_hand[1].ahead = timedelta()
    return by_hand[1]


async def test_a_slot_has_one_run_and_a_receipt_that_says_what_came_of_it(home: Home, clock: Hands) -> None:
    id = await turned_on(home, a_plan("tell", when=clock.hourly, postcondition=Reports()))
    clock.ahead += HOUR
    await comes(home, id, RunEnded)
    (receipt,) = await automations.receipts(home, id)
    assert (receipt.state, receipt.result, receipt.version) == ("ended", Result.DONE, 1)
    assert (receipt.proved, receipt.words, receipt.requests) == ("It answered in 2 words.", 2, 1)
    assert (await threads.find(home, receipt.thread or "")).automation == id
    await automations.turn_off(home, id)


async def test_f6_a_machine_that_slept_makes_up_for_it_by_one_run_and_tells_of_the_others(
    home: Home, clock: Hands
) -> None:
    id = await turned_on(home, a_plan("tell later", when=clock.hourly))
    clock.ahead += 8 * HOUR
    await comes(home, id, RunEnded)
    ran, skipped = await automations.receipts(home, id)
    assert (skipped.count, skipped.told) == (7, "Maquette wasn't running, or this machine slept, when it was due.")
    assert (ran.due or clock.now()) - (skipped.upto or clock.now()) == HOUR
    await automations.turn_off(home, id)


async def test_a_run_that_waits_holds_up_no_other_unless_it_is_to(home: Home, clock: Hands) -> None:
    plan = a_plan("asks first", when=clock.hourly)
    id = await turned_on(home, plan)
    patient = await turned_on(home, plan.model_copy(update={"name": "asks and waits", "overlap": "wait"}))
    for which in (id, patient):
        clock.ahead += HOUR if which == id else timedelta()
        (began,) = await comes(home, which, RunBegan)
        assert isinstance(began.event, RunBegan)
        await until(home, began.event.thread, TurnWaiting)
    clock.ahead += HOUR
    await comes(home, id, RunBegan, count=2)
    assert [one.state for one in await automations.receipts(home, patient)] == ["waits"]
    await waits.answer(home, (await automations.receipts(home, patient))[0].thread or "", "this")
    await comes(home, patient, RunBegan, count=2)
    for which in (id, patient):
        await automations.turn_off(home, which)


async def test_runs_go_on_in_one_thread_where_they_are_to(home: Home) -> None:
    id = await turned_on(home, a_plan("tell on and on", goes_on=True))
    first = await automations.run(home, id)
    await comes(home, id, RunEnded)
    second = await automations.run(home, id)
    await comes(home, id, RunEnded, count=2)
    assert first.thread == second.thread
    assert len(events(home, first.thread, TermsGiven)) == 2
    assert [one.requests for one in await automations.receipts(home, id)] == [1, 1]


async def test_a_pause_keeps_slots_away_and_what_was_approved_and_off_takes_that_back(home: Home, clock: Hands) -> None:
    id = await turned_on(home, a_plan("tell now and then", when=clock.hourly))
    until = datetime.now(UTC) + 3 * HOUR
    await automations.pause(home, id, until=until)
    clock.ahead += 4 * HOUR
    (began,) = await comes(home, id, RunBegan, SlotSkipped)
    assert isinstance(began.event, RunBegan)
    assert began.event.due is not None
    assert until < began.event.due < clock.now()
    await automations.pause(home, id)
    assert (await automations.resume(home, id)).state is State.ON
    assert (await automations.turn_off(home, id)).approved is None
    with pytest.raises(Refused, match="turn it on"):
        await automations.run(home, id)


async def test_every_version_is_kept_says_what_changed_and_can_be_brought_back(home: Home, clock: Hands) -> None:
    id = await turned_on(home, a_plan("told", when=clock.hourly))
    plan = (await automations.find(home, id)).plan
    shorter = await automations.change(home, id, plan.model_copy(update={"brief": "Shorter."}), because="too long")
    assert (shorter.state, shorter.version) == (State.ON, 2)
    with pytest.raises(Refused, match="Nothing is different"):
        await automations.change(home, id, shorter.plan)
    reaching = plan.model_copy(update={"manifest": Manifest(effects=(Effect.NETWORK,), hosts=("board.example",))})
    wider = await automations.change(home, id, reaching)
    assert (wider.state, wider.approved) == (State.DRAFT, None)
    back = await automations.restore(home, id, 1)
    assert (back.plan, back.version, back.state) == (plan, 4, State.DRAFT)
    told = [(one.version, list(one.changed), one.because, one.restores) for one in await automations.versions(home, id)]
    assert told == [
        (4, ["what it may do or cost"], "", 1),
        (3, ["what is to be done", "what it may do or cost"], "", None),
        (2, ["what is to be done"], "too long", None),
        (1, [], "", None),
    ]


async def test_a_brief_that_says_when_gives_the_schedule_where_none_is_said(home: Home) -> None:
    said = "every weekday at 7 a report about what matters"
    at = await automations.draft(home, a_plan("said at once").model_copy(update={"brief": said}))
    assert (at.plan.brief, at.plan.when.schedule) == ("a report about what matters", "weekdays at 07:00")


async def test_only_what_was_shown_is_approved(home: Home) -> None:
    at = await automations.draft(home, a_plan("shown"))
    told = await automations.show(home, at.id)
    assert ("may", "read the project's files, change files, run commands in the sandbox") in told.shown
    wider = at.plan.model_copy(update={"manifest": Manifest(effects=(Effect.NETWORK,))})
    await automations.change(home, at.id, wider)
    with pytest.raises(Refused, match="isn't what it may do now"):
        await automations.turn_on(home, at.id, told.digest)
    assert (await automations.find(home, at.id)).state is State.DRAFT


async def test_a_file_that_changes_begins_one_run_and_its_end_begins_anothers(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.Files, "every", 0.05)
    monkeypatch.setattr(files, "SETTLES", 0.0)
    (tmp_path / "in").mkdir()
    wakes = [{"trigger": "files", "options": {"path": "in"}}]
    first = await turned_on(home, a_plan("tell what came in", project=str(tmp_path), when={"wakes": wakes}))
    await comes(home, first, TriggerLooked)
    wakes = [{"trigger": "after", "options": {"automation": "tell what came in", "outcomes": "unchecked"}}]
    second = await turned_on(home, a_plan("tell of that", when={"wakes": wakes}))
    (tmp_path / "in/new.txt").write_text("new")
    (began,) = await comes(home, first, RunBegan)
    assert isinstance(began.event, RunBegan)
    assert (began.event.told, began.event.due) == ("In in changed new.txt.", None)
    (after,) = await comes(home, second, RunBegan)
    assert isinstance(after.event, RunBegan)
    assert after.event.slot == f"after {began.event.turn}"
    brought = events(home, began.event.thread, MessageSent)[1]
    assert "files: new.txt" in brought.text
    assert brought.label.integrity is Integrity.EXTERNAL
    for id in (first, second):
        await comes(home, id, RunEnded)
        assert len(await automations.receipts(home, id)) == 1
        await automations.turn_off(home, id)
    own = a_plan("tell of that", when={"wakes": [{"trigger": "after", "options": {"automation": second}}]})
    with pytest.raises(Refused, match="by its own end"):
        await automations.change(home, second, own)


async def test_a_branch_that_moves_begins_one_run_which_is_told_from_where_to_where(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git.Git, "every", 0.05)
    shop = Checkout.made(tmp_path / "shop", {"a.txt": "1\n"})
    wakes = [{"trigger": "git", "options": {"refs": "main"}}]
    id = await turned_on(home, a_plan("tell what was pushed", project=str(shop.path), when={"wakes": wakes}))
    await comes(home, id, TriggerLooked)
    first = shop.git("rev-parse", "HEAD")
    shop.git("branch", "other")
    second = shop.commit("second")
    (began,) = await comes(home, id, RunBegan)
    assert isinstance(began.event, RunBegan)
    assert began.event.told == f"main moved from {first[:10]} to {second[:10]}."
    assert f"refs: refs/heads/main {first}..{second}" in began.event.brought
    await comes(home, id, RunEnded)
    assert len(await automations.receipts(home, id)) == 1
    await automations.turn_off(home, id)
