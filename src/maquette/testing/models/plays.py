"""Which turn of which script a request gets, and what is remembered of each thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from maquette.testing.models.shapes import Count, Played
from maquette.testing.models.turns import Answer, Asked, Script, Scripted, Slow, Splits, Turn

Play = Script | Callable[[Asked], Turn]
"""What one thread plays: turns in order, or whatever decides each turn."""
Scripts = Play | Mapping[str, Play]
"""A script for every thread; or scripts by marker, a piece of the words a thread began with."""


class OffScript(Exception):
    """Nobody wrote what should happen now."""


@dataclass
class Thread:
    """What the server knows of one conversation.

    Its place in the script is read from the request (how many answers are in it already), not counted here: so
    a request repeated after a crash gets its answer again, and any number of equal threads can play one script.
    Only turns that leave no trace in a history, failures and empty answers, are remembered as spent.
    """

    script: Play
    asked: int = 0
    former: bytes = b""
    played: dict[int, Played] = field(default_factory=dict[int, Played])
    _spent: set[int] = field(default_factory=set[int])
    _shift: int = 0
    _answers: int = 0
    _long: int | None = None

    def next(self, asked: Asked, answers: int) -> tuple[int, Turn]:
        """The place and the turn to play, for a request with `answers` of the model in it."""
        if callable(self.script):
            return answers, self.script(asked)
        if self._long is not None:  # it comes again, with less of its history
            self._shift += self._long - answers
            self._long = None
        elif answers < self._answers:  # the history was compacted: go on from where it was
            self._shift += self._answers - answers + 1
        self._answers = answers
        wanted = answers + self._shift
        passed = 0
        for place, scripted in enumerate(self.script):
            if place in self._spent:
                continue
            if passed == wanted or not _leaves_trace(scripted):
                turn = scripted(asked) if callable(scripted) else scripted
                if passed == wanted:
                    if not _leaves_trace(scripted):
                        self._spent.add(place)
                    return place, turn
                continue
            passed += 1
        raise OffScript(f"the script has {len(self.script)} turns and is over")

    def too_long(self, answers: int) -> None:
        """A request with so many answers in it was refused as too long."""
        self._long = answers if self._long is None else self._long

    def count(self, raw: bytes, output: int) -> Count:
        """Tokens as bytes / 4; cached is what this request shares with the former, from its first byte."""
        cached = common_prefix(self.former, raw)
        self.former = raw
        return Count(input=len(raw) // 4, cached=cached // 4, output=output // 4)


def _leaves_trace(scripted: Scripted) -> bool:
    if isinstance(scripted, Slow | Splits):
        return _leaves_trace(scripted.turn)
    return callable(scripted) or (isinstance(scripted, Answer) and bool(scripted.text or scripted.calls))


def common_prefix(one: bytes, other: bytes) -> int:
    """How many bytes both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass
class Threads:
    """The threads of a server, told apart by marker, or else by the words they began with."""

    scripts: Scripts
    _known: dict[tuple[str, str], Thread] = field(default_factory=dict[tuple[str, str], Thread])

    def of(self, wire: str, began: str, raw: bytes) -> Thread:
        key, script = self._script(began, raw)
        return self._known.setdefault((wire, key), Thread(script))

    def _script(self, began: str, raw: bytes) -> tuple[str, Play]:
        scripts = cast("object", self.scripts)
        if not isinstance(scripts, Mapping):
            return began, cast("Play", scripts)
        by_marker = cast("Mapping[str, Play]", scripts)
        for marker, script in by_marker.items():
            if marker in began:
                return marker, script
        for marker, script in by_marker.items():
            if marker.encode() in raw:
                return marker, script
        markers = ", ".join(map(repr, by_marker))
        raise OffScript(f"no script for a thread that begins {began[:80]!r}; there are {markers}")


def answer_in(turn: Turn) -> Answer | None:
    """The answer that a turn sends, or begins to send."""
    return turn if isinstance(turn, Answer) else getattr(turn, "turn", None)


def call_ids(place: int, answer: Answer) -> Sequence[str]:
    return [call.id if call.id is not None else f"call_{place}_{n}" for n, call in enumerate(answer.calls)]
