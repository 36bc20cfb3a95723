"""Eight threads at work, and a base that is killed at random, again and again."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from maquette.actions import projects, reviews
from maquette.domain.errors import Refused
from maquette.domain.threads import Thread
from maquette.testing.models import Asked, Call, Calls, Says, Turn
from maquette.testing.proof.invariants import broken, opened
from maquette.testing.proof.landings import landings
from maquette.testing.proof.mortal import POST, Where, mortal
from maquette.testing.proof.people import Person, in_tree
from maquette.testing.proof.points import Fuse, Points
from maquette.testing.proof.scenes import answers
from maquette.testing.proof.trials import Ground, checked, ended, forked, told

THREADS = 8
AN_EPOCH = 25
"""Kills of one state, before another is begun: so that each check stays short."""
MOST = 250
"""Boundaries that a base meets at most before it is killed."""
OPENING = 0.3
"""Seconds that it takes to come up, about."""
TAKES_OVER = 6.0
"""Seconds at most for which whoever is left lives on."""
LAST = 120
"""Seconds that the last base of a state has to bring everything to its end."""


def plays(seed: int) -> dict[str, Callable[[Asked], Turn]]:
    """What the model of each thread does: the same at the same place, however often it is asked."""
    return {_words(seed, number): _play(seed, number) for number in range(THREADS)}


def _words(seed: int, number: int) -> str:
    return f"load {seed}.{number}."


def _play(seed: int, number: int) -> Callable[[Asked], Turn]:
    def turn(asked: Asked) -> Turn:
        place = answers(asked)
        return _turn(random.Random(f"{seed} {number} {place}"), number, place)

    return turn


def _turn(chance: random.Random, number: int, place: int) -> Turn:
    own = f"t{number}/{place}"
    command = f"mkdir -p t{number}; echo begun >> {own}; sleep 0.0{chance.randrange(10)}; echo ended >> {own}"
    shell = Call("shell", {"command": command})
    turns: list[tuple[int, Turn]] = [
        (30, Calls(shell)),
        (12, Calls(shell, *(Call("shell", {"command": f"sleep 0.{n}"}) for n in range(1, 4)))),
        (8, Calls(Call("write", {"path": f"t{number}/w{place}", "text": "words\n" * 200}))),
        (6, Calls(Call("read", {"path": "notes.txt"}), Call("search", {"pattern": "words"}))),
        (8, Calls(Call("ask", {"question": "Shall I?"}))),
        (8, Calls(Call(POST.name, {"text": own}))),
        (8, Says("said at length, " * 400)),
        (20, Says("done")),
    ]
    return chance.choices([turn for _, turn in turns], [weight for weight, _ in turns])[0]


async def _keeps_busy(person: Person, seed: int, *, onward: bool) -> None:
    """The person of the load: each thread is begun, seen to, merged, and told to go on; `onward` or not."""
    await projects.add(person.home, person.where.repo)
    await projects.change(person.home, person.where.repo.name, checks=("test -f notes.txt",))
    async with asyncio.TaskGroup() as tasks:
        for number in range(THREADS):
            tasks.create_task(_one(person, seed, number, onward=onward))


async def _one(person: Person, seed: int, number: int, *, onward: bool) -> None:
    thread = await person.begins(_words(seed, number), tree=number % 2 == 0)
    while True:
        at = await person.sees_to(thread.id)
        if in_tree(at) and not at.merged:
            await _merge(person, at)
        if not onward:
            return
        await person.says(thread.id, "go on")


async def _merge(person: Person, at: Thread) -> None:
    try:
        merged = await reviews.merge(person.home, at.id, unchecked=True)
    except Refused as refused:
        if refused.code not in ("merged-already", "no-result", "nothing-to-merge"):
            raise
    else:
        person.note("merged", thread=at.id, after=merged.after)


@dataclass
class Load:
    """Kills so far, by where they landed, and what didn't hold."""

    kills: int = 0
    landed: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])

    def add(self, other: Load) -> None:
        self.kills += other.kills
        self.landed += other.landed
        self.wrong += other.wrong


def epoch(seed: int, folder: Path, ground: Ground, kills: int = AN_EPOCH) -> Load:
    """One state: killed so often at random, then left to come to its end."""
    with ground.fresh(folder) as where:
        return _epoch(seed, where, kills)


def _epoch(seed: int, where: Where, kills: int) -> Load:
    chance, load = random.Random(seed), Load()
    for _ in range(kills):
        ends = _killed_beside(where, seed, chance) if isinstance(where.log, str) else [_killed(where, seed, chance)]
        load.kills += len(ends)
        load.wrong += [f"seed {seed}: a base ended by itself, with {end}" for end in ends if end != -signal.SIGKILL]
        landed, wrong = told(lambda: _found(where), otherwise=({}, ["the checker broke"]))
        load.landed.update(landed)
        load.wrong += [f"seed {seed}, kill {load.kills}: {one}" for one in wrong]
    if (status := outlived(forked(lambda: _live(where, seed, None)), LAST)) != 0:
        load.wrong.append(f"seed {seed}: the last base ended with {status}")
    load.wrong += [f"seed {seed}, at rest: {one}" for one in checked(where, at_rest=True)]
    return load


def _found(where: Where) -> tuple[dict[str, int], list[str]]:
    if isinstance(where.log, Path) and not where.log.exists():
        return {}, []
    with opened(where) as store:
        landed = landings(where, store)
    return dict(landed), broken(where, at_rest=False)


def _killed(where: Where, seed: int, chance: random.Random) -> int:
    """A base's life, up to its death at random: while it comes up, one time in ten, or else at work. How it ended."""
    fuse = Fuse(chance.randrange(1, MOST), chance.uniform(0, 0.03))
    pid = forked(lambda: _live(where, seed, fuse))
    return outlived(pid, chance.uniform(0, OPENING) if chance.random() < 0.1 else LAST)


def _killed_beside(where: Where, seed: int, chance: random.Random) -> list[int]:
    """A base and a worker: one dies at random, the other takes over what it can until it dies too. How they ended."""
    fuses = [Fuse(chance.randrange(1, MOST), chance.uniform(0, 0.03)) for _ in range(2)]
    lives = [forked(lambda: _live(where, seed, fuses[0])), forked(lambda: _work(where, fuses[1]))]
    until = time.monotonic() + LAST
    dead = 0
    while not dead and time.monotonic() < until:
        time.sleep(0.005)
        dead = next((pid for pid in lives if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)), 0)
    return [outlived(pid, 0 if pid == dead else chance.uniform(0, TAKES_OVER)) for pid in lives]


def _work(where: Where, fuse: Fuse) -> None:
    async def work() -> None:
        async with mortal(where, Points(where.met, fuse=fuse), base=False):
            await asyncio.Event().wait()

    asyncio.run(work())


def _live(where: Where, seed: int, fuse: Fuse | None) -> None:
    async def live() -> None:
        async with mortal(where, Points(where.met, fuse=fuse)) as home:
            await _keeps_busy(Person(home, where), seed, onward=fuse is not None)
            os._exit(0)

    asyncio.run(live())


def outlived(pid: int, seconds: float) -> int:
    """How a base ended, which is killed after so many seconds if it hasn't by then."""
    until = time.monotonic() + seconds
    while not (found := os.waitpid(pid, os.WNOHANG))[0]:
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            return ended(pid)
        time.sleep(0.005)
    return os.waitstatus_to_exitcode(found[1])
