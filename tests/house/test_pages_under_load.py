"""Pages of a base that holds much, and pages that have stopped reading while much goes by."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
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

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]

STALLED = 20
PIECE, PIECES = 25_000, 1_000
"""Bytes of what is said in passing, and of each event: 50 MB of both together."""
MOST = 10
"""Megabytes by which the base may grow meanwhile, with its own work: half of one for each page."""


@contextmanager
def stalled(home: Home, path: str, more: str = "") -> Generator[socket.socket]:
    """A line on which something was asked for; nothing is read of it yet."""
    with socket.socket(socket.AF_UNIX) as line, address(home.settings.socket) as name:
        line.connect(name)
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode())
        yield line


def asked(home: Home, path: str) -> bytes:
    """All of an answer."""
    with stalled(home, path, "Connection: close\r\n") as line, line.makefile("rb") as said:
        return said.read()


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


@asynccontextmanager
async def served(folder: Path) -> AsyncGenerator[tuple[Home, str]]:
    """A base that is heard at its socket, and its desk."""
    async with a_home(folder / "state", {"MAQUETTE_PORT": "none"}) as home:
        end = asyncio.Event()
        with closing(Listening(home.settings)) as listening:
            serving = asyncio.create_task(listening.until(end, home))
            yield home, (await projects.resolve(home, None)).id
            end.set()
            await serving


def started(desk: str) -> ThreadStarted:
    return ThreadStarted(project=desk, title="words of a thread", mode=Mode.LOCAL, model="apprentice:rules")


async def test_f17_a_thread_of_100k_events_among_a_thousand_is_shown_within_a_second_of_work(tmp_path: Path) -> None:
    async with served(tmp_path) as (home, desk):
        threads = [new_id("thread") for _ in range(1_000)]
        await asyncio.gather(*(home.store.log.append(thread, started(desk), durable=False) for thread in threads))
        for first in range(0, 100_000, 1_000):
            finished = [
                CallFinished(turn="turn_1", call=f"call_{number}", name="shell", status="ok", text="[exit 0]")
                for number in range(first, first + 1_000)
            ]
            await home.store.log.append(threads[0], *finished, durable=False)
        for path in (f"/threads/{threads[0]}", f"/threads/{threads[-1]}", "/"):
            begun = time.process_time()
            said = await asyncio.to_thread(asked, home, path)
            assert b"words of a thread" in said
            assert time.process_time() - begun < 1, path
            assert len(said) < 1_000_000


async def test_f17_pages_that_stopped_reading_cost_the_base_no_memory_while_much_goes_by(tmp_path: Path) -> None:
    async with served(tmp_path) as (home, desk):
        thread = new_id("thread")
        await home.store.log.append(thread, started(desk))
        with ExitStack() as lines:
            for number in range(STALLED):
                path = f"/threads/{thread}/stream?after=1" if number % 2 else f"/v1/feed?thread={thread}"
                line = lines.enter_context(stalled(home, path))
                assert (await asyncio.to_thread(line.recv, 64)).startswith(b"HTTP/1.1 200")
            await _pass(home, thread, 0, 50)
            before = from_now_on()
            await _pass(home, thread, 50, PIECES)
            grown = resident("VmHWM") - before
        assert grown < MOST, f"{grown:.0f} MB"
