"""Processes that write until they are killed, and say on standard output what was acknowledged, or begun."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from house.bases import Born, bear
from maquette.domain.events import MessageSent
from maquette.store import Log
from maquette.store.posts import Posts
from maquette.testing.multitude import Multitude

CROWD, BATCH = Multitude(messages=1_500, channels=60, people=40, mattering=10), 100


@contextmanager
def begun(name: str, place: Path | str) -> Generator[tuple[Born, TextIO]]:
    """A process that does something to the log, and what it says."""
    source, sink = os.pipe()
    with os.fdopen(source) as said:
        try:
            born = bear(f"seams.writing:{name}", str(place), out=sink)
        finally:
            os.close(sink)
        yield born, said


def place(words: Sequence[str]) -> Path | str:
    return words[0] if "://" in words[0] else Path(words[0])


def told(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def opening(words: Sequence[str]) -> None:
    told("")
    Log.open(place(words))


def appending(words: Sequence[str]) -> None:
    asyncio.run(_append_all(Log.open(place(words))))


async def _append_all(log: Log) -> None:
    await asyncio.gather(*[_append(log, f"s{n}") for n in range(8)])


async def _append(log: Log, name: str) -> None:
    number = 0
    while True:
        entries = await log.append(name, _said(f"{number}.a"), _said(f"{number}.b"), durable=number % 3 > 0)
        told(f"{name} {entries[-1].position}")
        number += 1


def _said(id: str) -> MessageSent:
    return MessageSent(id=id, turn="u", text=f"words of {id}")


def reading(words: Sequence[str]) -> None:
    """All that the crowd says, from where an earlier one was killed."""
    posts = Posts.beside(place(words))
    read = int(posts.cursor(CROWD.source) or 0)
    for batch in itertools.islice(CROWD.batches(BATCH), read // BATCH, None):
        told(batch.cursor)
        posts.take(CROWD.source, batch)
    told("end")
