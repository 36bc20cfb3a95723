"""A time to come, as a person says it: `2h`, `friday`, or whatever `maquette when` understands that comes once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from maquette.cli.endings import Failed

if TYPE_CHECKING:
    from datetime import datetime

MORNING = 9
"""The hour at which a day begins that is named without one."""
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPAN = re.compile(r"(\d{1,5}) ?(min|h|d)")


def moment(text: str) -> datetime:
    """Aware, by this machine's clocks. Raises `Failed`."""
    from datetime import datetime

    said = text.strip().lower()
    at = shortly(said, datetime.now().astimezone().replace(tzinfo=None)) or _foretold(said)
    if at is None:
        raise Failed(f"When is {text!r}? Say 2h, friday, 18:30, “tomorrow at 7”, or 2026-05-31 09:30.")
    return at.astimezone()


def shortly(said: str, now: datetime) -> datetime | None:
    """Of `2h`, `tomorrow`, `friday`, `18:30` and a date, where clocks show `now`; None: it is said in another way.

    A day begins at MORNING; an hour that is over is tomorrow's.
    """
    from datetime import datetime, timedelta

    morning = now.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if found := SPAN.fullmatch(said):
        unit = {"min": "minutes", "h": "hours", "d": "days"}[found[2]]
        return now + timedelta(**{unit: int(found[1])})
    if said == "tomorrow":
        return morning + timedelta(days=1)
    if said in DAYS:
        return morning + timedelta(days=(DAYS.index(said) - now.weekday()) % 7 or 7)
    try:
        if found := re.fullmatch(r"(\d\d?):(\d\d)", said):
            at = morning.replace(hour=int(found[1]), minute=int(found[2]))
            return at if at > now else at + timedelta(days=1)
        at = datetime.fromisoformat(said)
    except ValueError:
        return None
    return at.replace(hour=MORNING) if len(said) == len("2026-05-31") else at


def _foretold(said: str) -> datetime | None:
    """None: it isn't understood, or comes more than once, or no more."""
    from datetime import datetime

    from maquette.cli import schedules

    try:
        slots = schedules.foretold(said, 2)["slots"]
    except Failed:
        return None
    return datetime.fromisoformat(slots[0]["at"]) if len(slots) == 1 else None
