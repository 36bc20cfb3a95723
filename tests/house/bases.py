"""A base in a process of its own, and the command line beside it, as a person has them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from maquette.cli import lock

PATIENCE = 50
"""Seconds for a command."""


class Machine:
    """A state folder and an environment. Commands start the base when they need it; `ended` ends it by its own id."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        self.state = folder / "state"
        home = folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "GIT_CONFIG_NOSYSTEM") if name in os.environ}
        self.env = {**kept, "HOME": str(home), "MAQUETTE_HOME": str(self.state), "MAQUETTE_PORT": "0", **variables}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "maquette", *words]

    def run(
        self, *words: str, stdin: str | None = None, cwd: Path | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """A command to its end, with no terminal."""
        return subprocess.run(
            self.command(*words),
            env=self.env | env,
            cwd=cwd or self.folder,
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def ok(self, *words: str, **more: Any) -> str:
        """What a command that ends with status 0 says."""
        ended = self.run(*words, **more)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.ok(*words, "--json"))

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """A command under way, with no terminal."""
        return subprocess.Popen(
            self.command(*words),
            env=self.env,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

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


@contextlib.contextmanager
def a_machine(folder: Path, variables: Mapping[str, str] | None = None) -> Generator[Machine]:
    """Its base, if it has one at the end, is ended."""
    machine = Machine(folder, variables or {})
    try:
        yield machine
    finally:
        machine.kill()


def refused(ended: subprocess.CompletedProcess[str], status: int = 2) -> str:
    """The one sentence that a command ended with, without a trace of how it came to that."""
    assert ended.returncode == status, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("maquette: ")
    return last
