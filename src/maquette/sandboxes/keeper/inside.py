"""The keeper: runs within a box (as process 1 where there is a process namespace) and starts commands.

It is sent over as a code object and must stay small: the standard library only, and of that only
what loads fast (`_socket` and `_signal` in place of the modules which pull in `enum`).

One request is one SOCK_SEQPACKET message: b"m" + marshal((argv, env, cwd)), or b"f" with the same in a
file, and its descriptors: a channel, the output's writing end, standard input (or none), the file.
Per command an overseer is forked: a child subreaper, so that whatever leaves the command's session
still ends up beneath it. It reports on the command's own channel, as `REPORT`:

    S pid         started
    F errno step  could not be started (step: one of the constants below)
    E status      the command itself has ended (as from waitpid)
    end of file   nothing of it is left

and ends the whole tree when anything arrives on the channel, or when its other end is closed.
"""
# ruff: noqa: PTH109, PTH208, SIM105 - pathlib and contextlib would take longer to load than all of this

from __future__ import annotations

import _socket as socket
import ctypes
import gc
import marshal
import os
import resource
import select
import struct
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Callable
else:
    import _signal as signal  # `signal` itself loads `enum`: 5 ms

REPORT = struct.Struct("<cii")
STEP_FOLDER, STEP_OUTSIDE, STEP_PROGRAM, STEP_FORK = range(4)
READY = b"R"
POLITE_SECONDS = 0.3
"""Between SIGTERM and SIGKILL: enough to remove a lock file."""

PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
MSG_CMSG_CLOEXEC = 0x40000000

Request = tuple[list[bytes], dict[bytes, bytes], bytes]


def listen_for_children() -> int:
    """A descriptor that becomes readable when a child has ended."""
    readable, writable = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, notice)
    return readable


def notice(number: int, frame: object) -> None:
    """Does nothing: that there is a handler makes the descriptor above work."""


def drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, 512):
            pass
    except BlockingIOError:
        pass


