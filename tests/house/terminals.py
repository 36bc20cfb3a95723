"""A command at a terminal, as a person types it; it comes from the nursery."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
from collections.abc import Generator

from house.bases import Machine, nursery
from house.commands import AT_STREAMS

PATIENCE = 30


class Terminal:
    """A command at a terminal of its own; `seen` is all that it wrote there."""

    def __init__(self, machine: Machine, *words: str) -> None:
        machine.warm(words, {})
        self._end, there = pty.openpty()
        env = {**machine.env, "TERM": "xterm-256color", "LESS": "FRX", "PAGER": "cat"}
        self._command = nursery().bear(
            AT_STREAMS, words, env, machine.folder, (there, there, there), alone=True, patience=PATIENCE
        )
        os.close(there)
        self.seen = ""

    def until(self, text: str) -> None:
        """Returns once `text` was written, after what was seen before."""
        start = len(self.seen)
        while text not in self.seen[start:]:
            assert self._read(), f"it ended without {text!r}:\n{self.seen}"

    def type(self, text: str) -> None:
        os.write(self._end, text.encode())

    def status(self) -> int:
        """How it ended, when it has said all it had to say."""
        while self._read():
            pass
        return self._command.status()

    def press_ctrl_c(self) -> None:
        os.kill(self._command.pid, signal.SIGINT)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._end], [], [], PATIENCE)
        assert ready, f"nothing more came:\n{self.seen}"
        try:
            read = os.read(self._end, 65_536)
        except OSError:
            return False
        self.seen += read.decode(errors="replace")
        return bool(read)

    def close(self) -> None:
        os.close(self._end)
        if self._command.told.fileno() >= 0:  # nobody waited for its end
            self._command.kill()


@contextlib.contextmanager
def at_terminal(machine: Machine, *words: str) -> Generator[Terminal]:
    terminal = Terminal(machine, *words)
    try:
        yield terminal
    finally:
        terminal.close()
