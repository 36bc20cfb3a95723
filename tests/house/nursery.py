"""Bases and commands without the seconds that their imports take: each is forked from a process which has them loaded.

Everything from `maquette.app.main` or `maquette.cli.main` on is as when a person types the command.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

PATIENCE = 200
_model = Path(tempfile.gettempdir(), f"mq-model-{os.getpid()}")
NUMBER = struct.Struct("=q")
BASE = "maquette.app:main"
COMMAND = "maquette.cli:main"
HUGE, COLLAPSE = 2 << 20, 25
"""Bytes of a large page; what asks the kernel to make some, at once."""


class Born(NamedTuple):
    """A process that has just begun. It is the nursery's child, which tells how it ends."""

    pid: int
    told: socket.socket

    def status(self) -> int:
        """As `Popen.returncode`, once it has ended. Raises `TimeoutError`."""
        with self.told:
            return NUMBER.unpack(self.told.recv(NUMBER.size))[0]

    def kill(self) -> None:
        """At once, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.status()


class Nursery:
    """At a socket, so that one serves all who test at once. What was born in it outlives it."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def bear(
        self,
        run: str,
        words: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        streams: tuple[int, int, int],
        *,
        alone: bool = False,
        patience: float | None = PATIENCE,
    ) -> Born:
        """Runs a function (`module:name`) that is given `words`; `alone`: in a session of its own."""
        told, tells = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        told.settimeout(patience)
        with tells, tempfile.TemporaryFile("w") as asked, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asks:
            json.dump([run, [*words], dict(environment), str(folder), alone], asked)
            asked.flush()
            asks.connect(self._path)
            socket.send_fds(asks, [b"?"], [asked.fileno(), tells.fileno(), *streams])
        return Born(NUMBER.unpack(told.recv(NUMBER.size))[0], told)


