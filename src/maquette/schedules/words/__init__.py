"""Plain words. What is kept of them says the same in words that need no day to count from."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from maquette.schedules import zones
from maquette.schedules.rules import Bounded, Fixed
from maquette.schedules.words import days, often, once, times
from maquette.schedules.words.said import Bounds, Now, Said, ambiguous, plain, unknown, wrong

_STAMP = r"(\d{4}-\d\d-\d\d)(?:(?:t| at | )(\d\d?:\d\d))?"
_FIRST = re.compile(rf",? ?\b(?:from|starting|starting on|starting from|beginning|since|counted from) {_STAMP}")
_LAST = re.compile(r",? ?\b(?:until|till|through|ending|ending on) (\d{4}-\d\d-\d\d)")


def read(text: str, place: ZoneInfo, now: datetime | None) -> Said:
    """Raises `Refused`."""
    words, counts_from = plain(text), Now(now and zones.wall(now, place).replace(fold=0))
    return _once(words, counts_from, place) or _again(words, counts_from, place, " ".join(text.split()))


def _once(words: str, now: Now, place: ZoneInfo) -> Said | None:
    words = re.sub(r"\btonight\b", "this night", words)
    said = once.moment(words, now, place)
    if said is not None or words.startswith("every "):
        return said
    found = times.read(words)
    return once.read(found, now, words) if days.read(found.rest, now, often=found.often) is None else None


def _again(words: str, now: Now, place: ZoneInfo, whole: str) -> Said:
    bounds, rest = _bounds(words)
    said = often.read(rest, now, bounds, place) or _by_days(rest, now, bounds, whole)
    first = bounds.first and (zones.instant(bounds.first, place) or zones.gap(bounds.first, place)[0])
    last = bounds.last and (zones.instant(bounds.last, place) or zones.gap(bounds.last, place)[0])
    text = said.text
    if bounds.first and not re.search(r" from \d{4}-", text):
        text += f" from {bounds.first:%Y-%m-%d}" + (f" {bounds.first:%H:%M}" if bounds.first.time() != time() else "")
    if bounds.last:
        text += f" until {bounds.last:%Y-%m-%d}"
    if first or last:
        return replace(said, text=text, rule=Bounded(said.rule, first, last))
    return said


def _bounds(words: str) -> tuple[Bounds, str]:
    first = last = None
    if match := _FIRST.search(words):
        first = once.moment_of(match[1], match[2], words)
        words = f"{words[: match.start()]}{words[match.end() :]}"
    if match := _LAST.search(words):
        last = once.moment_of(match[1], "23:59", words) + timedelta(seconds=59)
        words = f"{words[: match.start()]}{words[match.end() :]}"
    if first and last and last < first:
        raise wrong("It ends before it begins.")
    return Bounds(first, last), words.strip(" ,")


def _by_days(words: str, now: Now, bounds: Bounds, whole: str) -> Said:
    found = times.read(words)
    rest = re.sub(r"\btonight\b", "this", found.rest).strip(" ,")
    on = days.read(rest, now, often=found.often)
    if on is None:
        if re.match("bi-?(weekly|monthly)", rest):
            unit = "week" if "week" in rest else "month"
            raise ambiguous(rest, f"“every 2 {unit}s”", f"two days of the {unit} (“every Monday and Thursday”, say)")
        if not rest or rest == "at":
            raise ambiguous(whole, f"“every day {whole}”", f"“weekdays {whole}”", f"“tomorrow {whole}”")
        raise unknown(whole)
    at, notes = found.or_taken()
    text = f"{on.text} at {times.told(at)}"
    notes = (*on.notes, *notes)
    if not on.counts:
        return Said(text, Fixed(on.at(at, days.EPOCH)), notes)
    start = bounds.first
    if start is None:
        wall = now.must(whole)
        once_a_time = replace(on, rules=tuple(replace(rule, interval=1) for rule in on.rules))
        start = next(once_a_time.at(at, days.EPOCH).after(wall))
        notes = (*notes, f"It is counted from {start:%Y-%m-%d}, the first such day to come.")
    day = datetime.combine(start.date(), time())
    return Said(f"{text} from {day:%Y-%m-%d}", Fixed(on.at(at, day)), notes)
