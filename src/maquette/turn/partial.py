"""What a model has said of an answer that isn't whole yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

EVERY = 0.5
"""Seconds: at most so much of what was said is lost with the base."""


class Partial:
    """Gathers words as they come, and has `keep` write down what is new now and then, beside what else goes on."""

    def __init__(self, keep: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        self._keep = keep
        self._pieces: list[str] = []
        self._kept = 0
        self._timer: asyncio.TimerHandle | None = None
        self._keeping: set[asyncio.Task[None]] = set()

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def add(self, text: str) -> None:
        self._pieces.append(text)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(EVERY, self._write)

    def end(self) -> None:
        """Nothing more of it is to be kept: what became of it is known, or about to be."""
        if self._timer is not None:
            self._timer.cancel()

    def _write(self) -> None:
        self._timer = None
        new, self._kept = "".join(self._pieces[self._kept :]), len(self._pieces)
        task = asyncio.get_running_loop().create_task(self._keep(new))
        self._keeping.add(task)
        task.add_done_callback(self._written)

    def _written(self, task: asyncio.Task[None]) -> None:
        """A failure is whoever writes next's to hear: the store has then more to say than this."""
        self._keeping.discard(task)
        if not task.cancelled():
            task.exception()
