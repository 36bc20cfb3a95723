"""Cron: five fields, by the rules of Debian's. The one door to cronsim."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cronsim import CronSim, CronSimError

from maquette.domain.errors import Refused
from maquette.schedules.rules import Each, Fixed, Rule

NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
LAST_YEAR = 9990
_FIELD = re.compile(r"[0-9*?/,#-]+|(?:[0-9]+L|LW?|[A-Za-z]{3})(?:[-,/#][0-9A-Za-z]+)*")
_FIELDS = ("minute", "hour", "day of the month", "month", "weekday")


@dataclass(frozen=True)
class CronWalls:
    """When a wall clock matches five fields."""

    fields: str

    def after(self, wall: datetime) -> Iterator[datetime]:
        for found in CronSim(self.fields, wall):
            if found.year > LAST_YEAR:
                return
            yield found


def looks(text: str) -> bool:
    """Whether this was meant for cron: a name of its, or fields of which at least one is no word."""
    words = text.split()
    if text.startswith("@"):
        return True
    plain = all(_FIELD.fullmatch(word) for word in words)
    return len(words) >= 4 and plain and any(word[0] in "*0123456789" for word in words[:2])


def fields(text: str) -> str:
    """The five fields, as they are kept. Raises `Refused`."""
    text = NAMED.get(text.lower(), text)
    if text.startswith("@"):
        raise Refused(f"Cron's {text[:40]} is no time. There are {', '.join(NAMED)}, and five fields.", code="bad-cron")
    parts = text.upper().split()
    if len(parts) != 5:
        why = f"Cron has five fields ({', '.join(_FIELDS)}); these are {len(parts)}."
        more = " Seconds, or a year, are none of them." if len(parts) > 5 else ""
        raise Refused(f"{why}{more} Every day at 7:30 is `30 7 * * *`.", code="bad-cron")
    try:
        CronSim(" ".join(parts), datetime(2000, 1, 1))  # noqa: DTZ001  # a wall clock's
    except CronSimError as error:
        field = (
            str(error)
            .removeprefix("Bad ")
            .replace("day-of-month", "day of the month")
            .replace("day-of-week", "weekday")
        )
        place = _FIELDS.index(field) if field in _FIELDS else None
        if field == _FIELDS[2] and parts[2].isdigit() and 1 <= int(parts[2]) <= 31:
            raise Refused(
                f"No day is the {parts[2]}th of month {parts[3]}: it would never run.", code="bad-cron"
            ) from error
        given = f" `{parts[place]}`" if place is not None else ""
        raise Refused(
            f"Cron's field for the {field} can't be{given}. The fields are: minute 0-59, hour 0-23, day of the month "
            "1-31 or L, month 1-12, weekday 0-7 (0 and 7 are Sunday) or MON#1 for the month's first.",
            code="bad-cron",
        ) from error
    return " ".join(parts)


def rule(fields: str) -> Rule:
    """Debian's: a job whose hour and minute begin with no star runs at set times; others, whenever they match."""
    walls = CronWalls(fields)
    minute, hour = fields.split()[:2]
    return Each(walls) if minute.startswith("*") or hour.startswith("*") else Fixed(walls)


def told(fields: str) -> str:
    """In words, without a full stop."""
    return CronSim(fields, datetime(2000, 1, 1)).explain()  # noqa: DTZ001  # a wall clock's


def notes(fields: str) -> list[str]:
    """Where cron's rules are others than its words."""
    minute, hour, day, month, weekday = fields.split()
    found: list[str] = []
    if not day.startswith("*") and not weekday.startswith("*"):
        found.append("It runs where the day of the month or the weekday matches: one of them is enough.")
    if re.fullmatch("29|30|31", day) and weekday.startswith("*"):
        if month == "*":
            found.append(f"Months without a {day}th are left out; `L` is the last day of each.".replace("31th", "31st"))
        elif (day, month) in (("29", "2"), ("29", "FEB")):
            found.append("Only leap years have a 29 February: it runs every four years.")
    for field, size, unit, whole in ((minute, 60, "minute", "hour"), (hour, 24, "hour", "day")):
        step = re.fullmatch(r"\*/(\d+)", field)
        if step and size % int(step[1]):
            found.append(f"Its {unit}s are counted anew each {whole}, so the last step of one is shorter.")
    if re.match(r"\*/(?!1$)", day):
        found.append("Its days are counted anew each month, from the 1st.")
    return found
