"""Many threads in one base: at work, at rest, and waiting for an answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager

from maquette.testing.bench import plays
from maquette.testing.bench.bases import Base
from maquette.testing.bench.peers import Peer
from maquette.testing.bench.processes import cpu, pss
from maquette.testing.bench.rig import Measure, Rig
from maquette.testing.bench.rows import Row
from maquette.testing.bench.subjects import Begun, Subject

SESSIONS, STEPS = 8, 20
MANY, MANY_STEPS = 200, 5
SETTLES = 3.0
"""Seconds until a base that has come up, or done something, is at rest."""
PARKED, MORE = 100, 200
"""Threads that wait before it is measured, by which caches and pools have what they may have; and those measured."""

WALL = Row("8 sessions x 20 steps, wall", "s", "<= 2")
WORK = Row("8 sessions x 20 steps, CPU", "s", "<= 2.5")
MEMORY = Row("8 sessions x 20 steps, memory", "MB", "<= 220")
NEW = Row("idle base before a model was used", "MB", "<= 90")
USED = Row("idle base after a model was used", "MB", "<= 150")
IDLE = Row("idle base, CPU", "% of a core", "< 1")
MANY_CPU = Row("200 threads x 5 steps, CPU per step", "ms")
MANY_DRIFT = Row("200 threads x 5 steps, CPU the second time to the first", "x", "<= 1.2")
MANY_EXTENDS = Row("200 threads x 5 steps, requests that extend the former", "%", "== 100")
MANY_MEMORY = Row("200 threads x 5 steps, memory once they are done", "MB", "<= 220")
MANY_GROWS = Row("200 threads x 5 steps, memory that the next 200 add", "MB", "<= 10")
LONG_MEMORY = Row("a thread of 1,000 steps, memory at most beyond one of 500", "MB", "<= 40")
LONG_LEAVES = Row("a thread of 1,000 steps, memory that it leaves", "MB", "<= 10")
ONE_PARKED = Row("one more parked thread", "KB", "<= 50")


def _eight(rig: Rig) -> None:
    with rig.base() as base:
        _together(rig, base, looking=True)
        for subject in rig.in_turn((base, *rig.peers)):
            with rig.bearing(subject.name):
                _together(rig, subject, looking=isinstance(subject, Peer))


def _together(rig: Rig, subject: Subject, *, looking: bool) -> None:
    """Ours is looked at in a round of its own, whose times don't count: looking takes a little time itself."""
    words = [plays.words(rig.name(), "steps", STEPS) for _ in range(SESSIONS)]
    began = time.monotonic()
    if isinstance(subject, Base):
        before = cpu([subject.pid])
        sent = [subject.start(one) for one in words]
        with _highest([subject.pid], looking) as most:
            subject.rest(sent)
        spent = cpu([subject.pid]) - before
    else:
        begun = [subject.begin(one, subject.wires[0]) for one in words]
        spent = 0.0

        def end(one: Begun) -> None:
            nonlocal spent
            spent += one.end().cpu

        with _highest([one.pids[0] for one in begun], looking) as most, ExitStack() as all_end:
            for one in begun:
                all_end.callback(end, one)
    if looking:
        rig.add(MEMORY, subject, max(most))
    if not (looking and isinstance(subject, Base)):
        rig.add(WALL, subject, time.monotonic() - began)
        rig.add(WORK, subject, spent / 1000)


@contextmanager
def _highest(pids: Sequence[int], wanted: bool) -> Generator[list[float]]:
    """What they hold, looked at again and again meanwhile, for a twentieth of the time at most."""
    seen: list[float] = []
    over = threading.Event()

    def look() -> None:
        took = 0.0
        while not over.wait(max(0.05, 20 * took)):
            began = time.monotonic()
            seen.append(pss(pids))
            took = time.monotonic() - began

    looks = threading.Thread(target=look)
    if wanted:
        looks.start()
    try:
        yield seen
    finally:
        over.set()
        if wanted:
            looks.join()


def _many(rig: Rig) -> None:
    """Twice on one base: what the second time costs more, or leaves more of in memory, would go on growing."""
    with rig.base() as base:
        spent, held = list[float](), list[float]()
        for _ in range(2):
            names = [rig.name() for _ in range(MANY)]
            before = cpu([base.pid])
            sent = [base.start(plays.words(name, "steps", MANY_STEPS)) for name in names]
            base.rest(sent)
            spent.append((cpu([base.pid]) - before) / (MANY * MANY_STEPS))
            time.sleep(SETTLES)
            held.append(pss([base.pid]))
            runs = [rig.models.run(name) for name in names]
            extends, asked = sum(run.extends for run in runs), sum(len(run.arrived) - 1 for run in runs)
            rig.add(MANY_EXTENDS, base, 100 * extends / asked)
        rig.add(MANY_CPU, base, spent[0])
        rig.add(MANY_DRIFT, base, spent[1] / spent[0])
        rig.add(MANY_MEMORY, base, held[0])
        rig.add(MANY_GROWS, base, held[1] - held[0])


def _one_long(rig: Rig) -> None:
    """Beyond a shorter one, which brings what any thread does."""
    with rig.base() as base:
        base.done(plays.words(rig.name(), "steps", rig.steps // 2))
        time.sleep(SETTLES)
        before = pss([base.pid])
        with _highest([base.pid], True) as most:
            base.done(plays.words(rig.name(), "steps", rig.steps))
        rig.add(LONG_MEMORY, base, max(most) - before)
        time.sleep(SETTLES)
        rig.add(LONG_LEAVES, base, pss([base.pid]) - before)


def _idle(rig: Rig) -> None:
    with rig.base(warm=False) as base:
        time.sleep(SETTLES)
        rig.add(NEW, base, pss([base.pid]))
        base.done(plays.words(rig.name(), "steps", 3))
        time.sleep(SETTLES)
        rig.add(USED, base, pss([base.pid]))
        before, began = cpu([base.pid]), time.monotonic()
        time.sleep(2 * SETTLES)
        rig.add(IDLE, base, (cpu([base.pid]) - before) / (1000 * (time.monotonic() - began)) * 100)


def _parked(rig: Rig) -> None:
    with rig.base() as base:
        _park(rig, base, PARKED)
        before = pss([base.pid])
        _park(rig, base, MORE)
        rig.add(ONE_PARKED, base, 1024 * (pss([base.pid]) - before) / MORE)


def _park(rig: Rig, base: Base, count: int) -> None:
    base.rest([base.start(plays.words(rig.name(), "parks", 1)) for _ in range(count)])
    time.sleep(SETTLES)


MEASURES = (
    Measure([WALL, WORK, MEMORY], _eight),
    Measure([MANY_CPU, MANY_DRIFT, MANY_EXTENDS, MANY_MEMORY, MANY_GROWS], _many),
    Measure([LONG_MEMORY, LONG_LEAVES], _one_long),
    Measure([NEW, USED, IDLE], _idle),
    Measure([ONE_PARKED], _parked),
)
