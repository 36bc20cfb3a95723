"""Time zones: by name, and when their clocks are changed."""

from __future__ import annotations

import difflib
import os
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from maquette.domain.errors import Refused

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
_FOLDER = "/zoneinfo/"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9+_-]*(?:/[A-Za-z0-9+_-]+)*")


@cache
def names() -> frozenset[str]:
    """All there are. Found on the disk, which takes some ten milliseconds, once."""
    return frozenset(available_timezones())


@cache
def named(zone: str) -> ZoneInfo:
    """Raises `Refused` where there is no such zone, with names that are like it."""
    if _NAME.fullmatch(zone) and zone in names():
        return ZoneInfo(zone)
    by_lower = {name.lower(): name for name in names()}
    wanted = zone.strip().lower().replace(" ", "_")
    cities = [name for name in sorted(names()) if wanted and name.lower().rpartition("/")[2] == wanted]
    alike = cities or [by_lower[one] for one in difflib.get_close_matches(wanted, by_lower, n=3, cutoff=0.75)]
    hint = f"Did you mean {' or '.join(alike[:3])}?" if alike else "Write it like Europe/Berlin, or UTC."
    raise Refused(f"There is no time zone {zone[:60]!r}. {hint}", code="unknown-zone")


def here() -> str:
    """The name of this machine's zone; "" where it has none."""
    told = os.environ.get("TZ", "").removeprefix(":")
    link = os.path.realpath("/etc/localtime")
    name = told or (link.partition(_FOLDER)[2] if Path(link).is_file() else "")
    try:
        return ZoneInfo(name).key if name else ""
    except (OSError, ValueError):
        return ""


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall says then, naive; `fold` is 1 where it says so for the second time."""
    return at.astimezone(zone).replace(tzinfo=None)


def instant(wall: datetime, zone: ZoneInfo) -> datetime | None:
    """When the wall clock says so (by `fold` for the first or second time), in UTC; None: never, it was left out."""
    at = wall.replace(tzinfo=zone).astimezone(UTC)
    back = at.astimezone(zone)
    return at if back.replace(tzinfo=None) == wall.replace(fold=0) else None


def gap(wall: datetime, zone: ZoneInfo) -> tuple[datetime, timedelta]:
    """Of a time that the wall clock left out: the first moment after it, in UTC, and how much was left out."""
    early = wall.replace(fold=1, tzinfo=zone).astimezone(UTC)
    late = wall.replace(fold=0, tzinfo=zone).astimezone(UTC)
    return changed(early - SECOND, late, zone) or late, late - early


def changed(after: datetime, until: datetime, zone: ZoneInfo) -> datetime | None:
    """The first moment after `after`, and not after `until`, of another offset than the moment before; in UTC."""
    low = after.replace(microsecond=0)
    offset = low.astimezone(zone).utcoffset()
    while low < until:
        high = min(low + DAY, until)
        if high.astimezone(zone).utcoffset() == offset:
            low = high
            continue
        while high - low > SECOND:
            middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
            if middle.astimezone(zone).utcoffset() == offset:
                low = middle
            else:
                high = middle
        return high
    return None


def key(at: datetime, zone: ZoneInfo) -> str:
    """The name of a slot that is due just then (`domain/schedules.py::Slot.local`)."""
    local = at.astimezone(zone)
    told = named_by(local.replace(tzinfo=None))
    offset = local.utcoffset()
    if not local.fold or offset is None:
        return told
    return told + local.isoformat()[-6:]


def named_by(wall: datetime) -> str:
    return wall.isoformat(timespec="seconds" if wall.second else "minutes")
