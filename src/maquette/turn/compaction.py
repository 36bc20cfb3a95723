"""Making room in a thread that is too long for its model. By rule, so that it works with any model.

Big old results go first: they are quoted by head and tail, with the file that holds the whole. Then old exchanges go,
from the oldest on, each run of them for a note of what was said, called and run in it; a file beside holds all of them.
What the person said stays, as do what they decided and the plan.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from maquette.domain.cards import PlanStep
from maquette.domain.errors import Refused
from maquette.domain.events import Compacted
from maquette.domain.events.compactions import Cut
from maquette.domain.labels import Label
from maquette.domain.messages import Call, FromModel, FromPerson, FromTool, Message, Text, Thinking
from maquette.turn import notes
from maquette.turn.fold import OpenCall, Place

OVERFLOW = "context-overflow"
"""The code of `Refused` by which a provider says that a request was too long."""
MOST = 2
"""Compactions in a turn that come close upon one another (`Place.compactions`): more of them, and it gets nowhere."""
BIG, QUOTED = 2_000, 1_200
"""Characters of an old result that is shortened, and of what is quoted of it."""
PICTURE = 6_000
"""Characters that a picture counts for."""
LEFT_OUT = "left-out-*.txt"
"""The files that hold what was left out, in the thread's folder of outputs."""


async def make_room(place: Place, turn: str, seen: int, outputs: Path, error: Refused) -> Compacted:
    """What to leave out from now on; `seen` is up to where the request had read the thread.

    Results that are shortened, and what goes for a note, are whole in files of `outputs` by then.
    Raises `Refused` when too little can be left out, or it was done often enough in this turn.
    """
    made = None
    if place.compactions < MOST:
        made = await asyncio.to_thread(compact, place.messages, place.plan, outputs, place.decided)
    if made is None:
        often = place.compactions >= MOST
        why = "old parts were left out twice in this turn" if often else "little of it can be left out"
        mend = "Take a model that reads more (`maquette set --model`) and `maquette resume`, or begin a new thread."
        raise Refused(f"{error} It stays too long: {why}. {mend}", code=OVERFLOW) from error
    left_out = (outputs / LEFT_OUT.replace("*", f"{place.position:08}"), made.gone)
    await asyncio.to_thread(keep, [*made.whole, left_out] if made.gone else made.whole)
    return Compacted(
        turn=turn,
        step=place.step + 1,
        seen=seen,
        cuts=made.cuts,
        why=f"{error} What was put back doesn't fit." if place.put_back else str(error),
        model=place.model,
        left=sum(cut.count for cut in made.cuts),
        characters=size(place.messages) - made.size,
        label=Label(integrity=place.label.integrity, origin="maquette"),
    )


def file_of(call: str) -> str:
    """A call's id is a provider's: only what is harmless of it names a file."""
    return f"result-{re.sub(r'[^A-Za-z0-9_-]', '', call)[-80:]}.txt"


def keep(whole: Sequence[tuple[Path, str]]) -> None:
    for path, text in whole:
        if not path.exists():  # what was shortened before is whole there already
            path.write_text(text, errors="replace")


@dataclass(frozen=True)
class Compaction:
    """`whole`: results that are shortened, and the files where they say that they are. `gone`: the text of all that
    went for notes. `size`: of what is left.
    """

    cuts: tuple[Cut, ...]
    whole: tuple[tuple[Path, str], ...]
    gone: str
    size: int


