"""Whoever is measured: something that does a run from its first words to its end, as a person would start it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Wire = Literal["openai-chat", "openai", "anthropic"]
PATIENCE = 600.0
"""Seconds for a run of a thousand steps."""


@dataclass(frozen=True)
class Ended:
    """A run that came to its end: what its command cost, with all that it waited for."""

    seconds: float
    cpu: float
    """Milliseconds."""


class Begun:
    """A run under way. `pids`: whose work it is."""

    def __init__(self, words: Sequence[str], folder: Path, env: Mapping[str, str], beside: Sequence[int] = ()) -> None:
        self.at = time.monotonic()
        self._said = folder / f"said-{time.monotonic_ns()}"
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                words, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
            )
        self.pids = [self._process.pid, *beside]

    def end(self, seconds: float = PATIENCE) -> Ended:
        """Raises `AssertionError` with the last that it said, if it ended badly or not in time."""
        until = time.monotonic() + seconds
        ended, status, used = 0, 0, None
        while not ended and time.monotonic() < until:
            ended, status, used = os.wait4(self._process.pid, os.WNOHANG)
            if not ended:
                time.sleep(0.002)
        if not ended:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            ended, status, used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        assert used is not None
        assert self._process.returncode == 0, f"{self._process.args}: {self._said.read_text(errors='replace')[-2000:]}"
        return Ended(time.monotonic() - self.at, 1000 * (used.ru_utime + used.ru_stime))


class Subject(Protocol):
    """A harness. `sandbox`: what holds its commands, in its own words, or "off"."""

    @property
    def name(self) -> str: ...
    @property
    def sandbox(self) -> str: ...
    @property
    def wires(self) -> Sequence[Wire]:
        """Those that it speaks, the one that it is usually measured on first."""
        ...

    def begin(self, words: str, wire: Wire) -> Begun: ...
