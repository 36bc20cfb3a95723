"""A box with a keeper in it: brought up at the first command, brought up anew when it was lost."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import marshal
import os
import resource
import signal
import socket
import struct
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import anyio

from maquette.domain.errors import Refused, Unavailable
from maquette.kinds.sandboxes import Exit, Profile, Sandbox, Sink, Tier
from maquette.sandboxes.keeper import inside, processes
from maquette.sandboxes.keeper.booting import booted, in_memory
from maquette.sandboxes.keeper.command import Command

READY_SECONDS = 15.0
START_SECONDS = 30.0
"""Whoever should start a command may have been stopped by another command of the box."""
CLOSE_SECONDS = 3.0
INLINE = 32 << 10
"""Requests larger than this travel in a file: a socket message has its bounds."""
CREDENTIALS = struct.Struct("3i")


@dataclass(frozen=True)
class Start:
    """What a keeper is started with. The descriptors are to be inherited."""

    python: str
    program: str
    """Its text."""
    descriptors: tuple[int, ...]
    errors: int
    """Where to send standard error, so that a failure can be told."""

    @property
    def argv(self) -> tuple[str, ...]:
        return (self.python, "-I", "-S", "-c", self.program)


@dataclass(frozen=True)
class Launched:
    """A keeper on its way up."""

    process: subprocess.Popen[bytes]
    """Ends when the keeper and all that was in the box have ended; but where nothing else holds them together, and the
    keeper was killed, its overseers outlive it for a moment.
    """
    release: Callable[[], None] = lambda: None
    """Gives back what the box had on the host; called once, when it has ended."""
    outdated: Callable[[], bool] = lambda: False
    """Whether a new box would show what this one can't, or hide what it shows, as far as it was asked for."""


class Launcher(Protocol):
    """How a sandbox gets a keeper going."""

    @property
    def tier(self) -> Tier: ...

    @property
    def python(self) -> str:
        """The interpreter to run the keeper with; of our own version."""
        ...

    def roots(self, profile: Profile) -> Sequence[Path]:
        """A command may start in these and below."""
        ...

    def limits(self, profile: Profile) -> Sequence[tuple[int, int]]:
        """RLIMITs and their values."""
        ...

    def identity(self, profile: Profile) -> tuple[int, int] | None:
        """The user and group that the keeper turns into, where it isn't started as them."""
        ...

    def environment(self, profile: Profile) -> Mapping[str, str]: ...

    def launch(self, profile: Profile, start: Start) -> Launched:
        """Blocks for a few milliseconds. Raises `Refused` or `Unavailable`."""
        ...


encoded = functools.lru_cache(1024)(os.fsencode)
"""Of variables: each git command has ninety, and nearly the same ones."""


