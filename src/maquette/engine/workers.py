"""Lanes of one worker among several, on a log in Postgres: a thread is worked on by whoever holds it.

What is due is heard from the log; a row in the table of holds says who does it. A worker that gives no sign of life
is taken for dead, and what it held is free. Should it live after all, the log's fences keep it from writing.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

from maquette.domain.errors import MaquetteError
from maquette.domain.events import Entry, StopAsked, TurnQueued, TurnResumed
from maquette.domain.ids import new_id
from maquette.engine.lanes import Advance, Lanes
from maquette.engine.port import Around
from maquette.store import Store
from maquette.store.projections.turns import Turn
from maquette.store.workers import Worker, Workers

BEAT = 1.0
"""Seconds between signs of life."""
SWEEP = 5.0
"""Seconds after which it is looked for what is due, although nothing was heard."""

log = logging.getLogger(__name__)


def lanes(
    store: Store, advance: Advance, launch: Callable[[Turn], Awaitable[None]], limit: int, around: Around
) -> Lanes:
    """Of the one process there is, or shared with other workers: as the store has it."""
    if store.workers is None:
        return Lanes(store, advance, launch, limit, around)
    return SharedLanes(store, advance, launch, limit, around, store.workers)


class SharedLanes(Lanes):
    """Takes what is due and free, up to the limit of all workers together."""

    def __init__(
        self,
        store: Store,
        advance: Advance,
        launch: Callable[[Turn], Awaitable[None]],
        limit: int,
        around: Around,
        workers: Workers,
    ) -> None:
        super().__init__(store, advance, launch, limit, around)
        self._workers, self._limit = workers, limit
        self.me = Worker(new_id("worker"), _host(), os.getpid())
        self.died: Callable[[], None] = lambda: None
        """Called in a thread after workers were found dead."""
        self._holds: dict[str, int] = {}
        self._due = asyncio.Event()
        self._over = threading.Event()
        self._beating = threading.Thread(target=self._beat, name="maquette-heartbeat", daemon=True)
        self._seeking: asyncio.Task[None] | None = None

    async def pick_up(self) -> None:
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._workers.enlist, self.me)
        self._beating.start()
        self._store.log.listen(self._heard)
        self._store.log.when_nudged(lambda: self._soon(self._due.set))
        self._seeking = self._loop.create_task(self._seek())
        self._due.set()
        self.watch()

    def wake(self, thread: str) -> None:
        self._due.set()

    async def stop(self, thread: str, turn: str) -> bool:
        """Whoever works on it hears it from the log; what nobody works on is taken up, and ended so."""
        self._due.set()
        return True

    def name(self, due: Turn) -> str:
        return f"{due.run}.{self._holds[due.thread]}"

    def _let_go(self, thread: str, number: int | None) -> None:
        """With the next look for what is due."""
        if self._holds.get(thread) == number:
            self._holds.pop(thread, None)
        self._due.set()

    def numbers(self) -> Sequence[int]:
        """Of all holds there are; blocks."""
        return self._workers.numbers()

    async def run(self, thread: str, turn: str, run: str) -> None:
        held = self._holds.get(thread)
        try:
            if held is not None:
                await super().run(thread, turn, run)
        finally:
            self._let_go(thread, held)

    async def close(self) -> None:
        self._open = False
        if self._seeking is not None:
            self._seeking.cancel()
            await asyncio.gather(self._seeking, return_exceptions=True)
        await super().close()
        await asyncio.to_thread(self._leave)

    def _leave(self) -> None:
        self._over.set()
        if self._beating.is_alive():
            self._beating.join()
        with suppress(MaquetteError):  # without a server it is taken for dead soon
            self._workers.leave(self.me.id)
            self.died()

    async def _seek(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP):
                    await self._due.wait()
            self._due.clear()
            try:
                await self._take()
            except Exception as error:
                log.warning("what is due could not be taken: %s", error)
                await asyncio.sleep(BEAT)
                self._due.set()

    async def _take(self) -> None:
        kept = list(self._holds.values())
        taken = await asyncio.to_thread(self._workers.take, self.me.id, self._limit, kept)
        for turn, number in taken:
            self._holds[turn.thread] = number
        for turn, number in taken:
            try:
                await self._launch(turn)
            except Exception:
                log.exception("a due turn could not be begun")
                self._let_go(turn.thread, number)
                await asyncio.sleep(BEAT)

    def _heard(self, entries: list[Entry]) -> None:
        """In the log's own thread."""
        for entry in entries:
            match entry.event:
                case StopAsked(turn=turn):
                    self._soon(self._stop, entry.stream, turn)
                case TurnQueued() | TurnResumed():
                    self._soon(self._due.set)
                case _:
                    pass

    def _stop(self, thread: str, turn: str) -> None:
        self._cancel(thread, turn)
        self._due.set()

    def _soon(self, do: Callable[..., object], *args: object) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(do, *args)

    def _beat(self) -> None:
        """In a thread of its own, so that no work keeps it from saying that it lives."""
        last = steady = time.monotonic()
        while not self._over.wait(BEAT):
            try:
                known = self._workers.beat(self.me.id)
                now = time.monotonic()
                if not known:
                    log.warning("this worker was taken for dead, and begins anew")
                    self._soon(self._lose)
                    self._workers.enlist(self.me)
                if now - last > 2 * BEAT:  # asleep, or without a server: the others may have been so too
                    steady = now
                last = now
                if self._workers.bury(self.me.host, _alive, late=now - steady > self._workers.lease):
                    self._soon(self._due.set)  # the others are told by the database
                    self.died()
            except MaquetteError:
                pass
            except Exception:  # of the engine's; a heart that stops is a worker that works without a hold, for ever
                log.exception("what dead workers left behind could not be put away")

    def _lose(self) -> None:
        """All that was held is others'."""
        self._holds.clear()
        for task in list(self._runs):
            task.cancel()
        self._due.set()


def _host() -> str:
    """As far as process ids mean the same."""
    with suppress(OSError):
        return f"{socket.gethostname()} {Path('/proc/self/ns/pid').readlink()}"
    return socket.gethostname()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
