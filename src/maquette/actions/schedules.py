"""Foretelling: what a schedule means, before anything is set up by it.

`python -m maquette.actions.schedules` tells it as JSON, for the command line: it takes no base, nor what one loads.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from maquette.domain.errors import Refused
from maquette.domain.labels import Fact
from maquette.domain.schedules import Slot
from maquette.schedules import read, zones

MOST = 10_000
"""Slots that are told at once."""


class Due(Fact):
    """A slot, and what the clock on the wall shows then, with its offset."""

    local: str
    at: datetime
    clock: str


class Foretold(Fact):
    """`slots` are fewer than was asked for where it ends before."""

    text: str
    zone: str
    means: str
    notes: tuple[str, ...]
    slots: tuple[Due, ...]


def foretell(text: str, zone: str, after: datetime, count: int) -> Foretold:
    """Raises `Refused`."""
    if not 1 <= count <= MOST:
        raise Refused(f"How many times to tell is 1 to {MOST:,}; {count} is not.", code="bad-count")
    schedule = read(text, zone, after)
    place = zones.named(schedule.zone)
    return Foretold(
        text=schedule.text,
        zone=schedule.zone,
        means=schedule.means,
        notes=schedule.notes,
        slots=tuple(
            Due(local=slot.local, at=slot.at, clock=slot.at.astimezone(place).isoformat(timespec=_precision(slot)))
            for slot in schedule.slots(after, count)
        ),
    )


def _precision(slot: Slot) -> str:
    return "seconds" if slot.at.second else "minutes"


def moment(text: str, zone: str) -> datetime:
    """`2026-03-27`, `2026-03-27T14:30`, by the clocks of a zone, or with an offset of its own. Raises `Refused`."""
    place = zones.named(zone)
    try:
        given = datetime.combine(date.fromisoformat(text), time()) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{text[:40]!r} is no time: write 2026-03-27 or 2026-03-27T14:30.", code="bad-time") from error
    if given.tzinfo is not None:
        return given.astimezone(UTC)
    return zones.instant(given, place) or zones.gap(given, place)[0]


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status 0, or 2 after one sentence on stderr."""
    parser = argparse.ArgumentParser("maquette when")
    parser.add_argument("words")
    parser.add_argument("--tz", default=zones.here() or "UTC")
    parser.add_argument("--after")
    parser.add_argument("--count", type=int, required=True)
    args = parser.parse_args(argv)
    try:
        after = moment(args.after, args.tz) if args.after else datetime.now(UTC)
        sys.stdout.write(foretell(args.words, args.tz, after, args.count).model_dump_json())
    except (Refused, ValueError) as error:
        sys.stderr.write(f"maquette: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
