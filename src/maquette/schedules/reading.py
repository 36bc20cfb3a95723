"""Reads what a person wrote as a schedule: cron, recurrence rules, or plain words."""

from __future__ import annotations

from datetime import datetime

from maquette.domain.errors import Refused
from maquette.schedules import cron, rrules, told, zones
from maquette.schedules.schedule import Schedule

LONGEST = 2000
"""Characters of a schedule's text."""


def read(text: str, zone: str, now: datetime | None = None) -> Schedule:
    """`now` (aware) is what words like “tomorrow” count from; what `Schedule.text` keeps doesn't need it.

    Raises `Refused`, with what to write instead.
    """
    zones.named(zone)
    text = text.strip()
    if not text:
        raise Refused("A schedule says when: “weekdays at 7”, “every 2 hours”, `0 7 * * 1-5`.", code="no-schedule")
    if len(text) > LONGEST:
        raise Refused(f"A schedule is {LONGEST} characters at most.", code="bad-schedule")
    if cron.looks(text):
        fields = cron.fields(text)
        return Schedule(fields, zone, f"{cron.told(fields)}, by the clocks of {zone}.", rule=cron.rule(fields))
    if rrules.looks(text):
        found = rrules.read(text, zone, now)
        return Schedule(
            found.text,
            found.zone,
            f"{told.recurrence(found.walls)}, by the clocks of {found.zone}.",
            tuple(found.notes),
            rule=found.rule,
        )
    raise Refused("Not yet", code="bad-schedule")
