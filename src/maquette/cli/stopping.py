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
    """The person left; the work goes on."""


@contextmanager
def stopping(link: Link, thread: str) -> Generator[None]:
    """Ctrl-C stops the turn; once more leaves it."""
    pressed = 0

    def press(_number: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        pressed += 1
        if pressed > 1:
            raise Left
        stop(link, thread)

    former = signal.signal(signal.SIGINT, press)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def stop(link: Link, thread: str) -> None:
    """Ask for the turn to be ended; whether something ran is no matter."""
    screen.err().line(("\nStopping it (Ctrl-C again leaves it running) …", "yellow"))
    try:
        link.post(f"/threads/{segment(thread)}/stop")
    except Failed as failed:
        if failed.code != "nothing-runs":
            screen.err().line(str(failed))
