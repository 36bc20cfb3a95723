"""The ways in which slots follow from a rule, by what happens to them in the nights when clocks are changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from maquette.domain.schedules import Slot
from maquette.schedules import zones

LONGEST_GAP = timedelta(hours=3)
"""What Debian's cron takes for a change of clocks. What is more (a day that Samoa left out) was no time at all."""


class Rule(Protocol):
    def slots(self, after: datetime, zone: ZoneInfo) -> Iterator[Slot]:
        """Those due after that moment, each later than the one before it."""
        ...


class Walls(Protocol):
    """What a wall clock says, whatever the zone."""

    def after(self, wall: datetime) -> Iterator[datetime]:
        """Naive and in order, each once, all after that one; each step takes a bounded time."""
        ...


@dataclass(frozen=True)
class Fixed:
    """At set times of the wall clock: each once. One that was left out is due right after the gap, one that comes
    twice is due the first time: the rule of Debian's cron for jobs that run at a set time.
    """

    walls: Walls

    def slots(self, after: datetime, zone: ZoneInfo) -> Iterator[Slot]:
        belated: Slot | None = None
        for wall in self.walls.after(zones.wall(after, zone).replace(fold=0)):
            at = zones.instant(wall, zone)
            if at is None:
                at, left_out = zones.gap(wall, zone)
                if left_out < LONGEST_GAP:
                    belated = Slot(local=zones.named_by(wall), at=at)
                continue
            if belated is not None and belated.at < at:
                yield belated
            belated = None
            if at > after:
                yield Slot(local=zones.named_by(wall), at=at)
        if belated is not None:
            yield belated


@dataclass(frozen=True)
class Each:
    """Whenever the wall clock says so: not if it never does, twice if it does twice. The rule of Debian's cron for
    jobs with a star for their hour or minute.
    """

    walls: Walls

    def slots(self, after: datetime, zone: ZoneInfo) -> Iterator[Slot]:
        begun, offset = after, after.astimezone(zone).utcoffset() or timedelta()
        wall = zones.wall(after, zone).replace(fold=0)
        walls = self.walls.after(wall)
        found = next(walls, None)
        while True:
            at = begun + zones.DAY if found is None else (found - offset).replace(tzinfo=UTC)
            changed = zones.changed(begun, at, zone)
            if changed is not None:
                begun, offset = changed, changed.astimezone(zone).utcoffset() or timedelta()
                shows = zones.wall(changed, zone).replace(fold=0)
                if shows <= wall:  # what it has shown, it shows again
                    wall = shows - zones.SECOND
                    walls = self.walls.after(wall)
                    found = next(walls, None)
                while found is not None and found < shows:
                    wall, found = found, next(walls, None)
            elif found is None:
                return
            else:
                yield Slot(local=zones.key(at, zone), at=at)
                begun, wall, found = at, found, next(walls, None)


@dataclass(frozen=True)
class Elapsed:
    """Each time so long has gone by since a moment, whatever clocks say. `step` is more than nothing."""

    since: datetime
    step: timedelta
    count: int | None = None
    until: datetime | None = None

    def slots(self, after: datetime, zone: ZoneInfo) -> Iterator[Slot]:
        number = max(0, (after - self.since) // self.step + 1)
        while self.count is None or number < self.count:
            try:
                at = self.since + number * self.step
            except OverflowError:
                return
            if self.until is not None and at > self.until:
                return
            yield Slot(local=zones.key(at, zone), at=at)
            number += 1


@dataclass(frozen=True)
class At:
    """At one moment."""

    at: datetime

    def slots(self, after: datetime, zone: ZoneInfo) -> Iterator[Slot]:
        if self.at > after:
            yield Slot(local=zones.key(self.at, zone), at=self.at)


@dataclass(frozen=True)
class Bounded:
    """Another rule's, from a moment on and until one, both within."""

    rule: Rule
    first: datetime | None
    last: datetime | None

    def slots(self, after: datetime, zone: ZoneInfo) -> Iterator[Slot]:
        begin = after if self.first is None else max(after, self.first - zones.SECOND)
        for slot in self.rule.slots(begin, zone):
            if self.last is not None and slot.at > self.last:
                return
            yield slot
