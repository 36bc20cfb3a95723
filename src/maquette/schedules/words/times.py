"""Times of day: `at 7`, `7:30 pm`, `noon`, `in the evening`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from maquette.domain.errors import Refused
from maquette.schedules.told import listed

PARTS = {"morning": time(8), "afternoon": time(14), "evening": time(18), "night": time(21)}
"""What is taken where no hour is said."""
NO_TIME = time(9)
_HALF = r"(?: ?(?:am|pm|a\.m\.?|p\.m\.?)(?![a-z]))"
_ENDS = r"(?![\d:]|\.\d)"
ONE = rf"(?:noon|midnight|\d{{1,2}}(?:[:.]\d{{2}})?(?:{_HALF}| ?h(?![a-z]))?){_ENDS}"
_SURE = rf"(?:noon|midnight|\d{{1,2}}[:.]\d{{2}}{_HALF}?|\d{{1,2}}{_HALF}){_ENDS}"
_AND = r"(?: ?, ?(?:and )?| and | ?& ?)(?:at )?"
_TIMES = re.compile(rf"(?:\bat |@ ?)({ONE}(?:{_AND}{ONE})*)|(?<![\d.:-])\b({_SURE}(?:{_AND}{ONE})*)")
_PART = re.compile(r"\b(?:in the |during the |at )?(morning|afternoon|evening|night)(s?)\b")
_ONE = re.compile(r"(noon|midnight)|(\d{1,2})(?:[:.](\d{2}))? ?(am|pm|a\.m\.?|p\.m\.?|h)?")


@dataclass(frozen=True)
class Times:
    """`rest` is what else was said. `part` is a part of the day, `often` whether it was said as of many (mornings)."""

    times: tuple[time, ...]
    rest: str
    part: str = ""
    often: bool = False
    notes: tuple[str, ...] = ()

    def or_taken(self) -> tuple[tuple[time, ...], tuple[str, ...]]:
        """The times, or that of the part of the day; and what is to be noted of it."""
        if self.times:
            return self.times, self.notes
        taken = PARTS.get(self.part, NO_TIME)
        why = (
            f"“{self.part.capitalize()}” is taken as {taken:%H:%M}"
            if self.part
            else f"No time is said, so {taken:%H:%M} is taken"
        )
        return (taken,), (f"{why}; write “at {(taken.hour + 1) % 24}:30”, say, for another.",)


def read(text: str) -> Times:
    """Finds them in what is otherwise about days. Raises `Refused`."""
    part = _PART.search(text)
    rest = " ".join(f"{text[: part.start()]} {text[part.end() :]}".split()) if part else text
    found = list(_TIMES.finditer(rest))
    if len(found) > 1:
        raise Refused(
            f"“{text[:80]}” says times in two places. Say them together (“at 7:00 and 19:00”), or make two schedules.",
            code="bad-schedule",
        )
    word = part[1] if part else ""
    if not found:
        return Times((), rest, word, bool(part and part[2]))
    notes: list[str] = []
    times = sorted({one(said[0], word, notes) for said in re.finditer(ONE, found[0][1] or found[0][2])})
    rest = " ".join(f"{rest[: found[0].start()]} {rest[found[0].end() :]}".split()).strip(" ,")
    return Times(tuple(times), rest, word, bool(part and part[2]), tuple(notes))


def one(said: str, part: str, notes: list[str]) -> time:
    """A time of day, by the part of the day that it is said to be in."""
    match = _ONE.fullmatch(said.strip())
    if match is None:
        raise Refused(f"“{said[:40]}” is no time of day: write 7:30 or 19:30.", code="bad-schedule")
    word, digits, minutes, half = match.groups()
    if word:
        return time(12 if word == "noon" else 0)
    hour, minute = int(digits), int(minutes or 0)
    sure = len(digits) == 2 and digits[0] == "0"
    if half and half != "h":
        if not 1 <= hour <= 12:
            raise Refused(f"“{said[:40]}” is no time of day: before am or pm stands 1 to 12.", code="bad-schedule")
        hour, sure = hour % 12 + (12 if half[0] == "p" else 0), True
    elif part and not sure:
        hour = _in(part, hour)
    if hour > 23 or minute > 59:
        raise Refused(f"“{said[:40]}” is no time of day: they go from 0:00 to 23:59.", code="bad-schedule")
    taken = time(hour, minute)
    if part and not _fits(part, hour):
        raise Refused(f"“{said[:40]}” isn't in the {part}. Write the time alone.", code="ambiguous-schedule")
    if not part and not sure and 1 <= hour <= 8 and half != "h":
        notes.append(
            f"{said} is taken as {taken:%H:%M}, before noon; after noon is {taken.replace(hour=hour + 12):%H:%M}."
        )
    return taken


def _in(part: str, hour: int) -> int:
    """The hour of a clock face, in that part of the day."""
    if part == "night":
        return hour + 12 if 6 <= hour <= 11 else hour % 12 if hour == 12 else hour
    first = {"afternoon": 1, "evening": 4}.get(part, 12)
    return hour + 12 if first <= hour <= 11 else hour


def _fits(part: str, hour: int) -> bool:
    if part == "night":
        return hour >= 18 or hour < 6
    low, high = {"morning": (0, 11), "afternoon": (12, 18), "evening": (16, 23)}[part]
    return low <= hour <= high


def told(times: tuple[time, ...]) -> str:
    """`07:00, 12:00 and 17:00`."""
    return listed(f"{one:%H:%M}" for one in times)
