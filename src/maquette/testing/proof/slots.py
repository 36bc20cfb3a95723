"""An hour of slots in compressed time, in which bases are killed at random: each slot has one run, or is told of."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from maquette.testing.models import Asked, Call, Calls, Says, Turn
from maquette.testing.proof import trials
from maquette.testing.proof.load import outlived
from maquette.testing.proof.mortal import Where, mortal
from maquette.testing.proof.people import Person
from maquette.testing.proof.points import Fuse, Points
from maquette.testing.proof.scenes import answers
from maquette.testing.proof.trials import Ground, Models, checked, ended, forked
from maquette.testing.servers import Server

MINUTELY = "* * * * *"
WORDS = "tell the time."
MOST = 60
"""Boundaries that a base meets at most before it is killed."""
LAST = 120
"""Seconds that the last base has to bring everything to its end."""


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


def hour(seed: int, folder: Path, ground: Ground, *, minutes: int = 60, pace: float = 60) -> tuple[int, list[str]]:
    """How often a base was killed in so many of the clock's minutes, and what didn't hold after it."""
    chance, kills = random.Random(seed), 0
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
    return kills, wrong


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
    parser.add_argument("--on", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--minutes", type=int, default=60, help="of the clock (60)")
    parser.add_argument("--pace", type=float, default=60, help="how many times as fast as the wall's it goes (60)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(arguments)
    trials.load()
    postgres = Server() if args.on == "postgres" else None
    models = Models(plays())
    try:
        with tempfile.TemporaryDirectory(prefix="prove-") as folder:
            ground = Ground(models.variables, postgres)
            kills, wrong = hour(args.seed, Path(folder), ground, minutes=args.minutes, pace=args.pace)
    finally:
        models.close()
        if postgres is not None:
            postgres.stop()
    sys.stdout.writelines(f"WRONG: {one}\n" for one in wrong)
    sys.stdout.write(f"{args.minutes} minutes of slots on {args.on}, {kills} kills, {len(wrong)} wrong\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