def compact(
    messages: Sequence[Message], plan: Sequence[PlanStep], outputs: Path, decided: Sequence[OpenCall] = ()
) -> Compaction | None:
    """Half of what there is, or less of it where that can't be reached; None when next to nothing can go.

    `decided` are calls on which the person decided.
    """
    draft = _Draft(messages, outputs)
    last = max((number for number, m in enumerate(messages) if isinstance(m, FromModel)), default=0)
    draft.shorten(range(last), BIG, QUOTED)
    draft.shorten(range(last, len(messages)), draft.goal // 4, draft.goal // 8)
    draft.sum_up(last, plan, decided)
    draft.shorten(range(last, len(messages)), BIG, QUOTED)
    return None if not messages or draft.size > 0.9 * size(messages) else draft.made()


def size(messages: Sequence[Message]) -> int:
    """About how many characters a request has of them."""
    return sum(map(_size, messages))


def _size(message: Message) -> int:
    if isinstance(message, FromModel):
        return sum(map(_part_size, message.parts))
    return len(message.text) + PICTURE * len(message.images)


def _part_size(part: Text | Thinking | Call) -> int:
    match part:
        case Text():
            return len(part.text)
        case Thinking():
            return len(part.text) + len(part.signature or "")
        case Call():
            return len(part.name) + len(part.arguments)


@dataclass
class _Draft:
    """Messages with shorter ones in their place, and cuts where runs of them become a note."""

    messages: Sequence[Message]
    outputs: Path
    shorter: dict[int, FromTool] = field(default_factory=dict[int, FromTool])
    notes: list[Cut] = field(default_factory=list[Cut])
    whole: list[tuple[Path, str]] = field(default_factory=list[tuple[Path, str]])

    def __post_init__(self) -> None:
        self.size = size(self.messages)
        self.goal = self.size // 2

    def shorten(self, numbers: range, big: int, most: int) -> None:
        """Results above `big` to `most` characters of head and tail, oldest first, as long as it is needed."""
        for number in numbers:
            result = self.shorter.get(number, self.messages[number])
            if self.size > self.goal and isinstance(result, FromTool) and _size(result) > max(big, BIG):
                path = self.outputs / file_of(result.call)
                if number not in self.shorter:
                    self.whole.append((path, result.text))
                self.shorter[number] = short = quoted(result, max(most, QUOTED), path)
                self.size -= _size(result) - _size(short)

    def sum_up(self, last: int, plan: Sequence[PlanStep], decided: Sequence[OpenCall]) -> None:
        """Old exchanges before number `last`, as many as is needed. An answer goes together with its results. What
        holds on is told behind the last of them.
        """
        room = self.goal // 8
        upto = self._upto(last, self.size - self.goal + room)
        there = {m.call for m in self.messages[upto:] if isinstance(m, FromTool)}
        stands = notes.stands(plan, [one for one in decided if one.call.id not in there])
        runs = list(_runs(self.messages[:upto]))
        sizes = [sum(self._size(number) for number in run) for run in runs]
        for run, was in reversed(list(zip(runs, sizes, strict=True))):
            of = [self.messages[number] for number in run]
            note = notes.note(
                of, room * was // max(1, sum(sizes)), self.outputs / LEFT_OUT, "" if self.notes else stands
            )
            if _size(note) < was:
                self.notes.append(Cut(first=run.start, count=len(run), instead=(note,)))
                self.size -= was - _size(note)

    def _upto(self, last: int, much: int) -> int:
        """The number of the first answer (up to `last`) before which so much can go."""
        gone = 0
        for number in range(last):
            if gone >= much and isinstance(self.messages[number], FromModel):
                return number
            if not _is_said(self.messages[number]):
                gone += self._size(number)
        return last if much > 0 else 0

    def _size(self, number: int) -> int:
        return _size(self.shorter.get(number, self.messages[number]))

    def made(self) -> Compaction:
        noted = {number for cut in self.notes for number in range(cut.first, cut.first + cut.count)}
        shorter = [
            Cut(first=number, count=1, instead=(result,))
            for number, result in self.shorter.items()
            if number not in noted
        ]
        shorter += self._referring(noted)
        gone = "\n\n".join(notes.rendered([self.messages[number] for number in sorted(noted)]))
        cuts = tuple(sorted([*self.notes, *shorter], key=lambda cut: cut.first))
        return Compaction(cuts, tuple(self.whole), gone, self.size)

    def _referring(self, noted: Collection[int]) -> Iterator[Cut]:
        """Results that refer to one which is gone then: they say where that is whole."""
        gone = {m.call: m for n in noted if isinstance(m := self.messages[n], FromTool)}
        for number, message in enumerate(self.messages):
            if number in noted or not isinstance(message, FromTool) or message.same_as not in gone:
                continue
            first, path = gone[message.same_as], self.outputs / file_of(message.same_as)
            self.whole.append((path, first.text))
            text = f"[The same as an earlier result, which was left out; the whole text is in {path}]"
            yield Cut(first=number, count=1, instead=(message.model_copy(update={"text": text, "same_as": None}),))


def _is_said(message: Message) -> bool:
    """By the person: never left out."""
    return isinstance(message, FromPerson) and not message.ours


def _runs(messages: Sequence[Message]) -> Iterator[range]:
    """What lies between the person's messages."""
    start = 0
    for number, message in enumerate([*messages, FromPerson(text="")]):
        if _is_said(message):
            if start < number:
                yield range(start, number)
            start = number + 1


def quoted(result: FromTool, most: int, path: Path) -> FromTool:
    """Its head and tail, and where the whole is."""
    half = most // 2
    pictures = f" and {len(result.images)} pictures" if result.images else ""
    left = f"[{max(0, len(result.text) - most):,} characters{pictures} left out here; the whole text is in {path}]"
    words = result.text if len(result.text) <= most else f"{result.text[:half]}\n{left}\n{result.text[-half:]}"
    return result.model_copy(update={"text": words if left in words else f"{words}\n{left}", "images": ()})
