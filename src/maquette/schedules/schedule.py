"""A schedule: read once from what a person wrote, kept as text and zone, and asked for its slots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from maquette.domain.schedules import Slot
from maquette.schedules.rules import Rule


@dataclass(frozen=True)
class Schedule:
    """`text` and `zone` are what to keep: `read` makes the same schedule of them at any time.

    `means` says in a sentence what was understood; `notes`, in a sentence each, what was chosen where the words left a
    choice, and what may surprise.
    """

    text: str
    zone: str
    means: str
    notes: tuple[str, ...] = ()
    rule: Rule = field(repr=False, compare=False, kw_only=True)

    def iterate(self, after: datetime) -> Iterator[Slot]:
        """The slots that are due after a moment (aware), in order; without end where the schedule has none."""
        if after.tzinfo is None:
            raise ValueError("A moment has a time zone.")
        return self.rule.slots(after.astimezone(UTC), ZoneInfo(self.zone))

    def slots(self, after: datetime, count: int) -> list[Slot]:
        """The first `count` of them; fewer where it ends."""
        return list(islice(self.iterate(after), count))

    def next(self, after: datetime) -> Slot | None:
        """The first of them; None: it never runs again."""
        return next(self.iterate(after), None)
