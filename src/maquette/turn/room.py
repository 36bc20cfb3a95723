"""What a thread has about it while it is being worked on: its tree, its sandbox, and what lives as long as they do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from maquette.kinds.files import Files
from maquette.kinds.providers import SkillSpec
from maquette.kinds.reports import Reports
from maquette.kinds.sandboxes import Box
from maquette.kinds.tools import Taken, Tool

T = TypeVar("T")


@dataclass
class Room:
    """One a thread; closed when its work ends or waits."""

    thread: str
    files: Files
    box: Box
    outputs: Path
    skills: Sequence[SkillSpec]
    later: Sequence[Tool[Any]]
    reports: Reports
    _making: asyncio.Future[None] | None = None
    _warming: asyncio.Future[None] | None = None
    _kept: dict[str, object] = field(default_factory=dict[str, object])

    def keep(self, key: str, make: Callable[[], T]) -> T:
        """The same object for the same key, as long as the room is open."""
        if key not in self._kept:
            self._kept[key] = make()
        return cast("T", self._kept[key])

    def make(self, making: Coroutine[Any, Any, None]) -> None:
        """Begin with what must be done before anything may run here, and go on with something else."""
        self._making = asyncio.ensure_future(making)
        self._making.add_done_callback(_heard)

    async def made(self) -> None:
        """Returns once things may run here. Raises why they never may."""
        if self._making is not None:
            await asyncio.shield(self._making)

    @property
    def spoiled(self) -> BaseException | None:
        """Why nothing ever ran here, where that is so."""
        ended = self._making is not None and self._making.done() and not self._making.cancelled()
        return self._making.exception() if self._making and ended else None

    def warm(self) -> None:
        """Bring its box up while something else goes on; if that fails, the first command says why."""
        self._warming = asyncio.ensure_future(self.box.warm())
        self._warming.add_done_callback(_heard)

    async def close(self) -> None:
        """End what still runs in it. A cancellation is kept back until that is done: nothing may outlive its room."""
        closing = asyncio.ensure_future(self._close())
        cancelled: asyncio.CancelledError | None = None
        while not closing.done():
            try:
                await asyncio.shield(closing)
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled

    async def _close(self) -> None:
        if self._making is not None and not self._making.done():
            self._making.cancel()
            await asyncio.wait([self._making])
        await self.box.close()


def _heard(done: asyncio.Future[None]) -> None:
    """Of a failure whoever waits for it is told."""
    if not done.cancelled():
        done.exception()


class CallContext:
    """A room as one call sees it (`kinds.tools.ToolContext`)."""

    def __init__(
        self,
        room: Room,
        call: str,
        show: Callable[[str], None],
        take: Callable[[str, Sequence[str]], Awaitable[Taken]],
    ) -> None:
        self._room = room
        self._take = take
        self.call = call
        self._show = show
        self.thread = room.thread
        self.files = room.files
        self.box = room.box
        self.outputs = room.outputs
        self.skills = room.skills
        self.later = room.later
        self.reports = room.reports

    async def take(self, child: str, leave: Sequence[str]) -> Taken:
        return await self._take(child, leave)

    def show(self, output: str) -> None:
        self._show(output)

    def keep(self, key: str, make: Callable[[], T]) -> T:
        return self._room.keep(key, make)
