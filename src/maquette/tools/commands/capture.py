"""Output without end in memory with bounds: its beginning and its end, and the whole in a file."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from maquette.tools.commands.terminal import PlainStream, plain_text

SHOWN = 16_000
"""Characters that a model gets of one output."""
HEAD_SHARE = 0.35
KEPT = 48_000
"""Bytes kept of each end: more than is shown, as escapes go."""
STORED = 100 << 20
"""Bytes that the file takes."""
LIVE_BURST, LIVE_RATE = 64_000, 128_000
"""Bytes, and bytes a second, that watchers get."""


@dataclass(frozen=True)
class Taken:
    """What was printed. `cut`: some was left out of `text`, which says where the whole is."""

    text: str
    total: int
    cut: bool


class Capture:
    """A sink for one command's output."""

    def __init__(self, file: Path, show: Callable[[str], None] | None = None, *, always_file: bool = False) -> None:
        self.path = file
        self.total = 0
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._since = 0
        self._live = _Live(show) if show else None
        self._always_file = always_file
        self._begun = False
        self._stored = 0
        self._failed = ""

    def __call__(self, data: bytes) -> None:
        self.total += len(data)
        self._since += len(data)
        if not self._begun and (self._always_file or self._since > KEPT):
            self._store(bytes(self._head))
        if self._begun:
            self._store(data)
        if self._live:
            self._live.feed(data)
        room = KEPT - len(self._head)
        if room > 0 and not self._tail:
            self._head += data[:room]
            data = data[room:]
        if data:
            self._tail.append(data)
            self._tail_size += len(data)
            while self._tail_size - len(self._tail[0]) >= KEPT:
                self._tail_size -= len(self._tail.popleft())

    def take(self, limit: int = SHOWN) -> Taken:
        """What came since the last take, cut to about `limit` characters."""
        total, head = self._since, bytes(self._head)
        tail = b"".join(self._tail)[-KEPT:]
        whole = total == len(head) + len(tail)
        self._head.clear()
        self._tail.clear()
        self._tail_size = self._since = 0
        text = plain_text((head + tail).decode(errors="replace")) if whole else ""
        if whole and len(text) <= limit:
            return Taken(text, total, False)
        if whole:
            first, last = text, text
        else:
            first, last = (plain_text(end.decode(errors="replace").strip("\ufffd")) for end in (head, tail))
        if not self._begun:
            self._store(head + tail)
        first, last = _beginning(first, int(limit * HEAD_SHARE)), _ending(last, limit - int(limit * HEAD_SHARE))
        left_out = max(total - len(first.encode()) - len(last.encode()), 0)
        return Taken(f"{first}\n[… {left_out:,} bytes left out; {self._where()} …]\n{last}", total, True)

    @property
    def unread(self) -> bool:
        """Something came since the last take."""
        return self._since > 0

    @property
    def stored(self) -> Path | None:
        """The file, where there is one."""
        return self.path if self._begun and not self._failed else None

    def _where(self) -> str:
        if self._failed:
            return f"the whole could not be stored: {self._failed}"
        if self._stored < self.total:
            return f"the first {self._stored:,} of {self.total:,} bytes are in {self.path}"
        return f"the whole is in {self.path}"

    def _store(self, data: bytes) -> None:
        """Small writes to the page cache: they take microseconds, so they may be done in a sink."""
        if self._failed or self._stored >= STORED:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab" if self._begun else "wb", buffering=0) as file:
                self._stored += file.write(data[: STORED - self._stored])
        except OSError as error:
            self._failed = error.strerror or "it failed"
        self._begun = True


class _Live:
    """What watchers see: as it comes, but no flood; what was passed over is said."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._stream = PlainStream()
        self._allowed = float(LIVE_BURST)
        self._at = time.monotonic()
        self._passed = 0

    def feed(self, data: bytes) -> None:
        now = time.monotonic()
        self._allowed = min(self._allowed + (now - self._at) * LIVE_RATE, LIVE_BURST)
        self._at = now
        if self._allowed < min(len(data), LIVE_BURST / 2):
            self._passed += len(data)
            return
        if self._passed:
            self._show(f"\n[… {self._passed:,} bytes …]\n")
            self._passed = 0
        self._allowed -= len(data)
        text = self._stream.feed(data)
        if text:
            self._show(text)


def _beginning(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text.removesuffix("\n")
    cut = text[:limit]
    line = cut.rfind("\n")
    return cut[:line] if line > limit // 2 else cut


def _ending(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    cut = text[-limit:]
    line = cut.find("\n", 0, limit // 2)
    return cut[line + 1 :]
