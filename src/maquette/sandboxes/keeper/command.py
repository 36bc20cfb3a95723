"""Our side of one command in a box. What comes from inside is taken for hostile: fixed sizes, checked order."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import time
from collections.abc import Callable

from maquette.domain.errors import Refused
from maquette.kinds.sandboxes import Exit, Sink
from maquette.sandboxes.keeper import inside

CHUNK = 1 << 16
TRAILING_SECONDS = 0.1
"""How long output that is still on its way (`> >(tee log)`) is waited for once the command has ended."""
KILL_SECONDS = 4.0
"""After this the whole box is ended instead."""


class Command:
    """A command that was started: `Running`.

    `channel` and `output` are ours from here on; `give_up` ends the whole box.
    """

    def __init__(
        self, channel: socket.socket, output: int, given: int | None, sink: Sink, give_up: Callable[[], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._channel = channel
        self._output: int | None = output
        self._given = given
        self._sink: Sink | None = sink
        self._give_up = give_up
        self._pid = 0
        self._failed = (0, -1)
        self._why = ""
        self._status: int | None = None
        self._trouble: BaseException | None = None
        self._began = time.monotonic()
        self._ended = 0.0
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._exit: asyncio.Future[Exit] = self._loop.create_future()
        self._gone: asyncio.Future[None] = self._loop.create_future()
        os.set_blocking(output, False)
        channel.setblocking(False)
        self._loop.add_reader(channel, self._report)
        self._loop.add_reader(output, self._read)

    @property
    def pid(self) -> int:
        return self._pid

    @property
    def alive(self) -> bool:
        """Whether anything of it is left."""
        return not self._gone.done()

    async def started(self, program: str) -> None:
        """Returns once it runs, or was lost when it may have run; raises `Refused` where it can't."""
        await asyncio.shield(self._started)
        if self._failed[1] >= 0:
            raise refusal(*self._failed, program)

    async def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            if self._given is None:
                raise Refused("The command's standard input is closed.", code="stdin-closed")
            try:
                view = view[os.write(self._given, view) :]
            except BlockingIOError:
                await self._writable(self._given)
            except BrokenPipeError:
                await self.close_stdin()

    async def _writable(self, descriptor: int) -> None:
        ready: asyncio.Future[None] = self._loop.create_future()

        def wake(_: object = None) -> None:
            if not ready.done():
                ready.set_result(None)

        self._loop.add_writer(descriptor, wake)
        self._gone.add_done_callback(wake)
        try:
            await ready
        finally:
            self._gone.remove_done_callback(wake)
            if self._given == descriptor:
                self._loop.remove_writer(descriptor)

    async def close_stdin(self) -> None:
        self._close_given()

    def _close_given(self) -> None:
        if self._given is not None:
            self._loop.remove_writer(self._given)
            os.close(self._given)
            self._given = None

    async def wait(self) -> Exit:
        ended = await asyncio.shield(self._exit)
        if self._trouble is not None:
            raise self._trouble
        return ended

    async def kill(self) -> None:
        await self.end("stopped")

    async def end(self, why: str) -> None:
        """Ends all of it; `why` goes into its `Exit`, unless it had ended by itself before."""
        if self._gone.done():
            return
        if not self._exit.done():
            self._why = self._why or why
        with contextlib.suppress(OSError):  # where nobody listens, the end is on its way to us
            self._channel.send(b"K")
        try:
            await asyncio.wait_for(asyncio.shield(self._gone), KILL_SECONDS)
        except TimeoutError:
            self._give_up()
        await asyncio.shield(self._gone)
        await asyncio.shield(self._exit)

    def closing(self) -> None:
        """The box is about to be closed by us."""
        if not self._exit.done():
            self._why = self._why or "stopped"

    async def lost(self) -> None:
        """The keeper is no more. What was said still counts; an overseer that outlived it ends all of the command."""
        for _ in range(3):
            if not self._gone.done():
                self._report()
        if not self._gone.done():
            if not self._ended:
                self._why = self._why or "lost"
            with contextlib.suppress(OSError):
                self._channel.send(b"K")
            await asyncio.wait([self._gone], timeout=KILL_SECONDS)
        self._close()

    def when_gone(self, then: Callable[[], None]) -> None:
        self._gone.add_done_callback(lambda _: then())

    def _read(self) -> None:
        if self._output is None:
            return
        try:
            data = os.read(self._output, CHUNK)
        except BlockingIOError:
            return
        if data:
            self._give(data)
        else:
            self._close_output()

    def _give(self, data: bytes) -> None:
        if self._sink is not None and not self._exit.done():
            try:
                self._sink(data)
            except Exception as error:  # the caller's own: it gets it back from `wait`
                self._trouble = error
                self._sink = None

    def _report(self) -> None:
        try:
            message = self._channel.recv(inside.REPORT.size + 1)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if not message:
            self._close()
            return
        kind, first, second = inside.REPORT.unpack(message) if len(message) == inside.REPORT.size else (b"", 0, 0)
        if kind == b"S" and not self._started.done() and first > 0:
            self._pid = first
            self._started.set_result(None)
        elif kind == b"F" and not self._started.done():
            self._failed = first, max(0, second)
            self._started.set_result(None)
        elif kind == b"E" and self._pid and not self._ended:
            self._status = first
            self._ended = time.monotonic()
            self._loop.call_later(TRAILING_SECONDS, self._finish)
        else:
            self._give_up()

    def _close(self) -> None:
        """Nothing of it is left."""
        if self._gone.done():
            return
        self._loop.remove_reader(self._channel)
        self._channel.close()
        self._gone.set_result(None)
        self._ended = self._ended or time.monotonic()
        if not self._started.done():
            self._started.set_result(None)
        self._finish()

    def _finish(self) -> None:
        """Takes what the pipe still holds and settles how it ended."""
        if not self._exit.done():
            self._take_rest()
            ended = self._outcome()
            self._exit.set_result(ended)
            if ended.why == "lost":  # with its overseer; the box is dying, or was shot at from within
                self._give_up()
        if self._gone.done():
            self._close_output()
            self._close_given()

    def _take_rest(self) -> None:
        """At most what a pipe can hold: whoever else has its end may write for ever."""
        for _ in range(17):
            try:
                data = os.read(self._output, CHUNK) if self._output is not None else b""
            except BlockingIOError:
                return
            if not data:
                return
            self._give(data)

    def _close_output(self) -> None:
        if self._output is not None:
            self._loop.remove_reader(self._output)
            os.close(self._output)
            self._output = None

    def _outcome(self) -> Exit:
        seconds = max(0.0, self._ended - self._began)
        lives_on = not self._gone.done()
        if self._why:
            return Exit(None, seconds, self._why)
        if self._status is None:
            return Exit(None, seconds, "lost" if self._failed[1] < 0 else "")
        number = self._status & 0x7F
        if number:
            return Exit(128 + number, seconds, f"signal {number}", lives_on)
        return Exit(self._status >> 8 & 0xFF, seconds, "", lives_on)


def refusal(number: int, step: int, program: str) -> Refused:
    """Why a command could not be started, in words a model can act on."""
    if step == inside.STEP_FOLDER:
        return Refused(f"The folder to start in can't be entered ({os.strerror(number)}).", code="no-folder")
    if step == inside.STEP_OUTSIDE:
        return Refused("The folder to start in lies outside the tree.", code="outside")
    if step == inside.STEP_PROGRAM and number in (errno.ENOENT, errno.ENOTDIR):
        return Refused(f"There is no program {program!r} here.", code="no-program")
    if step == inside.STEP_PROGRAM and number == errno.E2BIG:
        return Refused("The command is too long; put the long part into a file.", code="too-long")
    if step == inside.STEP_PROGRAM:
        return Refused(f"{program!r} can't be run ({os.strerror(number)}).", code="no-program")
    return Refused(f"Too many processes run in this box ({os.strerror(number)}); end some first.", code="full")
