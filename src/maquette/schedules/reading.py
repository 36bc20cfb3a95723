"""Reads what a person wrote as a schedule: cron, recurrence rules, or plain words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from maquette.domain.errors import Refused
from maquette.schedules import cron, rrules, surprises, told, words, zones
from maquette.schedules.schedule import Schedule

LONGEST = 2000
"""Characters of a schedule's text."""


def read(text: str, zone: str, now: datetime | None = None) -> Schedule:
    """`now` (aware) is what words like “tomorrow” count from, and from where what may surprise is seen; what
    `Schedule.text` keeps doesn't need it.

    Raises `Refused`, with what to write instead.
    """
    zones.named(zone)
    text = text.strip()
    if not text:
        raise Refused("A schedule says when: “weekdays at 7”, “every 2 hours”, `0 7 * * 1-5`.", code="no-schedule")
    if len(text) > LONGEST:
        raise Refused(f"A schedule is {LONGEST} characters at most.", code="bad-schedule")
    try:
        schedule = _read(text, zone, now)
        return schedule if now is None else replace(schedule, notes=(*schedule.notes, *surprises.of(schedule, now)))
    except OverflowError as error:
        raise Refused("That is beyond the end of the calendar, the year 9999.", code="bad-schedule") from error


def _read(text: str, zone: str, now: datetime | None) -> Schedule:
    if cron.looks(text):
        fields = cron.fields(text)
        return Schedule(
            fields, zone, _sentence(cron.told(fields), zone), tuple(cron.notes(fields)), rule=cron.rule(fields)
        )
    if rrules.looks(text):
        found = rrules.read(text, zone, now)
        sentence = _sentence(told.recurrence(found.walls), found.zone)
        return Schedule(found.text, found.zone, sentence, tuple(found.notes), rule=found.rule)
    said = words.read(text, zones.named(zone), now)
    return Schedule(said.text, zone, _sentence(said.means or said.text, zone), said.notes, rule=said.rule)


def _sentence(told: str, zone: str) -> str:
    return f"{told[0].upper()}{told[1:]}, by the clocks of {zone}."
