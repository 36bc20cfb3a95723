"""Bases without the seconds that their imports take: each is forked from a process which has them loaded already.

Everything from `maquette.app.main` on is as when a command starts a base.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


class Nursery:
    """One for each process of tests; it ends with it, and the bases live on until their tests end them."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", __file__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(self._end)

    def bear(self, environment: Mapping[str, str], log: Path, *words: str) -> int:
        """The process id of a base that has just begun; `words`: after `serve`."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([dict(environment), str(log), words]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def _end(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            pipe.close()
        self._process.wait(10)


def _serve(environment: Mapping[str, str], log: str, words: Sequence[str]) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir("/")
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, descriptor in ((0, nothing), (1, out), (2, out)):
        os.dup2(descriptor, number)
    os.close(out)
    os.close(nothing)

    from maquette.app import main

    status = 1
    try:
        status = main(["serve", *words])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _main() -> None:
    import gc

    from maquette.app import all_providers
    from maquette.engine import dbos
    from maquette.store.dialects import postgres
    from maquette.web import listening, server

    del dbos, listening, postgres, server
    preload = getattr(all_providers()["openai-chat"], "preload", None)
    assert preload is not None
    preload()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _serve(*json.loads(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
