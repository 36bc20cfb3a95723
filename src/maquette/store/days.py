"""A person's days, which begin at midnight where they are. Sums are kept by quarters of an hour, as zones are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

QUARTER = 900
"""Seconds."""


def quarter(at: datetime) -> int:
    """Which quarter of an hour since 1970."""
    return int(at.timestamp()) // QUARTER


def first(day: date, zone: tzinfo | None = None) -> int:
    """The first quarter of a day. None: of this machine's zone."""
    midnight = datetime.combine(day, time())
    return quarter(midnight.replace(tzinfo=zone) if zone is not None else midnight.astimezone())


def day_of(number: int, zone: tzinfo | None = None) -> date:
    """The day in which a quarter lies."""
    return datetime.fromtimestamp(number * QUARTER, zone).date()


def today(zone: tzinfo | None = None) -> date:
    return day_of(quarter(datetime.now(UTC)), zone)


def zone_of(name: str) -> tzinfo | None:
    """By its IANA name; None for "" or one that isn't known here: this machine's."""
    try:
        return ZoneInfo(name) if name else None
    except (OSError, ValueError):
        return None
