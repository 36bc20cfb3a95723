"""Ours: a base on a state of its own, and the command that a person gives it work with."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self

from maquette.cli.link import Link
from maquette.settings import address, settings
from maquette.testing.bench.rows import OURS
from maquette.testing.bench.subjects import Begun, Wire

PATIENCE = 60.0


class Base:
    """Up within the `with`. It has the best sandbox here, the engine a person gets, and the desk to work at."""

    name = OURS
    wires: Sequence[Wire] = ("openai-chat", "openai")

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        self.state = folder / "state"
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self.env = {**kept, "HOME": str(folder), "MAQUETTE_HOME": str(self.state), **variables}
        self.env["MAQUETTE_MODEL"] = model("openai-chat")
        self.link = Link(settings(self.env))
        self.sandbox = ""

    def __enter__(self) -> Self:
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "base.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "maquette", "serve"],
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + PATIENCE
        while not self.link.up():
            assert self._process.poll() is None, (self.folder / "base.log").read_text()[-2000:]
            assert time.monotonic() < until, "the base doesn't answer"
            time.sleep(0.02)
        self.sandbox = self.link.get("/health")["tier"]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def page(self, path: str) -> bytes:
        """What a browser gets."""
        line = HTTPConnection("localhost", timeout=PATIENCE)
        line.sock = socket.socket(socket.AF_UNIX)
        with closing(line), address(self.link.settings.socket) as name:
            line.sock.connect(name)
            line.request("GET", path)
            answer = line.getresponse()
            assert answer.status == 200, answer.status
            return answer.read()

    @property
    def pid(self) -> int:
        return self._process.pid

    def command(self, *words: str) -> list[str]:
        beside = Path(sys.executable).with_name("maquette")
        return [str(beside), *words] if beside.exists() else [sys.executable, "-P", "-m", "maquette", *words]

    def begin(self, words: str, wire: Wire = "openai-chat", project: str = "desk") -> Begun:
        """By `maquette run`, followed to its end; what counts is the base with its boxes. It has done a turn before."""
        line = self.command("run", words, "--model", model(wire), "--project", project)
        begun = Begun(line, self.folder, self.env)
        begun.pids = [self.pid]
        return begun

    def start(self, words: str, wire: Wire = "openai-chat") -> dict[str, Any]:
        """Straight to the base, with nobody who follows."""
        return self.link.post("/threads", {"text": words, "model": model(wire)})

    def done(self, words: str, wire: Wire = "openai-chat") -> None:
        """Start a thread and see it through."""
        self.rest([self.start(words, wire)])

    def rest(self, sent: Sequence[Mapping[str, Any]]) -> None:
        """Returns once all of these have come to an end or wait. Raises `AssertionError` if one failed."""
        for one in sent:
            for kind, data in self.link.events(after=one["cursor"], thread=one["thread"]):
                event: dict[str, Any] = data["event"] if kind == "entry" else {"type": ""}
                if event["type"] in ("turn.finished", "turn.waiting"):
                    assert event.get("outcome", "done") == "done", event
                    break


def model(wire: Wire) -> str:
    return f"{wire}:scripted"
