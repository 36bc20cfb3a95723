"""Compactions: what requests to the model leave out of a thread's past, and having it said again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from maquette.actions import threads
from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.domain.events import Compacted, CompactionUndone, Entry
from maquette.domain.messages import Message
from maquette.turn.fold import Place


@dataclass(frozen=True)
class LeftOut:
    """A message that requests leave out or say shorter. `position`: of the entry that it came with."""

    position: int
    message: Message


@dataclass(frozen=True)
class Compaction:
    """`turn` and `step` name it. `stands`: what it left out is left out still, and can be put back."""

    turn: str
    step: int
    why: str
    model: str
    characters: int
    stands: bool
    left_out: tuple[LeftOut, ...]


async def listed(home: Home, thread: str) -> list[Compaction]:
    """Oldest first. Refused: `unknown-thread`."""
    return (await asyncio.to_thread(_folded, await threads.history(home, thread)))[1]


async def undo(home: Home, thread: str, turn: str, step: int) -> Compaction:
    """Say again what the last compaction left out, from the next request on.

    Refused: `unknown-thread`; `no-compaction` when it isn't the last or is undone; `too-long` when the model is still
    the one that refused it, so that it can't fit.
    """
    at = await threads.find(home, thread)
    undone = CompactionUndone(turn=turn, step=step)
    found: list[Compaction] = []

    async def undoing() -> list[CompactionUndone]:
        nonlocal found
        place, found = await asyncio.to_thread(_folded, await threads.history(home, at.id))
        if not place.undoes(undone):
            why = "Only what the last compaction left out can be put back, and only once."
            raise Refused(why, code="no-compaction")
        if found[-1].model == place.model:
            longer = f"{place.model} refused it as too long, and it has not become shorter"
            mend = "Take a model that reads more (`maquette set --model`), then put it back."
            raise Refused(f"It doesn't fit: {longer}. {mend}", code="too-long")
        return [undone]

    await home.store.log.decide(at.id, undoing)
    return found[-1]


def _folded(entries: Sequence[Entry]) -> tuple[Place, list[Compaction]]:
    """Where the thread stands, and each compaction with what it left out."""
    place, events = Place(), list[tuple[Compacted, tuple[LeftOut, ...]]]()
    came: dict[int, int] = {}
    """Of each message, by its identity: the position of the entry with which it came."""
    for entry in entries:
        before = place.messages
        known = len(before)
        place.take([entry])
        if isinstance(event := entry.event, Compacted):
            gone = [before[n] for cut in event.cuts for n in range(cut.first, cut.first + cut.count)]
            events.append((event, tuple(LeftOut(came.get(id(one), 0), one) for one in gone)))
            came |= {id(one): entry.position for cut in event.cuts for one in cut.instead}
        elif place.messages is before:
            came |= {id(one): entry.position for one in before[known:]}
    last = events[-1][0] if events else None
    return place, [_compaction(event, gone, event is last and place.undoes(_undone(event))) for event, gone in events]


def _undone(event: Compacted) -> CompactionUndone:
    return CompactionUndone(turn=event.turn, step=event.step)


def _compaction(event: Compacted, gone: tuple[LeftOut, ...], stands: bool) -> Compaction:
    return Compaction(event.turn, event.step, event.why, event.model, event.characters, stands, gone)
