"""Moments as the tables keep them: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    return (at - _START) // _MICROSECOND


def moment(at: int) -> datetime:
    return _START + timedelta(microseconds=at)
