"""Two pages, a stale one, a loop: nothing runs by itself beyond what a person approved and hasn't taken back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from house.clocks import ByHand, a_plan, comes, turned_on
from maquette.actions import automations
from maquette.actions.home import Home
from maquette.domain.automations import State
from maquette.domain.errors import Refused
from maquette.domain.events import AutomationSet, AutomationSwitched, RunBegan, RunEnded, TriggerLooked
from maquette.domain.ids import new_id
from maquette.domain.labels import Integrity, Label
from maquette.engine import wakes
from maquette.store.automations import standing
from maquette.triggers import files

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]

STRANGERS = Label(integrity=Integrity.EXTERNAL, origin="tool:read")


@pytest.fixture
def home(by_hand: ByHand) -> Home:
    return by_hand[0]


async def test_s25_a_pause_that_comes_after_off_turns_nothing_on_again(home: Home) -> None:
    """As a page does that saw it on, while another turned it off."""
    id, now = await turned_on(home, a_plan("raced")), datetime.now(UTC)
    await automations.turn_off(home, id)
    for to in ("paused", "on"):
        late = AutomationSwitched(to=to, version=1, since=now, until=now if to == "paused" else None, digest="")
        await home.store.log.append(id, late)
        at = await automations.find(home, id)
        assert (at.state, at.approved, at.begins(now + timedelta(days=1))) == (State.OFF, None, None)


async def test_s25_nothing_begins_by_what_an_automation_was_before_it_was_turned_off(home: Home) -> None:
    id = await turned_on(home, a_plan("stale"))
    before = await automations.find(home, id)
    await automations.turn_off(home, id)
    with pytest.raises(Refused, match="changed meanwhile"):
        await home.store.query(standing, before, datetime.now(UTC))


async def test_s25_of_two_changes_at_once_one_is_kept_and_the_other_is_told(home: Home) -> None:
    at = await automations.draft(home, a_plan("both change"))
    changes = [at.plan.model_copy(update={"brief": brief}) for brief in ("one", "two")]
    came = await asyncio.gather(*(automations.change(home, at.id, plan) for plan in changes), return_exceptions=True)
    (refused,) = [one for one in came if isinstance(one, Refused)]
    assert refused.code == "conflict"
    assert [one.version for one in await automations.versions(home, at.id)] == [2, 1]
    with pytest.raises(Refused, match=r"at version 2 by now.* other: what is to be done"):
        await automations.change(home, at.id, changes[0], over=1)


async def test_s25_a_strangers_brief_stays_a_strangers_until_a_person_writes_another(home: Home) -> None:
    id = new_id("automation")
    plan = (await automations.draft(home, a_plan("mine"))).plan.model_copy(update={"name": "theirs"})
    await home.store.log.append(id, AutomationSet(label=STRANGERS, version=1, plan=plan), expected=0)
    renamed = await automations.change(home, id, plan.model_copy(update={"name": "renamed"}))
    assert renamed.label == STRANGERS
    assert ("in words of", "tool:read") in (told := await automations.show(home, id)).shown
    assert (await automations.turn_on(home, id, told.digest)).state is State.ON
    assert (await automations.change(home, id, plan)).state is State.ON
    own = await automations.change(home, id, plan.model_copy(update={"brief": "My own words."}))
    assert (own.label.integrity, own.state) == (Integrity.USER, State.ON)
    back = await automations.restore(home, id, 1)
    assert (back.label, back.state, back.approved) == (STRANGERS, State.DRAFT, None)


async def test_s20_two_triggers_that_differ_are_shown_apart(home: Home) -> None:
    told: set[str] = set()
    for number, options in enumerate(({"path": "in", "names": "a"}, {"path": "in names=a"}, {"path": "in a"})):
        wakes = [{"trigger": "files", "options": options}]
        at = await automations.draft(home, a_plan(f"apart {number}", brief="apart", when={"wakes": wakes}))
        told.add((await automations.show(home, at.id)).digest)
    assert len(told) == 3


async def test_s25_automations_that_would_begin_each_other_for_ever_are_refused(home: Home) -> None:
    ids = [(await automations.draft(home, a_plan(f"round {n}"))).id for n in range(3)]
    for of, by in ((0, 1), (1, 2), (2, 0)):
        plan = a_plan(f"round {of}", when={"wakes": [{"trigger": "after", "options": {"automation": ids[by]}}]})
        if by:
            await automations.change(home, ids[of], plan)
        else:
            with pytest.raises(Refused, match="by its own end"):
                await automations.change(home, ids[of], plan)


async def test_s25_what_wakes_itself_does_so_so_often_an_hour_and_the_rest_waits(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both look at one folder in the same look, the full one first."""
    monkeypatch.setattr(files.Files, "every", 0.05)
    monkeypatch.setattr(files, "SETTLES", 0.0)
    monkeypatch.setattr(wakes, "LATER", 0.05)
    monkeypatch.setattr(wakes, "MOST", 1)
    when = {"wakes": [{"trigger": "files", "options": {"path": "."}}]}
    full = await turned_on(home, a_plan("a full one", project=str(tmp_path), when=when))
    await comes(home, full, TriggerLooked)
    (tmp_path / "first.txt").write_text("1")
    await comes(home, full, RunEnded)
    other = await turned_on(home, a_plan("another", project=str(tmp_path), when=when))
    await comes(home, other, TriggerLooked)
    (tmp_path / "second.txt").write_text("2")
    await comes(home, other, RunBegan)
    assert len(await automations.receipts(home, full)) == 1
    monkeypatch.setattr(wakes, "MOST", 2)
    _, began = await comes(home, full, RunBegan, count=2)
    assert isinstance(began.event, RunBegan)
    assert began.event.told == "In . changed second.txt."
    await comes(home, full, RunEnded, count=2)
    for id in (full, other):
        await automations.turn_off(home, id)
