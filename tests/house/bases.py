"""A base in a process of its own, and the command line beside it, as a person has them."""

from __future__ import annotations

import atexit
import contextlib
import functools
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from house.commands import AT_STREAMS, Running
from house.nursery import BASE, COMMAND, PATIENCE, Born, Nursery, a_nursery
from maquette.cli import lock
from maquette.settings import address
from maquette.testing.models import Asked, ScriptedModels, Turn
from seams.boxes import CHOSEN

COLD = frozenset(
    ["demo", "doctor", "tool", "serve", "down", "backup", "restore", "rebuild", "completion", "--help", "--version"]
)
"""Commands that start no base, or do something else first."""


@functools.cache
def nursery() -> Nursery:
    """That of all who test at once; outside of tests, one of this process's own."""
    if (path := os.environ.get("NURSERY")) is not None:
        return Nursery(Path(path))
    own = contextlib.ExitStack()
    atexit.register(own.close)
    folder = own.enter_context(tempfile.TemporaryDirectory(prefix="mq-"))
    return own.enter_context(a_nursery(Path(folder, "nursery")))


def serving(environment: Mapping[str, str], log: Path, *words: str) -> int:
    """The process id of a base that has just begun; `words`: after `serve`."""
    log.touch(mode=0o600)
    with log.open("ab") as out, Path(os.devnull).open("rb") as nothing:
        streams = (nothing.fileno(), out.fileno(), out.fileno())
        born = nursery().bear(BASE, ["serve", *words], environment, Path("/"), streams, alone=True)
    born.told.close()
    return born.pid


def bear(run: str, *words: str, out: int = 2, **environment: str) -> Born:
    """A function of ours (`module:name`, given `words`) in a process of its own, with an environment of its own."""
    with Path(os.devnull).open("rb") as nothing:
        kept = {name: os.environ[name] for name in ("PATH", CHOSEN) if name in os.environ}
        return nursery().bear(run, words, {**kept, **environment}, Path("/"), (nothing.fileno(), out, 2))


def captured(
    run: str,
    words: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    stdin: str = "",
    patience: float = PATIENCE,
) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run` does it, of a function in the nursery."""
    with (
        tempfile.TemporaryFile("w+") as typed,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
    ):
        typed.write(stdin)
        typed.seek(0)
        streams = (typed.fileno(), out.fileno(), err.fileno())
        born = nursery().bear(run, words, environment, folder, streams)
        born.told.settimeout(patience)
        status = born.status()
        for said in (out, err):
            said.seek(0)
        return subprocess.CompletedProcess([*words], status, out.read(), err.read())


class Machine:
    """A state folder and an environment. `kill` ends the base by its own id.

    Commands come from the nursery, and the base that one needs is there already, from the nursery too; unless it is
    `cold`: then the command is a program like any other, and starts the base.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str], *, cold: bool = False) -> None:
        self.folder = folder
        self.cold = cold
        self.state = folder / "state"
        home = folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        inherited = ("PATH", "LANG", "GIT_CONFIG_NOSYSTEM", "PYTHON_KEYRING_BACKEND")
        kept = {name: os.environ[name] for name in inherited if name in os.environ}
        self.env = {**kept, "HOME": str(home), "MAQUETTE_HOME": str(self.state), "MAQUETTE_PORT": "0", **variables}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "maquette", *words]

    def run(
        self, *words: str, stdin: str | None = None, cwd: Path | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """A command to its end, with no terminal."""
        self.warm(words, env)
        environment, folder = self.env | env, cwd or self.folder
        if self.cold:
            given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
            given |= {"env": environment, "cwd": folder, "timeout": PATIENCE}
            return subprocess.run(self.command(*words), **given, capture_output=True, text=True, check=False)
        return captured(COMMAND, words, environment, folder, stdin or "")

    def ok(self, *words: str, **more: Any) -> str:
        """What a command that ends with status 0 says."""
        ended = self.run(*words, **more)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.ok(*words, "--json"))

    def under_way(self, *words: str) -> Running:
        """A command that has begun, with no terminal."""
        self.warm(words, {})
        (out, says), (err, complains) = os.pipe(), os.pipe()
        with Path(os.devnull).open("rb") as nothing:
            born = nursery().bear(AT_STREAMS, words, self.env, self.folder, (nothing.fileno(), says, complains))
        os.close(says)
        os.close(complains)
        return Running(born, os.fdopen(out), os.fdopen(err))

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """The same, as a program like any other."""
        self.warm(words, {})
        return subprocess.Popen(
            self.command(*words),
            env=self.env,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def warm(self, words: Sequence[str], env: Mapping[str, str]) -> None:
        """Returns once a base answers, or one ended by itself or takes too long: why, the command will find out."""
        if self.cold or self.pid or not COLD.isdisjoint(words):
            return
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        pid = serving({**self.env, **env}, self.state / "base.log")
        with contextlib.suppress(ProcessLookupError):
            self.wait_for(pid)

    def wait_for(self, pid: int) -> None:
        """Returns once the base answers that a process is to become. Raises `ProcessLookupError` where that is gone."""
        until = time.monotonic() + PATIENCE
        while not answers(self.state / "base.sock") and time.monotonic() < until:
            os.kill(pid, 0)
            time.sleep(0.01)

    @property
    def pid(self) -> int:
        """The base's; 0 when there is none."""
        return lock.holder(self.state) or 0

    def kill(self, number: int = signal.SIGTERM) -> None:
        """End the base, and wait until it is gone."""
        pid = self.pid
        if pid:
            os.kill(pid, number)
        until = time.monotonic() + PATIENCE
        while self.pid and time.monotonic() < until:
            time.sleep(0.01)
        assert not self.pid, "the base doesn't end"


class Line(http.client.HTTPConnection):
    """HTTP over a base's own socket, where nobody needs to be let in."""

    def __init__(self, machine: Machine) -> None:
        super().__init__("localhost", timeout=20)
        self._path = machine.state / "base.sock"

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(str(self._path))


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as tried, address(path) as name:
        return tried.connect_ex(name) == 0


@contextlib.contextmanager
def a_machine(folder: Path, variables: Mapping[str, str] | None = None, *, cold: bool = False) -> Generator[Machine]:
    """Its base, if it has one at the end, is ended."""
    machine = Machine(folder, variables or {}, cold=cold)
    try:
        yield machine
    finally:
        machine.kill()


@contextlib.contextmanager
def played(folder: Path, play: Callable[[Asked], Turn]) -> Generator[Machine]:
    """A base that is up, whose model plays this."""
    with (
        ScriptedModels(play) as models,
        a_machine(folder, {**models.variables, "MAQUETTE_MODEL": "openai-chat:scripted"}) as machine,
    ):
        machine.ok("threads")
        yield machine


def refused(ended: subprocess.CompletedProcess[str], status: int = 2) -> str:
    """The one sentence that a command ended with, without a trace of how it came to that."""
    assert ended.returncode == status, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("maquette: ")
    return last


def ask(machine: Machine, method: str, path: str, body: object = None) -> Any:
    """The base's answer at its socket, where nobody needs to be let in."""
    with contextlib.closing(Line(machine)) as line:
        line.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
        answer = line.getresponse()
        text = answer.read()
        assert answer.status < 300, text
        return json.loads(text) if text else None