@functools.cache
def allow_descriptors() -> None:
    """As many as we may. Until they are received, the kernel counts descriptors that are passed on for all processes
    of a user together: a box could hold so many that we, allowed fewer, could start nothing in any other box.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Up:
    """A box that is up: the keeper's socket, its process, and the commands in it."""

    def __init__(self, launched: Launched, control: socket.socket, keeper: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._launched = launched
        self._control = control
        self._keeper = keeper
        self._watch = os.pidfd_open(launched.process.pid)
        self._commands: set[Command] = set()
        self.up = True
        self.gone: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(control, self._heard)
        self._loop.add_reader(self._watch, self._ended)

    @property
    def outdated(self) -> bool:
        """Also free to be ended for it: nothing runs in it."""
        return not self._commands and self._launched.outdated()

    def _heard(self) -> None:
        """A keeper has nothing to say once it is up: either this is its end, or it isn't ours any more."""
        self.destroy()

    def _ended(self) -> None:
        self.destroy()
        self._loop.remove_reader(self._watch)
        os.close(self._watch)
        os.close(self._keeper)
        self._keeper = -1
        self._control.close()
        self._launched.process.wait()
        self._leaving = self._loop.create_task(self._leave())

    async def _leave(self) -> None:
        await asyncio.gather(*(command.lost() for command in self._commands))
        await self._loop.run_in_executor(None, self._launched.release)
        self.gone.set_result(None)

    def destroy(self) -> None:
        """Has the keeper end everything, and soon after the kernel, should it fail to."""
        if self.up:
            self.up = False
            self._loop.remove_reader(self._control)
            self._control.shutdown(socket.SHUT_RDWR)
            self._loop.call_later(CLOSE_SECONDS, self._kill)

    def _kill(self) -> None:
        if self._keeper >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._keeper, signal.SIGKILL)

    async def close(self) -> None:
        for command in self._commands:
            command.closing()
        self.destroy()
        await asyncio.shield(self.gone)

    async def start(
        self, request: inside.Request, stdin: bytes | None, errors: int | None, sink: Sink
    ) -> Command | None:
        """Sends a request; returns before it is known whether it could be started. None if it can't have been."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        readable, writable = os.pipe2(os.O_CLOEXEC)
        passed = [theirs.detach(), writable]
        given = None
        if stdin is None:
            end, given = os.pipe2(os.O_CLOEXEC)
            os.set_blocking(given, False)
            passed.append(end)
        elif stdin:
            passed.append(in_memory("stdin", stdin))
        if errors is not None:
            passed.append(os.dup(errors))
        command = Command(ours, readable, given, sink, self.destroy)
        self._commands.add(command)
        command.when_gone(lambda: self._commands.discard(command))
        message = b"m" + marshal.dumps(request)
        if len(message) > INLINE:
            passed.append(in_memory("request", message[1:]))
            message = b"f"
        try:
            sent = await self._send(message, passed)
        finally:
            for descriptor in passed:
                os.close(descriptor)
        return command if sent else None

    async def _send(self, message: bytes, descriptors: list[int]) -> bool:
        while self.up:
            try:
                socket.send_fds(self._control, [message], descriptors)
                return True
            except BlockingIOError:
                await asyncio.sleep(0.002)
            except OSError:
                self.destroy()
        return False


class KeptBox:
    """`Box`, by whichever launcher."""

    def __init__(self, launcher: Launcher, profile: Profile) -> None:
        self._launcher = launcher
        self._profile = profile
        self._rising: asyncio.Task[Up] | None = None
        self._environment = {os.fsencode(k): os.fsencode(v) for k, v in launcher.environment(profile).items()}

    @property
    def tier(self) -> Tier:
        return self._launcher.tier

    async def warm(self) -> None:
        await self._up()

    async def _up(self) -> Up:
        last = self._rising
        if last and last.done() and not last.cancelled() and not last.exception() and last.result().outdated:
            last.result().destroy()
        if last is None or (last.done() and (last.cancelled() or last.exception() or not last.result().up)):
            last = self._rising = asyncio.create_task(self._rise(last))
        return await asyncio.shield(last)

    async def _rise(self, last: asyncio.Task[Up] | None) -> Up:
        if last and not last.cancelled() and not last.exception():
            await asyncio.shield(last.result().gone)
        if not self._profile.root.is_dir():
            raise Refused(f"There is no folder {self._profile.root}.", code="no-folder")
        allow_descriptors()
        roots = [os.fsencode(root) for root in self._launcher.roots(self._profile)]
        limits = list(self._launcher.limits(self._profile))
        identity = self._launcher.identity(self._profile)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        ours.setblocking(False)
        text, code = booted(processes, inside, arguments=(theirs.fileno(), roots, limits, identity))
        errors = in_memory("errors", b"")
        launched = None
        try:
            start = Start(self._launcher.python, text, (theirs.fileno(), code), errors)
            launched = self._launcher.launch(self._profile, start)
            theirs.close()
            return Up(launched, ours, await self._ready(ours))
        except BaseException as error:
            ours.close()
            if launched:
                launched.process.kill()
                launched.process.wait()
                launched.release()
            if isinstance(error, (TimeoutError, OSError)):
                said = os.pread(errors, 500, 0).decode(errors="replace").strip()
                raise Unavailable(f"The sandbox could not be brought up. {said or error}".strip()) from None
            raise
        finally:
            theirs.close()
            os.close(code)
            os.close(errors)

    async def _ready(self, control: socket.socket) -> int:
        """A handle on the keeper, by the number that the kernel vouches for."""
        loop = asyncio.get_running_loop()
        heard: asyncio.Future[None] = loop.create_future()
        loop.add_reader(control, lambda: heard.done() or heard.set_result(None))
        try:
            await asyncio.wait_for(heard, READY_SECONDS)
        finally:
            loop.remove_reader(control)
        message, ancillary, _, _ = control.recvmsg(16, socket.CMSG_SPACE(CREDENTIALS.size))
        if message != inside.READY or not ancillary:
            raise ConnectionError("no keeper")
        control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        return os.pidfd_open(CREDENTIALS.unpack(ancillary[0][2])[0])

    def _request(
        self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None, apart: bool
    ) -> inside.Request:
        words = [os.fsencode(word) for word in argv]
        folder = os.path.normpath(self._profile.root / cwd) if cwd else str(self._profile.root)
        variables = self._environment | {encoded(k): encoded(v) for k, v in (env or {}).items()}
        if not words or not words[0]:
            raise Refused("There is no command to run.", code="no-program")
        if b"\0" in b"".join(itertools.chain(words, variables, variables.values(), [os.fsencode(folder)])):
            raise Refused("A command can't hold a NUL character.", code="nul")
        if any(not name or b"=" in name for name in variables):
            raise Refused("The name of an environment variable can't be empty or hold '='.", code="bad-variable")
        return words, variables, os.fsencode(folder), apart

    async def start(
        self,
        argv: Sequence[str],
        *,
        sink: Sink,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes | None = b"",
        errors: int | None = None,
    ) -> Command:
        request = self._request(argv, cwd, env, errors is not None)
        for _ in range(3):
            up = await self._up()
            command = await up.start(request, stdin, errors, sink)
            if command:
                break
        else:
            raise Unavailable("The sandbox ended each time that a command was to be started in it.")
        try:
            async with asyncio.timeout(START_SECONDS):
                await command.started(argv[0])
        except TimeoutError:
            await up.close()
            raise Unavailable(
                "The sandbox no longer answered, so it was ended; the next command has a new one."
            ) from None
        except asyncio.CancelledError:
            await self._end(command, "stopped")
            raise
        return command

    async def run(
        self,
        argv: Sequence[str],
        *,
        sink: Sink,
        seconds: float | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        errors: int | None = None,
    ) -> Exit:
        command = await self.start(argv, sink=sink, cwd=cwd, env=env, stdin=stdin, errors=errors)
        try:
            async with asyncio.timeout(seconds):
                return await command.wait()
        except TimeoutError:
            await self._end(command, "time")
            return await command.wait()
        except asyncio.CancelledError:
            await self._end(command, "stopped")
            raise

    async def _end(self, command: Command, why: str) -> None:
        """Goes on to the end though we be cancelled (again), by asyncio or by a scope of anyio's."""
        with anyio.CancelScope(shield=True):
            await asyncio.shield(asyncio.ensure_future(command.end(why)))

    async def close(self) -> None:
        if self._rising is None:
            return
        rising, self._rising = self._rising, None
        with anyio.CancelScope(shield=True):
            await asyncio.shield(asyncio.ensure_future(_down(rising)))


async def _down(rising: asyncio.Task[Up]) -> None:
    with contextlib.suppress(Unavailable, Refused):
        await (await rising).close()


async def tried(sandbox: Sandbox) -> None:
    """Runs a command in a box. Raises what the box raises, or `Unavailable`."""
    with tempfile.TemporaryDirectory(prefix="maquette-probe-") as folder:
        box = sandbox.box(Profile(root=Path(folder)))
        try:
            ended = await box.run(["true"], sink=lambda _: None, seconds=READY_SECONDS)
        finally:
            await box.close()
    if ended.status != 0:
        raise Unavailable(f"A command in a box of {sandbox.name} failed ({ended.why or ended.status}).")
