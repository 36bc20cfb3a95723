"""The processes in a box: hearing when one has ended, finding those beneath us, ending them. Runs inside."""
# ruff: noqa: SIM105 - pathlib and contextlib would take longer to load than all of this

from __future__ import annotations

from time import monotonic, sleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    import signal
    from collections.abc import Callable
else:
    import _signal as signal  # `signal` itself loads `enum`: 5 ms
    import posix as os  # `os` itself makes a class for each sort of collection: 2 ms


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


def beneath() -> dict[int, str]:
    """Our living descendants, and their states."""
    children: dict[int, list[int]] = {}
    processes = parents()
    for pid, (parent, _) in processes.items():
        children.setdefault(parent, []).append(pid)
    found: dict[int, str] = {}
    waiting = [os.getpid()]
    while waiting:
        for pid in children.get(waiting.pop(), ()):
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


def slay(reap: Callable[[], object]) -> None:
    """Ends what is beneath us. First all is stopped, so that nothing can fork away meanwhile."""
    until = monotonic() + 5
    pause = 0.0
    while monotonic() < until:
        found = beneath()
        if not found:
            return
        running = {pid: state for pid, state in found.items() if state not in "Tt"}
        if running:
            send_signal(running, signal.SIGSTOP)
            again = beneath()
            if any(pid not in found for pid in again):
                continue
            found = again
        send_signal(found, signal.SIGKILL)
        reap()
        sleep(pause)
        pause = min(2 * pause + 0.001, 0.1)
