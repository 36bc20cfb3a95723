"""Processes that write a log until they are killed, and say on standard output what was acknowledged."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from maquette.domain.events import MessageSent
from maquette.store import Log


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