@contextlib.contextmanager
def a_nursery(path: Path) -> Generator[Nursery]:
    """Loads nothing until it is asked for something."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asked:
        asked.bind(str(path))
        command = [sys.executable, "-P", __file__, str(asked.fileno())]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=(asked.fileno(),))
    try:
        yield Nursery(path)
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(10)
        path.unlink(missing_ok=True)


def _become(
    streams: Sequence[int], run: str, words: Sequence[str], environment: Mapping[str, str], folder: str, alone: bool
) -> int:
    if alone:
        os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if run == BASE and "MAQUETTE_DATABASE" not in environment:
        _furnish(Path(environment["MAQUETTE_HOME"]))
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
    if run == BASE and _chosen and (environment.get("MAQUETTE_SANDBOX"), environment.get("PATH")) == _chosen[0]:
        _choose_as_before(_chosen[1])
    module, _, name = run.partition(":")
    return getattr(importlib.import_module(module), name)([*words])


def _furnish(state: Path) -> None:
    """With the empty database of its engine, which would take a third of the time that a base takes to come up."""
    if not os.path.lexists(state / "engine.db"):
        shutil.copy(_model / "state/engine.db", state / "engine.db")


_chosen: tuple[tuple[str | None, str | None], Any] | None = None
"""In which environment what was chosen: the sandbox, which is tried for that, and which takes as long as a box does."""


def _choose() -> None:
    global _chosen
    from maquette import app

    _chosen = (os.environ.get("MAQUETTE_SANDBOX"), os.environ.get("PATH")), asyncio.run(app.chosen())


def _choose_as_before(came: Any) -> None:
    from maquette import app

    async def chosen() -> Any:
        return came

    app.chosen = chosen


def _make_model() -> None:
    """What an engine makes that has begun nothing yet."""
    if not os.fork():
        from maquette.engine.dbos import DBOSEngine

        async def come_and_go() -> None:
            (_model / "state").mkdir(parents=True)
            engine = DBOSEngine(_nothing)
            await engine.open(_model / "state/engine.db", "local")
            engine.close()

        asyncio.run(come_and_go())
        os._exit(0)
    os.wait()


async def _nothing(thread: str, turn: str, run: str) -> None:
    pass


def _go_on(*words: str) -> NoReturn:
    """As `starting.become`, with what is loaded."""
    from maquette.app import main

    sys.exit(main([*words]))


def _live(descriptors: Sequence[int], asked: Any) -> None:
    status: object = 1
    try:
        status = _become(descriptors, *asked)
    except SystemExit as ended:
        status = ended.code
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):  # nobody listens any more
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
        os._exit(status if isinstance(status, int) else bool(status))


def _reap(waiting: dict[int, int]) -> None:
    while waiting:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        tells = waiting.pop(pid)
        with contextlib.suppress(BrokenPipeError):
            os.write(tells, NUMBER.pack(os.waitstatus_to_exitcode(status)))
        os.close(tells)


def _heard(number: int, frame: object) -> None:
    """That there is a handler makes the pipe readable."""


def _serve(asks: socket.socket) -> None:
    """Until standard input ends."""
    woken, wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, _heard)
    polled = select.poll()
    for descriptor in (0, woken, asks.fileno()):
        polled.register(descriptor, select.POLLIN)
    waiting: dict[int, int] = {}
    is_loaded = False
    while True:
        ready = dict(polled.poll())
        if 0 in ready:
            return
        if woken in ready:
            os.read(woken, 512)
            _reap(waiting)
        if asks.fileno() not in ready:
            continue
        if not is_loaded:
            sys.path.append(str(Path(__file__).parents[1]))
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                _load()
            _make_model()
            _choose()
            _lay_together()
            is_loaded = True
        _, descriptors, _, _ = socket.recv_fds(asks, 1, 8)
        file, tells, *streams = descriptors
        with os.fdopen(file) as held:
            held.seek(0)
            asked = json.load(held)
        pid = os.fork()
        if not pid:
            _live(streams, asked)
        waiting[pid] = tells
        for descriptor in streams:
            os.close(descriptor)
        with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
            os.write(tells, NUMBER.pack(pid))


def _lay_together() -> None:
    """In pages of 2 MB, of which a fork copies one entry and not 512: most of what it costs. Where a kernel can't, no
    harm is done.
    """
    advise = ctypes.CDLL(None).madvise
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, may, _, _, _, *name = line.split(maxsplit=5)
        if may.startswith("rw-p") and name in ([], ["[heap]"]):
            start, end = (int(at, 16) for at in span.split("-"))
            start, end = -(-start // HUGE) * HUGE, end // HUGE * HUGE
            if start < end:
                advise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), COLLAPSE)


def _load() -> None:
    """What bases and commands load sooner or later."""
    import gc

    import libcst
    import openpyxl
    from anyio._backends import _asyncio

    from maquette import app
    from maquette.cli import following, live, prose, starting, telling
    from maquette.domain.errors import Unavailable
    from maquette.engine import dbos
    from maquette.sandboxes.keeper import inside, processes, syscalls
    from maquette.sandboxes.keeper.box import booted
    from maquette.store.dialects import postgres
    from maquette.web import listening, server, statics

    del libcst, openpyxl, dbos, following, listening, live, postgres, prose, server, telling, _asyncio
    statics.version()
    starting.become = _go_on
    app.all_tools()
    app.all_sandboxes()
    os.close(booted(processes, inside, arguments=())[1])
    with contextlib.suppress(Unavailable):
        syscalls.exported(syscalls.apart)
    for provider in app.all_providers().values():
        getattr(provider, "preload", lambda: None)()
    _warm()
    gc.collect()
    gc.freeze()


def _warm() -> None:
    """What a process makes when it is first asked for, and then keeps: of it comes half of what a base costs."""
    from fastapi import routing
    from openai.types.chat import ChatCompletionChunk
    from uvicorn.protocols.http import h11_impl

    from maquette import app, cli
    from maquette.kinds.tools import parameters
    from maquette.store import migrations
    from maquette.web import server

    del h11_impl
    cli.all_commands()
    app.all_connectors()
    app.all_triggers()
    for tool in app.all_tools():
        parameters(tool)
    vars(migrations)["_statements"]("sqlite")
    ChatCompletionChunk.model_rebuild()
    told = vars(routing)["_extract_endpoint_context"]
    for face in (*server.NOUNS, *server.PAGES):
        for route in face.router.routes:
            if isinstance(route, routing.APIRoute):
                assert route.dependant
                told(route.endpoint)


if __name__ == "__main__":
    try:
        _serve(socket.socket(fileno=int(sys.argv[1])))
    finally:
        shutil.rmtree(_model, ignore_errors=True)
