"""The keeper: runs within a box (as process 1 where there is a process namespace) and starts commands.

It is sent over as code objects, this module's and those of `processes`, which share one namespace there. It must
stay small: the standard library only, and of that only
what loads fast (`_socket` and `_signal` in place of the modules which pull in `enum`, `_ctypes` in place of `ctypes`,
`posix` in place of `os`).

One request is one SOCK_SEQPACKET message: b"m" + marshal((argv, env, cwd, apart)), or b"f" with the same in a
file, and its descriptors: a channel, the output's writing end, standard input (or none), standard error (if it is
`apart` from the output), the file.
Each is answered by an overseer, forked before it is needed: a child subreaper, so that whatever leaves
the command's session still ends up beneath it. It reports on the command's own channel, as `REPORT`:

    S pid         started
    F errno step  could not be started (step: one of the constants below)
    E status      the command itself has ended (as from waitpid)
    end of file   nothing of it is left

and ends the whole tree when anything arrives on the channel, or when its other end is closed.
"""
# ruff: noqa: SIM105 - pathlib and contextlib would take longer to load than all of this

from __future__ import annotations

import _ctypes
import _socket as socket
import gc
import marshal
import resource
import select
import struct
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    import signal

    from maquette.sandboxes.keeper.processes import beneath, drain, listen_for_children, send_signal, slay
else:
    import _signal as signal  # `signal` itself loads `enum`: 5 ms
    import posix as os  # `os` itself makes a class for each sort of collection: 2 ms

REPORT = struct.Struct("<cii")
STATE = struct.Struct("<ci")
STEP_FOLDER, STEP_OUTSIDE, STEP_PROGRAM, STEP_FORK = range(4)
READY = b"R"
POLITE_SECONDS = 0.3
"""Between SIGTERM and SIGKILL: enough to remove a lock file."""
PATIENCE_SECONDS = 2.0
"""How long an overseer that parallel commands made necessary waits for another."""

PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
EAGAIN = 11
S_IFMT, S_IFDIR = 0o170000, 0o040000
MSG_DONTWAIT = 0x40
MSG_CMSG_CLOEXEC = 0x40000000

PRCTL = _ctypes.dlsym(_ctypes.dlopen(None, 2), "prctl")  # type: ignore[arg-type]  # None: the program itself
"""Without `ctypes` itself, which takes 4 ms to load."""

Request = tuple[list[bytes], dict[bytes, bytes], bytes, bool]
"""argv, environment, folder to start in, whether standard error has a file of its own"""
Received = tuple[bytes, list[int]]


class Command:
    """One command, seen by its overseer."""

    def __init__(self, channel: int, output: int, given: list[int], request: Request) -> None:
        self.channel = socket.socket(fileno=channel)
        self.output = output
        self.errors = given.pop() if request[3] else os.dup(output)
        self.given = given[0] if given else os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        self.request = request
        self.main = 0
        self.status: int | None = None

    def report(self, kind: bytes, first: int = 0, second: int = 0) -> None:
        try:
            self.channel.send(REPORT.pack(kind, first, second))
        except OSError:
            pass  # nobody listens any more, and then the channel's end is noticed below

    def drop(self) -> None:
        self.let_go()
        self.channel.close()

    def let_go(self) -> None:
        for descriptor in (self.output, self.errors, self.given):
            os.close(descriptor)

    def start(self, roots: list[bytes]) -> bool:
        argv, env, cwd, _ = self.request
        step = STEP_FOLDER
        try:
            os.chdir(cwd)
            step = STEP_OUTSIDE
            here = os.getcwdb() + b"/"
            if roots and not any(here.startswith(root.rstrip(b"/") + b"/") for root in roots):
                raise PermissionError(1, "outside")
            step = STEP_PROGRAM
            self.main = self.spawn(argv, env)
        except OSError as error:
            self.report(b"F", error.errno or 0, STEP_FORK if error.errno == EAGAIN else step)
            return False
        self.report(b"S", self.main)
        return True

    def spawn(self, argv: list[bytes], env: dict[bytes, bytes]) -> int:
        """By the kernel's vfork: half the cost of a fork of ours. All our own descriptors close themselves."""
        streams = (self.given, self.output, self.errors)
        actions = [(os.POSIX_SPAWN_DUP2, stream, number) for number, stream in enumerate(streams)]
        ignored = (signal.SIGPIPE, signal.SIGXFSZ)
        for place in places(argv[0], env):
            if os.access(place, os.X_OK) and os.stat(place).st_mode & S_IFMT != S_IFDIR:
                return os.posix_spawn(place, argv, env, file_actions=actions, setsid=True, setsigdef=ignored)
        raise FileNotFoundError(2, "no such program")

    def reap(self) -> bool:
        """True while anything is left."""
        left = True
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                left = False
                break
            if pid == 0:
                break
            if pid == self.main and self.status is None:
                self.status = status
        return left

    def oversee(self, wake: int) -> None:
        """Returns when nothing of it is left."""
        self.let_go()
        polled = select.poll()
        polled.register(self.channel.fileno(), select.POLLIN)
        polled.register(wake, select.POLLIN)
        told = False
        ending = 0.0
        while True:
            left = self.reap()
            if self.status is not None and not told:
                told = True
                self.report(b"E", self.status)
            if not left:
                self.channel.close()
                return
            if ending and monotonic() >= ending:
                slay(self.reap)
            ready = dict(polled.poll(max(1.0, (ending - monotonic()) * 1000) if ending else None))
            if wake in ready:
                drain(wake)
            if self.channel.fileno() in ready:
                polled.unregister(self.channel.fileno())
                found = beneath()
                send_signal(found, signal.SIGTERM)
                send_signal(found, signal.SIGCONT)
                ending = monotonic() + POLITE_SECONDS


