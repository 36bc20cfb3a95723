"""Commands that run in the background of a thread, by number. They end with its box at the latest."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from maquette.domain.cards import TerminalCard
from maquette.domain.errors import Refused
from maquette.kinds.sandboxes import Exit, Running
from maquette.kinds.tools import Result, ToolContext
from maquette.tools.commands.capture import Capture
from maquette.tools.commands.told import ENV, argv, ending, output_file

MOST = 16
QUIET = 0.2
"""Seconds without output after which a process has said, for now, what it had to say."""


@dataclass
class Process:
    """One of them. `exit` is set once its end was noticed."""

    number: int
    command: str
    capture: Capture
    running: Running
    printed: asyncio.Event
    started: float = field(default_factory=time.monotonic)
    exit: Exit | None = None

    async def finish(self, seconds: float) -> None:
        """Waits for its end, at most `seconds`."""
        waiting = asyncio.ensure_future(self.running.wait())
        try:
            await asyncio.wait([waiting], timeout=max(seconds, 0.01))
        finally:
            self._notice(waiting)

    async def answer(self, seconds: float) -> None:
        """Waits until it has printed something and fallen silent, or ended; at most `seconds`."""
        until = time.monotonic() + seconds
        waiting = asyncio.ensure_future(self.running.wait())
        patience = QUIET if self.capture.unread else seconds
        try:
            while not waiting.done() and (left := until - time.monotonic()) > 0:
                self.printed.clear()
                hearing = asyncio.ensure_future(self.printed.wait())
                try:
                    await asyncio.wait(
                        [waiting, hearing], timeout=min(patience, left), return_when=asyncio.FIRST_COMPLETED
                    )
                    if not hearing.done():
                        return
                finally:
                    hearing.cancel()
                patience = QUIET
        finally:
            self._notice(waiting)

    def _notice(self, waiting: asyncio.Future[Exit]) -> None:
        if waiting.done() and not waiting.cancelled():
            self.exit = waiting.result()
        else:
            waiting.cancel()

    async def stop(self) -> None:
        await self.running.kill()
        await self.finish(5)

    def state(self) -> str:
        return ending(self.exit) if self.exit else f"running for {time.monotonic() - self.started:.0f} s"

    def news(self) -> Result:
        """What it printed since it was last asked, and how it stands."""
        taken = self.capture.take()
        card = TerminalCard(
            command=self.command,
            output=taken.text,
            exit=self.exit.status if self.exit else None,
            seconds=round(time.monotonic() - self.started, 3),
            file=str(self.capture.path),
        )
        text = taken.text if not taken.text or taken.text.endswith("\n") else taken.text + "\n"
        return Result(f"{text}[process {self.number}: {self.state()}]", card)


class Processes:
    """All of a thread's."""

    def __init__(self) -> None:
        self._by_number: dict[int, Process] = {}
        self._last = 0

    async def start(self, ctx: ToolContext, command: str) -> Process:
        running = [process for process in await self.all() if process.exit is None]
        if len(running) >= MOST:
            raise Refused(f"{MOST} processes run in the background; stop one first.", code="too-many")
        self._last += 1
        number, printed = self._last, asyncio.Event()
        capture = Capture(output_file(ctx, ctx.call), always_file=True)

        def heard(data: bytes) -> None:
            capture(data)
            printed.set()

        started = await ctx.box.start(argv(command), sink=heard, env=ENV, stdin=None)
        self._by_number[number] = process = Process(number, command, capture, started, printed)
        return process

    async def all(self) -> list[Process]:
        for process in self._by_number.values():
            if process.exit is None:
                await process.finish(0)
        return list(self._by_number.values())

    def get(self, number: int) -> Process:
        if number not in self._by_number:
            there = ", ".join(map(str, self._by_number)) or "none"
            raise Refused(f"There is no process {number}; there are: {there}.", code="no-process")
        return self._by_number[number]


def processes_of(ctx: ToolContext) -> Processes:
    """One for the thread, as long as its box lives."""
    return ctx.keep("processes", Processes)
