"""Each slot once, or told of: whatever happens to clocks, and however many look at them. On either store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import pytest

from maquette import schedules
from maquette.domain.automations import Plan, Receipt, Result, When
from maquette.domain.events import AutomationSet, AutomationSwitched, ProjectAdded, RunEnded
from maquette.domain.projects import Project, ProjectKind
from maquette.engine.ticker import Ticker
from maquette.store import Store
from maquette.store.projections import automations

pytestmark = pytest.mark.anyio
BERLIN = "Europe/Berlin"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ID = "automation_1"


def at(text: str) -> datetime:
    """In UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Ticking:
    """Two who look at one clock and one log, at the same moments. Runs end as soon as they have begun."""

    stores: Sequence[Store]
    since: datetime
    when: When
    now: datetime
    tickers: Sequence[Ticker] = ()

    def real(self, seconds: float) -> float:
        return 1e6  # it is looked at by hand

    async def look(self, now: datetime) -> None:
        self.now = now
        await asyncio.gather(*(task for ticker in self.tickers if (task := ticker.look())))
        store = self.stores[0]
        for run, _ in await store.query(automations.open_runs, ID):
            ended = RunEnded(thread=run.thread or "", turn=run.turn or "", result=Result.DONE)
            await store.log.append(ID, ended)

    async def go(self, until: datetime, step: timedelta) -> None:
        while self.now < until:
            await self.look(self.now + step)

    async def looks(self, *moments: str) -> None:
        for moment in moments:
            await self.look(at(moment))

    async def receipts(self) -> list[Receipt]:
        """The first comes first."""
        return (await self.stores[0].query(automations.receipts, ID))[::-1]

    async def check(self, until: datetime) -> list[Receipt]:
        """That each slot up to then has one receipt, or its share in one."""
        meant = schedules.read(self.when.schedule, self.when.zone).iterate(self.since)
        slots = [f"{slot.local} {self.when.zone}" for slot in takewhile(lambda slot: slot.at <= until, meant)]
        receipts, told = await self.receipts(), list[str]()
        for one in receipts:
            first = slots.index(one.slot)
            told += slots[first : first + one.count]
        assert told == slots
        return receipts


@asynccontextmanager
async def ticking(place: Path | str, schedule: str, since: str, zone: str = BERLIN) -> AsyncGenerator[Ticking]:
    with closing(Store.open(place)) as first, closing(Store.open(place) if isinstance(place, str) else first) as second:
        made = Ticking([first, second], at(since), When(schedule=schedule, zone=zone), at(since))

        async def model_of(_: Project) -> str:
            return "m:m"

        project = ProjectAdded(name="desk", kind=ProjectKind.DESK, path="/desk")
        await first.log.append("project_1", project)
        plan = Plan(name="tick", project="project_1", brief="Tick.", when=made.when)
        on = AutomationSwitched(to="on", version=1, since=made.since, digest="seen")
        await first.log.append(ID, AutomationSet(version=1, plan=plan), on)
        made.tickers = [Ticker(store, model_of, _Clock(made)) for store in made.stores]
        for ticker in made.tickers:
            ticker.open()
        try:
            yield made
        finally:
            for ticker in made.tickers:
                await ticker.close()


@dataclass
class _Clock:
    of: Ticking

    def now(self) -> datetime:
        return self.of.now

    def real(self, seconds: float) -> float:
        return self.of.real(seconds)


async def test_f6_in_the_night_when_clocks_go_forward_each_slot_has_one_run(place: Path | str) -> None:
    async with ticking(place, "30 2 * * *", "2027-03-27T12:00") as two:
        await two.looks("2027-03-28T00:59", "2027-03-28T01:00", "2027-03-28T01:30", "2027-03-29T00:31")
        found = await two.check(at("2027-03-29T00:31"))
    assert [one.due for one in found] == [at("2027-03-28T01:00"), at("2027-03-29T00:30")]
    assert {one.state for one in found} == {"ended"}


async def test_f6_in_the_night_when_clocks_go_back_a_set_time_has_one_run(place: Path | str) -> None:
    async with ticking(place, "30 2 * * *", "2027-10-30T12:00") as two:
        await two.looks("2027-10-31T00:29", "2027-10-31T00:30", "2027-10-31T01:30", "2027-11-01T01:31")
        found = await two.check(at("2027-11-01T01:31"))
    assert [one.slot for one in found] == [f"2027-10-31T02:30 {BERLIN}", f"2027-11-01T02:30 {BERLIN}"]


async def test_f6_each_half_hour_of_that_night_has_its_own_run_also_when_it_comes_twice(place: Path | str) -> None:
    async with ticking(place, "*/30 * * * *", "2027-10-30T23:45") as two:
        await two.go(at("2027-10-31T02:15"), 30 * MINUTE)
        found = await two.check(at("2027-10-31T02:15"))
    assert [one.slot.partition("T")[2].partition(" ")[0] for one in found] == [
        *("02:00", "02:30", "02:00+01:00", "02:30+01:00", "03:00")
    ]
    assert {one.state for one in found} == {"ended"}


async def test_f6_a_machine_that_slept_for_8_hours_makes_up_for_it_once(place: Path | str) -> None:
    async with ticking(place, "0 * * * *", "2027-01-04T06:30") as two:
        await two.go(at("2027-01-04T07:30"), HOUR)
        await two.look(at("2027-01-04T15:30"))
        found = await two.check(at("2027-01-04T15:30"))
    assert [(one.state, one.count) for one in found] == [("ended", 1), ("skipped", 7), ("ended", 1)]
    assert found[-1].told.startswith("Begun 30 minutes late, to make up for what was missed.")


async def test_f6_a_clock_that_is_set_back_and_forth_begins_no_slot_twice(place: Path | str) -> None:
    async with ticking(place, "0 * * * *", "2027-01-04T06:30") as two:
        await two.go(at("2027-01-04T08:30"), HOUR)
        await two.looks("2027-01-04T06:10", "2027-01-04T07:10", "2027-01-04T09:10", "2027-01-04T07:30")
        await two.looks("2027-01-04T08:30", "2027-01-04T10:10")
        found = await two.check(at("2027-01-04T10:10"))
    assert [one.state for one in found] == ["ended"] * 4


async def test_f6_a_clock_that_was_a_year_ahead_for_a_moment_keeps_no_slot_of_that_year_from_running(
    place: Path | str,
) -> None:
    async with ticking(place, "0 7 * * *", "2027-01-04T12:00", zone="UTC") as two:
        await two.look(at("2028-01-04T12:00"))
        ahead = len(await two.receipts())
        await two.look(at("2027-01-04T13:00"))
        await two.looks("2027-01-05T07:01", "2027-01-05T12:00", "2027-01-06T07:01")
        late = (await two.receipts())[ahead:]
    assert [one.due for one in late] == [at("2027-01-05T07:00"), at("2027-01-06T07:00")]


async def test_of_a_week_of_missed_minutes_each_is_told_of_and_the_last_is_run(place: Path | str) -> None:
    async with ticking(place, "* * * * *", "2027-01-04T12:00", zone="UTC") as two:
        await two.look(at("2027-01-11T12:00"))
        found = await two.receipts()
    assert sum(one.count for one in found) == 7 * 24 * 60
    assert [one.state for one in found][-1] == "ended"
    assert {one.state for one in found[:-1]} == {"skipped"}
