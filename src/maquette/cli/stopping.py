"""Ctrl-C: it stops the turn, and never the base."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

from maquette.cli import screen
from maquette.cli.endings import Failed
from maquette.cli.link import Link, segment


class Left(Exception):
    """The person left before the end. `heard`: the base knows that it is to stop the turn."""

    def __init__(self, heard: bool) -> None:
        super().__init__()
        self.heard = heard


@contextmanager
def stopping(link: Link, thread: str) -> Generator[None]:
    """Ctrl-C stops the turn; once more doesn't wait for its end."""
    pressed, heard = 0, False

    def press(_number: int, _frame: FrameType | None) -> None:
        nonlocal pressed, heard
        pressed += 1
        if pressed > 1:
            raise Left(heard)
        stop(link, thread)
        heard = True

    former = signal.signal(signal.SIGINT, press)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def stop(link: Link, thread: str) -> None:
    """Ask for the turn to be ended; whether something ran is no matter."""
    screen.err().line(("\nStopping it … (Ctrl-C again: don't wait for that)", "yellow"))
    try:
        link.post(f"/threads/{segment(thread)}/stop")
    except Failed as failed:
        if failed.code != "nothing-runs":
            screen.err().line(str(failed))