def parents() -> dict[int, tuple[int, str]]:
    """Every process that is alive: its parent and its state."""
    found: dict[int, tuple[int, str]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                descriptor = os.open(f"/proc/{name}/stat", os.O_RDONLY | os.O_CLOEXEC)
            except OSError:
                continue
            try:
                words = os.read(descriptor, 1024).rpartition(b")")[2].split()
                found[int(name)] = int(words[1]), words[0].decode()
            except (OSError, IndexError):
                continue
            finally:
                os.close(descriptor)
    return found


def beneath(top: int, spared: frozenset[int]) -> dict[int, str]:
    """The living descendants of `top` and their states, leaving out those of `spared`."""
    children: dict[int, list[int]] = {}
    processes = parents()
    for pid, (parent, _) in processes.items():
        children.setdefault(parent, []).append(pid)
    found: dict[int, str] = {}
    waiting = [top]
    while waiting:
        for pid in children.get(waiting.pop(), ()):
            if pid not in spared:
                waiting.append(pid)
                if processes[pid][1] not in "ZX":
                    found[pid] = processes[pid][1]
    return found


def send_signal(pids: dict[int, str], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            pass


def slay(reap: Callable[[], object], spared: Callable[[], frozenset[int]] = frozenset) -> None:
    """Ends what is beneath us. First all is stopped, so that nothing can fork away meanwhile."""
    top = os.getpid()
    until = monotonic() + 5
    while monotonic() < until:
        found = beneath(top, spared())
        if not found:
            return
        running = {pid: state for pid, state in found.items() if state not in "Tt"}
        if running:
            send_signal(running, signal.SIGSTOP)
            again = beneath(top, spared())
            if any(pid not in found for pid in again):
                continue
            found = again
        send_signal(found, signal.SIGKILL)
        reap()


class Command:
    """One command's overseer, from the moment that it was forked."""

    def __init__(self, channel: int, output: int, given: int | None) -> None:
        self.channel = socket.socket(fileno=channel)
        self.output = output
        self.given = given
        self.main = 0
        self.status: int | None = None

    def report(self, kind: bytes, first: int = 0, second: int = 0) -> None:
        try:
            self.channel.send(REPORT.pack(kind, first, second))
        except OSError:
            pass  # nobody listens any more, and then the channel's end is noticed below

    def start(self, request: Request, roots: list[bytes]) -> bool:
        problem, tell = os.pipe2(os.O_CLOEXEC)
        try:
            self.main = os.fork()
        except OSError as error:
            self.report(b"F", error.errno or 0, STEP_FORK)
            return False
        if self.main == 0:
            self.become(request, roots, tell)
        os.close(tell)
        os.close(self.output)
        if self.given is not None:
            os.close(self.given)
        trouble = os.read(problem, 8)
        os.close(problem)
        if trouble:
            self.report(b"F", *struct.unpack("<ii", trouble))
            return False
        self.report(b"S", self.main)
        return True

    def become(self, request: Request, roots: list[bytes], tell: int) -> None:
        """In the child: turns into the command, or says why not. Never returns."""
        step = STEP_FOLDER
        number = 0
        try:
            argv, env, cwd = request
            os.setsid()
            given = os.open("/dev/null", os.O_RDONLY) if self.given is None else self.given
            os.dup2(given, 0)
            os.dup2(self.output, 1)
            os.dup2(self.output, 2)
            if tell != 3:
                tell = os.dup2(tell, 3, inheritable=False)
            os.closerange(4, 1 << 16)
            os.umask(0o022)
            os.chdir(cwd)
            step = STEP_OUTSIDE
            here = os.getcwdb() + b"/"
            if roots and not any(here.startswith(root.rstrip(b"/") + b"/") for root in roots):
                raise PermissionError(1, "outside")
            step = STEP_PROGRAM
            for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(ignored, signal.SIG_DFL)
            number = execute(argv, env)
        except OSError as error:
            number = error.errno or 5
        finally:
            os.write(tell, struct.pack("<ii", number or 5, step))
            os._exit(127)

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

    def oversee(self) -> None:
        wake = listen_for_children()
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
                return
            if ending and monotonic() >= ending:
                slay(self.reap)
            ready = dict(polled.poll(max(1.0, (ending - monotonic()) * 1000) if ending else None))
            if wake in ready:
                drain(wake)
            if self.channel.fileno() in ready:
                polled.unregister(self.channel.fileno())
                found = beneath(os.getpid(), frozenset())
                send_signal(found, signal.SIGTERM)
                send_signal(found, signal.SIGCONT)
                ending = monotonic() + POLITE_SECONDS


def execute(argv: list[bytes], env: dict[bytes, bytes]) -> int:
    """Replaces this process; returns the error's number when no place has such a program."""
    if b"/" in argv[0]:
        places = [argv[0]]
    else:
        places = [folder + b"/" + argv[0] for folder in env.get(b"PATH", b"/usr/bin:/bin").split(b":") if folder]
    worst = 2
    for place in places:
        try:
            os.execve(place, argv, env)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError as error:
            worst = error.errno or worst
    return worst


class Keeper:
    """Answers requests until the other end of `control` is closed."""

    def __init__(self, control: int, roots: list[bytes]) -> None:
        self.control = socket.socket(fileno=control)
        self.roots = roots
        self.overseers: set[int] = set()

    def serve(self) -> None:
        wake = listen_for_children()
        polled = select.poll()
        polled.register(self.control.fileno(), select.POLLIN)
        polled.register(wake, select.POLLIN)
        self.control.send(READY)
        while True:
            ready = dict(polled.poll())
            if wake in ready:
                drain(wake)
                self.bury()
            if self.control.fileno() in ready and not self.answer():
                break
        if os.getpid() != 1:  # else the kernel does it when we exit
            self.overseers.clear()
            slay(self.reap)

    def bury(self) -> None:
        """Reaps; where an overseer was killed, what it watched over has come to us and is ended."""
        if self.reap():
            slay(self.reap, lambda: frozenset(self.overseers))

    def reap(self) -> bool:
        """True if an overseer has come to a bad end."""
        murdered = False
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return murdered
            if pid == 0:
                return murdered
            if pid in self.overseers:
                self.overseers.discard(pid)
                murdered = murdered or status != 0

    def answer(self) -> bool:
        """Forks an overseer for the next request; False at the end."""
        try:
            message, ancillary, _, _ = self.control.recvmsg(1 << 16, 256, MSG_CMSG_CLOEXEC)
        except ConnectionError:
            return False
        if not message:
            return False
        descriptors = list(memoryview(ancillary[0][2]).cast("i"))
        if message[:1] == b"f":
            whole = descriptors.pop()
            message = b"m" + os.pread(whole, os.fstat(whole).st_size, 0)
            os.close(whole)
        channel, output, *given = descriptors
        try:
            pid = os.fork()
        except OSError as error:
            Command(channel, output, None).report(b"F", error.errno or 0, STEP_FORK)
            for descriptor in (output, *given):
                os.close(descriptor)
            return True
        if pid == 0:
            try:
                self.control.close()
                hold_on()
                command = Command(channel, output, given[0] if given else None)
                if command.start(marshal.loads(message[1:]), self.roots):
                    command.oversee()
                os._exit(0)
            finally:
                os._exit(1)
        self.overseers.add(pid)
        for descriptor in descriptors:
            os.close(descriptor)
        return True


def hold_on() -> None:
    """Orphans come to us; nobody of our own user may look into us."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def main(control: int, roots: list[bytes], limits: list[tuple[int, int]]) -> None:
    """`limits`: pairs of an RLIMIT and its value, for us and all below."""
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
    hold_on()
    gc.disable()
    gc.freeze()
    try:
        Keeper(control, roots).serve()
    finally:
        os._exit(0)
