"""Many pages open at once on threads at work: how late an event reaches them, and what sending it to one costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from statistics import quantiles

import orjson

from maquette.testing.bench import plays
from maquette.testing.bench.bases import Base
from maquette.testing.bench.processes import cpu
from maquette.testing.bench.rig import Measure, Rig
from maquette.testing.bench.rows import Row

PAGES, THREADS, TICKS = 100, 8, 40
PATIENCE = 60.0

LATE = Row("100 pages on live threads, event to page, p99", "ms")
SENT = Row("100 pages on live threads, CPU per event and page", "us")


def _live(rig: Rig) -> None:
    with rig.base() as base:
        for _ in range(rig.rounds):
            alone, _ = asyncio.run(_seen(rig, base, 0))
            spent, late = asyncio.run(_seen(rig, base, PAGES))
            rig.add(LATE, base, 1000 * quantiles(late, n=100)[98])
            rig.add(SENT, base, 1000 * (spent - alone) / len(late))


async def _seen(rig: Rig, base: Base, pages: int) -> tuple[float, list[float]]:
    """The base's CPU in milliseconds while its threads print the time; how late each page saw each, in seconds."""
    threads = [base.start(plays.words(rig.name(), "ticks", TICKS)) for _ in range(THREADS)]
    await asyncio.to_thread(base.rest, threads)
    opened = [await _open(base, threads[number % THREADS]["thread"]) for number in range(pages)]
    before = cpu([base.pid])
    seeing = asyncio.gather(*(_follow(page) for page in opened))
    sent = [base.link.post(f"/threads/{one['thread']}/messages", {"text": "go on"}) for one in threads]
    late = [seconds for each in await seeing for seconds in each]
    await asyncio.to_thread(base.rest, sent)
    return cpu([base.pid]) - before, late


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _open(base: Base, thread: str) -> Line:
    """A page's stream, once it has begun."""
    reader, writer = await asyncio.open_unix_connection(base.link.settings.socket, limit=1 << 22)
    at = base.link.get(f"/threads/{thread}/entries", limit=1000)["entries"][-1]["cursor"]
    writer.write(f"GET /threads/{thread}/stream?after={at} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    async with asyncio.timeout(PATIENCE):
        await reader.readuntil(b"event: draw")
    return reader, writer


async def _follow(line: Line) -> Sequence[float]:
    late: list[float] = []
    reader, writer = line
    async with asyncio.timeout(PATIENCE):
        while len(late) < TICKS:
            said = await reader.readline()
            if said.startswith(b"data: {"):
                now = time.time()
                passing = orjson.loads(said[6:])
                if passing["kind"] == "output":
                    late += [now - float(tick) for tick in passing["text"].split()]
    writer.close()
    return late


MEASURES = (Measure([LATE, SENT], _live),)