def places(program: bytes, env: dict[bytes, bytes]) -> list[bytes]:
    if b"/" in program:
        return [program]
    return [folder + b"/" + program for folder in env.get(b"PATH", b"/usr/bin:/bin").split(b":") if folder]


class Control:
    """The host's end of the talk, shared by the keeper and its waiting overseers: who reads first has the request."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.socket = socket.socket(fileno=descriptor)

    def receive(self) -> Received | None:
        """None when another was faster; no descriptors at the end of file."""
        try:
            message, ancillary, _, _ = self.socket.recvmsg(1 << 16, 256, MSG_CMSG_CLOEXEC | MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except ConnectionError:
            return b"", []
        descriptors = list(memoryview(ancillary[0][2]).cast("i")) if ancillary else []
        if message[:1] == b"f":
            whole = descriptors.pop()
            message = b"m" + os.pread(whole, os.fstat(whole).st_size, 0)
            os.close(whole)
        return message[1:], descriptors


class Overseer:
    """Waits for a request and sees it through, again and again."""

    def __init__(self, control: Control, roots: list[bytes], tell: int, stays: bool) -> None:
        self.control = control
        self.roots = roots
        self.tell = tell
        self.patience = None if stays else PATIENCE_SECONDS * 1000

    def serve(self) -> None:
        wake = listen_for_children()
        polled = select.poll()
        polled.register(self.control.descriptor, select.POLLIN)
        while polled.poll(self.patience):
            received = self.control.receive()
            if received is None:
                continue
            message, descriptors = received
            if not descriptors:
                return
            channel, output, *given = descriptors
            command = Command(channel, output, given, marshal.loads(message))
            started = command.start(self.roots)
            os.write(self.tell, STATE.pack(b"T", os.getpid()))
            if started:
                command.oversee(wake)
            else:
                command.drop()
            os.write(self.tell, STATE.pack(b"D", os.getpid()))


class Keeper:
    """Sees to it that an overseer waits for the next request, until the other end of `control` is closed."""

    def __init__(self, control: int, roots: list[bytes]) -> None:
        self.control = Control(control)
        self.roots = roots
        self.overseers: set[int] = set()
        self.waiting: set[int] = set()
        self.stays = 0
        """The overseer that waits for ever; the others go when they have waited in vain."""
        self.heard, self.tell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        """Where an overseer writes that it has taken a request, or is done with it."""

    def serve(self) -> None:
        wake = listen_for_children()
        polled = select.poll()
        polled.register(wake, select.POLLIN)
        polled.register(self.heard, select.POLLIN)
        self.control.socket.send(READY)
        while True:
            if not self.waiting:
                self.fork()
            polled.register(self.control.descriptor, 0 if self.waiting else select.POLLIN)
            ready = dict(polled.poll())
            if self.heard in ready:
                self.listen()
            if wake in ready:
                drain(wake)
                self.reap()
            answer = ready.get(self.control.descriptor, 0)
            if answer & (select.POLLHUP | select.POLLERR):
                break
            if answer:
                self.turn_away()
        if os.getpid() != 1:  # else the kernel does it when we exit
            slay(self.reap)

    def listen(self) -> None:
        for kind, pid in STATE.iter_unpack(os.read(self.heard, STATE.size * 100)):
            if kind == b"T":
                self.waiting.discard(pid)
            elif pid in self.overseers:
                self.waiting.add(pid)

    def reap(self) -> None:
        """Also what an overseer that was killed has left to us; it is ended with the box."""
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.overseers.discard(pid)
            self.waiting.discard(pid)

    def turn_away(self) -> None:
        """Answers a request when no overseer could be forked."""
        received = self.control.receive()
        if received and received[1]:
            channel, *others = received[1]
            socket.socket(fileno=channel).send(REPORT.pack(b"F", EAGAIN, STEP_FORK))
            for descriptor in others:
                os.close(descriptor)

    def fork(self) -> None:
        stays = self.stays not in self.overseers
        try:
            pid = os.fork()
        except OSError:
            return
        if pid:
            self.overseers.add(pid)
            self.waiting.add(pid)
            self.stays = pid if stays else self.stays
            return
        try:
            hold_on()
            Overseer(self.control, self.roots, self.tell, stays).serve()
            os._exit(0)
        finally:
            os._exit(1)


def hold_on() -> None:
    """Orphans come to us; nobody of our own user may look into us."""
    for option, value in ((PR_SET_DUMPABLE, 0), (PR_SET_CHILD_SUBREAPER, 1)):
        _ctypes.call_function(PRCTL, (option, value, 0, 0, 0))


def main(control: int, roots: list[bytes], limits: list[tuple[int, int]], identity: tuple[int, int] | None) -> None:
    """`limits`: pairs of an RLIMIT and its value, for us and all below. `identity`: user and group to become."""
    if identity:
        os.setgroups([])
        os.setresgid(identity[1], identity[1], identity[1])
        os.setresuid(identity[0], identity[0], identity[0])
    os.set_inheritable(control, False)
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN if number == signal.SIGPIPE else signal.SIG_DFL)
        except (OSError, ValueError):
            continue
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for which, value in limits:
        hard = resource.getrlimit(which)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (bound, bound))
    os.umask(0o022)
    hold_on()
    gc.disable()
    gc.freeze()
    try:
        Keeper(control, roots).serve()
    finally:
        os._exit(0)
