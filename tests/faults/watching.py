"""Watching a turn that can't go on: a follower's own lines, and what the feed says of how the store stands."""

from __future__ import annotations

import asyncio
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import aclosing

from maquette.actions.home import Home
from maquette.actions.threads import Sent
from maquette.store import Passing


class Following:
    """A command under way, and the lines it has said."""

    def __init__(self, command: subprocess.Popen[str]) -> None:
        self.command = command
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.command.stdout is not None
        self.lines += (line for line in self.command.stdout)

    def says(self, words: str) -> None:
        until(lambda: any(words in line for line in self.lines), lambda: f"not {words!r} but {self.lines}")

    def end(self) -> int:
        status = self.command.wait(30)
        self._reader.join()
        assert self.command.stdout is not None
        assert self.command.stderr is not None
        self.command.stdout.close()
        self.command.stderr.close()
        return status


def until(true: Callable[[], object], instead: Callable[[], str] = lambda: "it never came to that") -> None:
    end = time.monotonic() + 40
    while not true():
        assert time.monotonic() < end, instead()
        time.sleep(0.02)


async def stands(home: Home, sent: Sent) -> str:
    """The next word of how the store stands, to a new follower of the thread."""
    async with asyncio.timeout(30), aclosing(home.store.feed.follow(after=sent.cursor, stream=sent.thread)) as items:
        async for item in items:
            if isinstance(item, Passing) and item.kind == "standing":
                return item.text
    raise AssertionError("the feed ended")
