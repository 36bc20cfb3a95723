"""Commands from the nursery that are talked with while they are under way."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from house.nursery import PATIENCE, Born

AT_STREAMS = "house.commands:main"
"""The command line at a pipe or terminal: the nursery's own streams were made for files."""


def main(words: Sequence[str]) -> int:
    from maquette import cli

    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        is_terminal = os.isatty(descriptor)
        stream = io.TextIOWrapper(os.fdopen(descriptor, "wb", closefd=False), line_buffering=is_terminal)
        setattr(sys, name, stream)
    return cli.main([*words])


class Running:
    """A command under way, used as a `Popen` is. It comes from the nursery, which tells how it ends."""

    def __init__(self, born: Born, stdout: IO[str], stderr: IO[str]) -> None:
        self.pid, self.stdout, self.stderr = born.pid, stdout, stderr
        self.returncode: int | None = None
        self._born = born

    def wait(self, timeout: float = PATIENCE) -> int:
        if self.returncode is None:
            self._born.told.settimeout(timeout)
            self.returncode = self._born.status()
        return self.returncode

    def communicate(self, timeout: float = PATIENCE) -> tuple[str, str]:
        """All else that it says, once it has ended."""
        with ThreadPoolExecutor() as beside:
            said = [beside.submit(stream.read) for stream in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            finally:
                self._end()
            told, wrong = (read.result() for read in said)
        return told, wrong

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self.stdout.close()
        self.stderr.close()

    def _end(self) -> None:
        """If it should still be there."""
        if self.returncode is None:
            self._born.kill()
            self.returncode = -signal.SIGKILL
