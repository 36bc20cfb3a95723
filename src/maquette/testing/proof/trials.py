"""One base killed at one boundary, another started after it: each in a process forked from one that has loaded all."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maquette.app import all_providers
from maquette.testing.models import ScriptedModels, Scripts
from maquette.testing.proof import points
from maquette.testing.proof.invariants import broken
from maquette.testing.proof.mortal import Where, mortal
from maquette.testing.proof.people import Person
from maquette.testing.proof.scenes import Scene
from maquette.testing.servers import Server as Postgres

PATIENCE = 60
"""Seconds that a base has for a scene."""


@dataclass(frozen=True)
class Trial:
    """What came of a kill. `reached`: it died at the boundary; `wrong`: what didn't hold after it."""

    scene: str
    point: str
    reached: bool
    wrong: tuple[str, ...]


def load() -> None:
    """Everything a base imports late, so that what is forked has it."""
    importlib.import_module("maquette.engine.dbos")
    getattr(all_providers()["openai-chat"], "preload", lambda: None)()


def forked(do: Callable[[], object]) -> int:
    """Runs `do` in a child, which ends with status 0 when it returns. Returns the child's number."""
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    status = 1
    try:
        do()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def ended(pid: int) -> int:
    """How a child ended: its status, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Models:
    """A scripted model server in a process of its own: threads and forks don't mix."""

    def __init__(self, scripts: Scripts, pace: float = 0) -> None:
        readable, writable = os.pipe()

        def serve() -> None:
            os.close(readable)
            models = ScriptedModels(scripts, keep=1, checked=False, pace=pace).start()
            os.write(writable, json.dumps(models.variables).encode())
            os.close(writable)
            signal.pause()

        self._pid = forked(serve)
        os.close(writable)
        with os.fdopen(readable) as told:
            self.variables: Mapping[str, str] = json.loads(told.read())

    def close(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


@dataclass(frozen=True)
class Ground:
    """What bases stand on: their models, and Postgres, where they keep their log in that and not in a file."""

    variables: Mapping[str, str]
    postgres: Postgres | None = None

    @contextmanager
    def fresh(self, folder: Path) -> Generator[Where]:
        """Places that nobody has been at."""
        if self.postgres is None:
            yield prepared(Where(folder, self.variables))
            return
        address = self.postgres.database()
        try:
            yield prepared(Where(folder, {**self.variables, "MAQUETTE_DATABASE": address}))
        finally:
            self.postgres.drop(address)


def prepared(where: Where) -> Where:
    """A state with a desk, and a repo of the person's; nothing else."""
    shutil.rmtree(where.folder, ignore_errors=True)
    (where.state / "desk").mkdir(parents=True, mode=0o700)
    where.repo.mkdir()
    for place in (where.state / "desk", where.repo):
        (place / "notes.txt").write_text("old words\n")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "first")):
        identity = ("-c", "user.name=Person", "-c", "user.email=person@localhost")
        subprocess.run(["git", "-C", str(where.repo), *identity, *words], check=True, capture_output=True)
    return where


def in_a_base(where: Where, last: str, do: Callable[[Person], Coroutine[Any, Any, None]], *, declines: bool) -> None:
    """Opens a base, lets a person do something there, and leaves as a killed one does: nothing is put away."""

    async def live() -> None:
        async with mortal(where, points.Points(where.met, last)) as home, asyncio.timeout(PATIENCE):
            await do(Person(home, where, declines))
            os._exit(0)

    asyncio.run(live())


def play(scene: Scene, where: Where, last: str = "") -> int:
    pid = forked(
        lambda: in_a_base(where, last, lambda person: scene.acts(person, scene.words), declines=scene.declines)
    )
    return ended(pid)


def boundaries(scene: Scene, folder: Path, ground: Ground) -> list[str]:
    """Those that a run through the scene meets. Raises `AssertionError` when the scene doesn't even play unkilled."""
    with ground.fresh(folder) as where:
        status = play(scene, where)
        wrong = checked(where, at_rest=True)
        assert status == 0, f"{scene.name} ended with {status}"
        assert not wrong, f"{scene.name}, unkilled: {wrong}"
        return [name for name in points.names(where.met) if scene.part.match(name)]


def tried(scene: Scene, point: str, folder: Path, ground: Ground) -> Trial:
    with ground.fresh(folder) as where:
        status = play(scene, where, point)
        reached = status == -signal.SIGKILL
        wrong = checked(where, at_rest=False)
        if status not in (0, -signal.SIGKILL):
            wrong.append(f"the base ended with {status}")
        if (again := play(scene, where)) != 0:
            wrong.append(f"the base after it ended with {again}")
        wrong += checked(where, at_rest=True)
    return Trial(scene.name, point, reached, tuple(wrong))


def checked(where: Where, *, at_rest: bool) -> list[str]:
    """What doesn't hold there."""
    return told(lambda: broken(where, at_rest=at_rest), otherwise=["the checker broke"])


def told(ask: Callable[[], Any], otherwise: Any) -> Any:
    """What `ask` returns (JSON), asked in a child, since a store has threads; `otherwise` when the child fails."""
    readable, writable = os.pipe()

    def tell() -> None:
        with os.fdopen(writable, "w") as out:
            json.dump(ask(), out)

    pid = forked(tell)
    os.close(writable)
    with os.fdopen(readable) as come:
        said = come.read()
    return json.loads(said) if ended(pid) == 0 else otherwise
