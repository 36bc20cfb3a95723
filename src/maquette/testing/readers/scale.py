"""What a report costs out of a million messages in 3,000 channels, and how much of the important is read; as a page.

python -m maquette.testing.readers.scale --page docs/reference/scale.md
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from maquette.curation.reports.funnel import Window, ranked
from maquette.curation.reports.interests import Interests
from maquette.store.copies import NAME
from maquette.store.posts import Posts
from maquette.testing.multitude import END, Multitude
from maquette.testing.readers import crowds
from maquette.testing.readers.crowds import SHARES, Curve
from maquette.testing.servers import Server

FEWER = 5
"""On Postgres so many times fewer messages are taken."""
HOW = """\
A made-up workspace (`testing/multitude.py`) over a month, in which 400 threads of each million messages matter: they
say something grave and are answered, while three times as many say the same words of something trifling. It is taken
into the store of posts, and all of it is filtered and ranked as for a report. Who reads it has given ten replies: who
they are, then "missed: …". CPU is that of our process, the time on the wall in brackets; on Postgres the server's CPU
comes on top."""
READS = """\
The second share, {share}, is what a model reads for one report of a million: 240 posts or groups of alike ones
(`turn/reports.py`). Beside the funnel stand BM25, for the words that those replies taught, and the newest first."""


@dataclass(frozen=True)
class Scale:
    """Seconds are of CPU and, after them, on the wall. `memory`: bytes beyond what was held before."""

    on: str
    crowd: Multitude
    taken: tuple[float, float]
    whole: tuple[float, float]
    day: tuple[float, float]
    memory: int
    curves: Sequence[Curve]

    def curve(self, name: str) -> Curve:
        return next(one for one in self.curves if one.name == name)


class _Clock:
    """Seconds of CPU and on the wall, since it was made."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.monotonic()

    @property
    def spent(self) -> tuple[float, float]:
        return time.process_time() - self._cpu, time.monotonic() - self._wall


def measured(on: str, posts: Posts, crowd: Multitude, replies: int = 10) -> Scale:
    """Of posts that are empty at first. What making the messages costs is left out."""
    cpu = wall = 0.0
    for batch in crowd.batches():
        clock = _Clock()
        posts.take(crowd.source, batch)
        cpu, wall = cpu + clock.spent[0], wall + clock.spent[1]
    nobody = Interests()
    held, clock = _held(), _Clock()
    ranked(posts, crowds.ALL, nobody)
    whole, memory = clock.spent, _most() - held
    clock = _Clock()
    ranked(posts, Window(END - timedelta(days=1), END), nobody)
    day = clock.spent
    by = crowds.taught(posts, crowd, replies)
    curves = [crowds.curve("ours", posts, crowd, by), crowds.bm25(posts, crowd, by), crowds.newest(posts, crowd)]
    return Scale(on, crowd, (cpu, wall), whole, day, memory, curves)


def _held() -> int:
    """Bytes of memory now; from here on `_most` tells the most."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _most() -> int:
    return _status("VmHWM")


def _status(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) << 10 if found else 0


def page(scales: Sequence[Scale]) -> Iterator[str]:
    """In Markdown, line by line."""
    machine = f"Python {platform.python_version()}, Linux {platform.release().split('-')[0]}, {os.cpu_count()} cores"
    yield from ("# A report out of a million messages", "")
    yield f"By `python -m maquette.testing.readers.scale`, {datetime.now(UTC):%Y-%m-%d}; {machine}."
    yield from ("", HOW, "")
    yield f"| | {' | '.join(_titled(one) for one in scales)} | target |"
    yield f"| --- |{' ---: |' * (len(scales) + 1)}"
    rows = (
        ("taken in, CPU for a million", [_seconds(_each(one, one.taken)) for one in scales], ""),
        ("filtered and ranked, CPU for a million", [_seconds(_each(one, one.whole)) for one in scales], "30 s"),
        ("a day's filtered and ranked, CPU", [_seconds(one.day) for one in scales], "1 s"),
        ("memory while all are ranked, beyond that before", [f"{one.memory / 1e6:.0f} MB" for one in scales], ""),
    )
    for name, figures, target in rows:
        yield f"| {name} | {' | '.join(figures)} | {target} |"
    yield from ("", "## Of what matters, read", "", READS.format(share=_percent(SHARES[1])), "")
    yield f"| on | way | {' | '.join(f'{_percent(share)} of all' for share in SHARES)} |"
    yield f"| --- | --- |{' ---: |' * len(SHARES)}"
    for one in scales:
        for curve in one.curves:
            yield f"| {one.on} | {curve.name} | {' | '.join(f'{recall:.0%}' for recall in curve.recall)} |"
    yield ""


def _titled(one: Scale) -> str:
    return f"{one.on}: {one.crowd.messages:,} in {one.crowd.channels:,} channels"


def _each(one: Scale, spent: tuple[float, float]) -> tuple[float, float]:
    return spent[0] * 1_000_000 / one.crowd.messages, spent[1] * 1_000_000 / one.crowd.messages


def _seconds(spent: tuple[float, float]) -> str:
    return f"{spent[0]:.2g} s ({spent[1]:.2g} s)" if spent[0] < 10 else f"{spent[0]:.0f} s ({spent[1]:.0f} s)"


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def main() -> int:
    parser = argparse.ArgumentParser("python -m maquette.testing.readers.scale", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000, help="on SQLite; a fifth of that on Postgres")
    parser.add_argument("--page", type=Path, help="write it there, in Markdown")
    args = parser.parse_args()
    asked = ((_on_sqlite, args.messages), (_on_postgres, args.messages // FEWER))
    scales: list[Scale] = []
    for measure, messages in asked:
        scales.append(one := _apart(measure, messages))
        sys.stderr.write(f"{one}\n")  # so that what took long isn't lost, should what comes after it fail
    told = "\n".join(page(scales))
    sys.stdout.write(told)
    if args.page is not None:
        args.page.write_text(told)
    return 0


def _apart(measure: Callable[[int], Scale], messages: int) -> Scale:
    """In a process of its own, so that none uses memory that another has left."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, messages).result()


def _crowd(messages: int) -> Multitude:
    return Multitude(messages=messages, mattering=max(20, messages * 400 // 1_000_000))


def _on_sqlite(messages: int) -> Scale:
    with tempfile.TemporaryDirectory(prefix="scale-") as folder, closing(Posts.beside(Path(folder, NAME))) as posts:
        return measured("SQLite", posts, _crowd(messages))


def _on_postgres(messages: int) -> Scale:
    server = Server()
    try:
        with closing(Posts.beside(server.database())) as posts:
            return measured("Postgres", posts, _crowd(messages))
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
