"""What later requests leave out, when a thread has become too long for its model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from maquette.domain.events.fact import EventFact
from maquette.domain.labels import PERSON, Fact, Label
from maquette.domain.messages import Message


class Cut(Fact):
    """`count` messages from number `first` (from 0) on are left out; `instead` stands in their place."""

    first: int
    count: int
    instead: tuple[Message, ...]


class Compacted(EventFact):
    """From here on requests say less of the past; the past itself stays in the log.

    The cuts are in order and don't overlap. They number the messages of the request which was too long; `seen` is the
    position up to which it had read the thread. `model` is the one for which it was, `left` how many messages are
    shorter or gone, `characters` how much that saves.
    """

    type: Literal["compacted"] = "compacted"
    turn: str
    step: int
    seen: int
    cuts: tuple[Cut, ...]
    why: str
    model: str = ""
    left: int = 0
    characters: int = 0

    def applied(self, messages: Sequence[Message]) -> list[Message]:
        """What requests say from now on, of what they said before."""
        left, upto = list[Message](), 0
        for cut in self.cuts:
            left += [*messages[upto : cut.first], *cut.instead]
            upto = cut.first + cut.count
        return [*left, *messages[upto:]]


class CompactionUndone(EventFact):
    """The person wants what the last compaction left out back in what requests say. `turn` and `step` name it."""

    type: Literal["compaction.undone"] = "compaction.undone"
    label: Label = PERSON
    turn: str
    step: int
