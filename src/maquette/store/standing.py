"""Whether the log takes anything now.

A state of the store itself, not a fact: what can't be written can't be told by the log. Faces ask for it, and the feed
passes it by.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, delete, insert, select

from maquette.domain.errors import Refused, Unwritable
from maquette.store import dialects, soundness
from maquette.store.migrations import VERSION

T = TypeVar("T")

ROOM = 16 << 20
"""Bytes that must be free before anything is written again: less would be full at once, and an answer be lost."""


class Standing:
    """Of one log. `error` is why nothing can be written now, `damage` why nothing will be until it is restored.

    `folder` is where its file lies; None where a server keeps it.
    """

    def __init__(self, folder: Path | None, damage: Refused | None = None) -> None:
        self.damage = damage
        self.error: Unwritable | None = None
        self._folder = folder
        self._lock = threading.Lock()
        self._listeners: list[Callable[[str], None]] = []
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._given_up = False

    @property
    def why(self) -> str:
        """A sentence; empty when all is well."""
        return str(self.damage or self.error or "")

    def listen(self, listener: Callable[[str], None]) -> None:
        """Called in the writer's thread with `why`, when that changes. Must be quick."""
        self._listeners.append(listener)

    async def lasting(self, write: Callable[[], Awaitable[T]]) -> T:
        """What comes of `write`, as soon as the log takes it: it is asked again each time that it may."""
        while True:
            try:
                return await write()
            except Unwritable:
                if self._given_up:
                    raise
                await self._over()

    def give_up(self) -> None:
        """Whoever waits, or would from now on, hears why nothing can be written."""
        self._given_up = True
        self._wake()

    def halt(self, error: Exception) -> None:
        """In the writer's thread: a write failed. Of most errors that says nothing about the next."""
        before = self.why
        if isinstance(error, Unwritable):
            self.error = error
        elif self._folder and isinstance(error, Refused) and error.code == dialects.CORRUPT and self.damage is None:
            self.damage = soundness.damaged(self._folder, "found while writing")
        if self.why != before:
            self._tell()

    def try_again(self, conn: Connection) -> None:
        """In the writer's thread: nothing when all is well; raises why not, as long as nothing can be written."""
        if self.damage is not None:
            raise self.damage
        if self.error is None:
            return
        if self._folder and self.error.code == "disk-full" and not _has_room(self._folder):
            raise self.error
        with dialects.troubles(), conn.begin():
            dialects.take_turn(conn, durable=True)  # others may be trying as well
            version = conn.scalar(select(VERSION.c.version_num))
            conn.execute(delete(VERSION))  # the same again would be written by nobody
            conn.execute(insert(VERSION), {"version_num": version})
        with self._lock:
            self.error = None
        self._tell()
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for loop, over in waiting:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(over.set)

    async def _over(self) -> None:
        over = asyncio.Event()
        with self._lock:
            if self.error is None:
                return
            self._waiting.append((asyncio.get_running_loop(), over))
        await over.wait()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener(self.why)


def _has_room(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free >= ROOM
    except OSError:  # the disk itself is gone
        return False
