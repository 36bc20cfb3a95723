"""Pages that have stopped reading, while much goes by: the base holds next to nothing for their sake."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from house.homes import a_home
from maquette.actions import projects
from maquette.actions.home import Home
from maquette.domain.events import CallFinished, ThreadStarted
from maquette.domain.ids import new_id
from maquette.domain.threads import Mode
from maquette.settings import address
from maquette.store import Passing
from maquette.web.listening import Listening

pytestmark = [pytest.mark.anyio, pytest.mark.needs("bwrap", "sudo apt-get install bubblewrap")]

STALLED = 20
PIECE, PIECES = 25_000, 1_000
"""Bytes of what is said in passing, and of each event: 50 MB of both together."""
MOST = 10
"""Megabytes by which the base may grow meanwhile, with its own work: half of one for each page."""


@contextmanager
def stalled(home: Home, path: str) -> Generator[socket.socket]:
    """A line on which a stream was asked for; nothing is read of it yet."""
    with socket.socket(socket.AF_UNIX) as line, address(home.settings.socket) as name:
        line.connect(name)
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        yield line


def resident(which: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(which)) / 1024


def from_now_on() -> float:
    """What is held now; the kernel notes anew how much it was at most."""
    Path("/proc/self/clear_refs").write_text("5")
    return resident("VmRSS")


async def _pass(home: Home, thread: str, first: int, count: int) -> None:
    for number in range(first, first + count):
        call = f"call_{number}"
        home.store.feed.pass_by(thread, Passing(thread, "output", "turn_1", call, "o" * PIECE))
        finished = CallFinished(turn="turn_1", call=call, name="shell", status="ok", text="x" * PIECE)
        await home.store.log.append(thread, finished, durable=False)


async def test_f17_pages_that_stopped_reading_cost_the_base_no_memory_while_much_goes_by(tmp_path: Path) -> None:
    async with a_home(tmp_path / "state", {"MAQUETTE_PORT": "none"}) as home:
        end = asyncio.Event()
        with closing(Listening(home.settings)) as listening, ExitStack() as lines:
            serving = asyncio.create_task(listening.until(end, home))
            thread, desk = new_id("thread"), (await projects.resolve(home, None)).id
            await home.store.log.append(
                thread, ThreadStarted(project=desk, title="words", mode=Mode.LOCAL, model="apprentice:rules")
            )
            for number in range(STALLED):
                path = f"/threads/{thread}/stream?after=1" if number % 2 else f"/v1/feed?thread={thread}"
                line = lines.enter_context(stalled(home, path))
                assert (await asyncio.to_thread(line.recv, 64)).startswith(b"HTTP/1.1 200")
            await _pass(home, thread, 0, 50)
            before = from_now_on()
            await _pass(home, thread, 50, PIECES)
            grown = resident("VmHWM") - before
            lines.close()
            end.set()
            await serving
        assert grown < MOST, f"{grown:.0f} MB"
