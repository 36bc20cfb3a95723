"""Several times a day: `every 15 minutes`, `every 2 hours from 9:00 to 17:00 on weekdays`, `every hour at :30`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from maquette.schedules import cron, told, zones
from maquette.schedules.rules import Elapsed, Fixed, Rule
from maquette.schedules.words import days
from maquette.schedules.words.said import Bounds, Now, Said, ambiguous, unknown, wrong
from maquette.schedules.words.times import ONE, one

WORK = (time(9), time(18), days.WORKING)
"""Working hours, where nobody says other ones."""
WHOLE_DAY = (time(0), time(23, 59))
DAY = 24 * 60
_OFTEN = re.compile(r"(?:(.*?),? )?every (?:(\d+) )?(minute|hour)s?\b,? ?(.*)")
_WORK = re.compile(
    r"(?:while|when|as long as) i(?:'m| am)? (?:work(?:ing)?|at work)"
    r"|(?:during|in|within) (?:my |the )?(?:work|working|office|business) ?(?:hours|time|day)"
)
_WINDOW = re.compile(rf"(?:from|between) ({ONE}) (?:to|until|till|and|-) ({ONE})|(\d{{1,2}}:\d\d) ?- ?(\d{{1,2}}:\d\d)")
_PAST = re.compile(
    r"(?:at|on) (?:minute )?:?(\d{1,2})(?: minutes)?(?: past(?: the hour)?)?|(\d{1,2})(?: minutes)? past(?: the hour)?"
)


def read(words: str, now: Now, bounds: Bounds, place: ZoneInfo) -> Said | None:
    """None where it isn't said in minutes or hours. Bounds count in what they begin."""
    match = _OFTEN.fullmatch(words)
    if match is None:
        return None
    minutes = int(match[2] or 1) * (60 if match[3] == "hour" else 1)
    if not 1 <= minutes <= 60 * 24 * 366:
        raise wrong(f"“{words[:80]}”: it is every minute at most, and every year at least.")
    rest, notes = f"{match[1] or ''} {match[4]}".strip(" ,"), list[str]()
    window, on, rest = _window(rest, notes)
    rest = rest.strip(" ,")
    past = _PAST.fullmatch(rest)
    if past and match[3] == "hour" and not window and int(past[1] or past[2]) < 60:
        return _aligned(minutes, on, int(past[1] or past[2]), notes, words)
    if rest:
        more = days.chosen(rest)
        if more is None or (on and more != on):
            raise wrong(f"“{rest[:60]}” isn't understood in “{words[:80]}”.")
        on = more
    if window:
        return _within(minutes, window, on or days.ALL, notes)
    if bounds.first is None and (minutes < DAY and (60 % minutes == 0 or (minutes % 60 == 0 and DAY % minutes == 0))):
        return _aligned(minutes, on, 0, notes, words)
    if on and on != days.ALL:
        if minutes >= DAY:
            raise unknown(words)
        notes.append("It begins anew each of these days, at 00:00.")
        return _within(minutes, WHOLE_DAY, on, notes)
    return _elapsed(minutes, bounds.first or now.must(words).replace(second=0, microsecond=0), notes, place)


def _window(rest: str, notes: list[str]) -> tuple[tuple[time, time] | None, tuple[int, ...] | None, str]:
    """The hours, the days that come with them, and what else is said."""
    if match := _WORK.search(rest):
        begin, end, on = WORK
        notes.append(
            f"Working hours are taken as {begin:%H:%M} to {end:%H:%M} on weekdays; "
            "write “from 8:00 to 16:00 on weekdays”, say, for others."
        )
        return (begin, end), on, f"{rest[: match.start()]}{rest[match.end() :]}"
    if match := _WINDOW.search(rest):
        first, last = match[1] or match[3], match[2] or match[4]
        begin, end = one(first, "", []), one(last, "", [])
        if end <= begin and end.hour < 12 and re.fullmatch(r"\d{1,2}", first) and re.fullmatch(r"\d{1,2}", last):
            end = end.replace(hour=end.hour + 12)
            notes.append(f"{last} is taken as {end:%H:%M}; for the night through, write {last}:00.")
        return (begin, end), None, f"{rest[: match.start()]}{rest[match.end() :]}"
    return None, None, rest


def _aligned(minutes: int, on: tuple[int, ...] | None, past: int, notes: list[str], words: str) -> Said:
    """By cron's stars: whenever the wall clock shows it."""
    if minutes < 60:
        minute, hour = (f"*/{minutes}" if minutes > 1 else "*"), "*"
        text = told.every(minutes, "minute")
    else:
        if DAY % minutes:
            raise ambiguous(words, "“every 90 minutes”, which counts from now", "“every 2 hours at :30”")
        hours = minutes // 60
        minute, hour = str(past), f"*/{hours}" if hours > 1 else "*"
        text = told.every(hours, "hour") + (f" at :{past:02}" if past else "")
        if hours > 1:
            shown = told.listed([f"{one:02}:{past:02}" for one in range(0, 24, hours)][:3])
            notes.append(f"Counted from midnight: {shown}{' …' if 24 // hours > 3 else ''}.")
    weekdays = "*"
    if on and on != days.ALL:
        weekdays = ",".join(str((day + 1) % 7) for day in on)
        text += f" on {told.days(on)}"
    return Said(text, cron.rule(f"{minute} {hour} * * {weekdays}"), tuple(notes))


def _within(minutes: int, window: tuple[time, time], on: tuple[int, ...], notes: list[str]) -> Said:
    """Set times of a day, from where the window begins; one that ends on a full step has that too."""
    begin, end = window
    first, last = (at.hour * 60 + at.minute for at in window)
    if last <= first:
        if on != days.ALL:
            raise wrong("Hours that go over midnight can't be held to weekdays: leave the days away.")
        last += DAY
    times = [time(one // 60 % 24, one % 60) for one in range(first, min(last, first + DAY - 1) + 1, minutes)]
    walls = days.Days("", days.weekly(on).rules).at(times, days.EPOCH)
    unit = told.every(minutes // 60, "hour") if minutes % 60 == 0 else told.every(minutes, "minute")
    hours = "" if window == WHOLE_DAY else f" from {begin:%H:%M} to {end:%H:%M}"
    text = f"{unit}{hours}" + ("" if on == days.ALL else f" on {told.days(on)}")
    return Said(text, Fixed(walls), tuple(notes))


def _elapsed(minutes: int, since: datetime, notes: list[str], place: ZoneInfo) -> Said:
    if minutes % DAY == 0:
        better = f"“{told.every(minutes // DAY, 'day')} at 9:00”"
        notes.append(f"It counts hours: its time of day changes when clocks do. {better} keeps it.")
    begin = zones.instant(since, place) or zones.gap(since, place)[0]
    unit = told.every(minutes // 60, "hour") if minutes % 60 == 0 else told.every(minutes, "minute")
    rule: Rule = Elapsed(begin.astimezone(UTC), timedelta(minutes=minutes))
    return Said(f"{unit} from {since:%Y-%m-%d %H:%M}", rule, tuple(notes))
