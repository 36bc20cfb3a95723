"""An hour of slots in compressed time, in which bases are killed at random: each slot has one run, or is told of."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from maquette.domain.events import RunBegan, SlotSkipped
from maquette.testing.models import Asked, Call, Calls, Says, Turn
from maquette.testing.proof import trials
from maquette.testing.proof.invariants import opened
from maquette.testing.proof.load import outlived
from maquette.testing.proof.mortal import Where, mortal
from maquette.testing.proof.people import Person
from maquette.testing.proof.points import Fuse, Points
from maquette.testing.proof.scenes import answers
from maquette.testing.proof.trials import Ground, Models, checked, ended, forked, told
from maquette.testing.servers import Server

STORES = ("sqlite", "postgres")
MINUTELY = "* * * * *"
WORDS = "tell the time."
MOST = 60
"""Boundaries that a base meets at most before it is killed."""
LAST = 120
"""Seconds that the last base has to bring everything to its end."""
HOW = """\
An automation is due each minute, by a clock that goes {pace} times as fast as the wall's. A base is killed (SIGKILL)
at a boundary or a moment that chance chooses, and another is started, again and again; on Postgres a worker lives and
dies beside each. Then the last one brings everything to its end, and the log is looked at from outside: each minute
has one run, with one receipt, or is told of as missed. In `make test` the same is done for three minutes."""


@dataclass(frozen=True)
class Compressed:
    """A clock that goes so many times as fast as the wall's since a moment; all bases of a state have the same."""

    since: datetime
    pace: float

    def now(self) -> datetime:
        return self.since + (datetime.now(UTC) - self.since) * self.pace

    def real(self, seconds: float) -> float:
        return seconds / self.pace


def plays() -> dict[str, Callable[[Asked], Turn]]:
    def play(asked: Asked) -> Turn:
        return Says("It is late.") if answers(asked) else Calls(Call("shell", {"command": "date >> times"}))

    return {WORDS: play}


@dataclass(frozen=True)
class Hour:
    """What came of so many minutes. `runs` and `recorded`: slots that have a run, and those told of as missed."""

    on: str
    minutes: int
    seconds: float
    kills: int
    runs: int
    recorded: int
    wrong: Sequence[str]


def hour(seed: int, on: str, folder: Path, ground: Ground, *, minutes: int = 60, pace: float = 60) -> Hour:
    """Bases killed for so many of the clock's minutes, and what didn't hold after it."""
    chance, kills, began = random.Random(seed), 0, time.monotonic()
    wrong: list[str] = []
    with ground.fresh(folder) as where:
        clock = Compressed(datetime.now(UTC), pace)
        until = clock.since + timedelta(minutes=minutes)
        while clock.now() < until:
            ends = _killed(where, clock, chance)
            kills += len(ends)
            wrong += [f"seed {seed}: a base ended by itself, with {end}" for end in ends if end != -signal.SIGKILL]
        if (status := ended(forked(lambda: _last(where, clock, until)))) != 0:
            wrong.append(f"seed {seed}: the last base ended with {status}")
        wrong += [f"seed {seed}, at rest: {one}" for one in checked(where, at_rest=True)]
        runs, recorded = told(lambda: _counted(where), otherwise=(0, 0))
    return Hour(on, minutes, time.monotonic() - began, kills, runs, recorded, wrong)


def _counted(where: Where) -> tuple[int, int]:
    with opened(where) as store:
        events = [entry.event for entry in store.log.read_all(limit=None)]
    runs = sum(isinstance(one, RunBegan) and one.due is not None for one in events)
    return runs, sum(one.count for one in events if isinstance(one, SlotSkipped))


def _killed(where: Where, clock: Compressed, chance: random.Random) -> list[int]:
    """A base's life, and on Postgres a worker's beside it, up to their death at random."""
    count = 2 if isinstance(where.log, str) else 1
    fuses = [Fuse(chance.randrange(1, MOST), chance.uniform(0, 0.3)) for _ in range(count)]
    lives = [forked(lambda fuse=fuse, n=n: _live(where, clock, fuse, base=n == 0)) for n, fuse in enumerate(fuses)]
    seconds = chance.uniform(0.5, 6)
    return [outlived(pid, seconds) for pid in lives]


def _live(where: Where, clock: Compressed, fuse: Fuse, *, base: bool) -> None:
    async def live() -> None:
        async with mortal(where, Points(where.met, fuse=fuse), base=base, clock=clock) as home:
            if base:
                await Person(home, where).automates(WORDS, MINUTELY)
            await asyncio.Event().wait()

    asyncio.run(live())


def _last(where: Where, clock: Compressed, until: datetime) -> None:
    async def live() -> None:
        async with mortal(where, Points(where.met), clock=clock) as home, asyncio.timeout(LAST):
            person = Person(home, where)
            automation = await person.automates(WORDS, MINUTELY)
            await person.sees_slots_up_to(automation, until)
            await person.turns_off(automation)
            os._exit(0)

    asyncio.run(live())


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m maquette.testing.proof.slots", description=__doc__)
    parser.add_argument("--on", choices=STORES, action="append", help="which; else both, one after another")
    parser.add_argument("--minutes", type=int, default=60, help="of the clock (60)")
    parser.add_argument("--pace", type=float, default=60, help="how many times as fast as the wall's it goes (60)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path, help="also written here, in Markdown")
    args = parser.parse_args(arguments)
    trials.load()
    hours = [_on(on, args) for on in args.on or STORES]
    if args.page is not None:
        args.page.write_text("\n".join(page(hours, args.pace)))
    return int(any(one.wrong for one in hours))


def _on(on: str, args: argparse.Namespace) -> Hour:
    postgres = Server() if on == "postgres" else None
    models = Models(plays())
    try:
        with tempfile.TemporaryDirectory(prefix="prove-") as folder:
            ground = Ground(models.variables, postgres)
            came = hour(args.seed, on, Path(folder), ground, minutes=args.minutes, pace=args.pace)
    finally:
        models.close()
        if postgres is not None:
            postgres.stop()
    sys.stdout.writelines(f"WRONG: {one}\n" for one in came.wrong)
    sys.stdout.write(f"{came.minutes} minutes of slots on {on}, {came.kills} kills, {len(came.wrong)} wrong\n")
    return came


def page(hours: Sequence[Hour], pace: float) -> Iterator[str]:
    """Line by line."""
    wrong = [f"{one.on}: {what}" for one in hours for what in one.wrong]
    machine = f"Python {platform.python_version()}, Linux {platform.release().split('-')[0]}, {os.cpu_count()} cores"
    yield from ("# The proof that slots are run once, or told of", "")
    yield f"By `make prove`, {datetime.now(UTC):%Y-%m-%d}; {machine}."
    yield from ("", HOW.format(pace=f"{pace:g}"), "")
    yield f"**Wrong: {len(wrong)}.**" if wrong else "**Each slot has one run, or is told of.**"
    yield from (f"- {one}" for one in wrong)
    yield from ("", "| log | minutes | kills | slots with a run | told of as missed | wrong | took |")
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for one in hours:
        figures = (one.on, one.minutes, one.kills, one.runs, one.recorded, len(one.wrong), f"{one.seconds:.0f} s")
        yield f"| {' | '.join(map(str, figures))} |"
    yield ""


if __name__ == "__main__":
    sys.exit(main())
