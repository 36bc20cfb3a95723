"""The warden: parent of a keeper that Landlock holds, itself outside. Sent over like the keeper; runs before it.

It gives up what power it has, forks, and the child goes on to become the keeper, under rules and a filter. The
warden stays to end what is left when the keeper has ended (none of it can signal the warden, or look into it), and to
be asked: Landlock has no rule for the mode of files, and an older one none for signals, so the filter lets such calls
wait for the warden. It changes modes itself, only where the box may write, and lets signals pass that stay within.
"""
# ruff: noqa: PTH101, PTH115, PTH208, SIM105 - pathlib would take longer to load than all of this

from __future__ import annotations

import _socket as socket
import ctypes
import fcntl
import os
import resource
import select
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from maquette.sandboxes.keeper.processes import drain, listen_for_children, slay

PR_SET_SECUREBITS, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER, PR_CAP_AMBIENT = 28, 24, 38, 36, 47
NO_ROOT = 0x2F
"""Being user 0 gives no power, and that stays so."""
RESTRICT_SELF = 446
NEW_LISTENER, WAIT_KILLABLE = 1 << 3, 1 << 5
RECEIVE, SEND, STILL_VALID = 0xC0502100, 0xC0182101, 0x40082102
ASKED = struct.Struct("=QIIiIQ6Q")
"""id, process, flags; the call's number, architecture, instruction, arguments"""
ANSWER = struct.Struct("=QqiI")
CONTINUE = 1
EPERM, ENAMETOOLONG = 1, 36
AT_FDCWD, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH = -100 & 0xFFFFFFFF, 0x100, 0x1000
SET_ID = 0o6000
LONGEST = 4096
OWN = ((b"/proc/self/", b"/proc/%d/"), (b"/proc/thread-self/", b"/proc/%d/"), (b"/dev/fd/", b"/proc/%d/fd/"))
"""How a process names itself, and what that is to us."""

libc = ctypes.CDLL(None, use_errno=True)

Places = tuple[int, int, int, int]


def must(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def renounce(identity: tuple[int, int] | None) -> None:
    """Becomes who commands run as, without a capability, for good.

    What the keeper imports was imported by us: who we become may not be able to read it.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc.prctl(PR_SET_SECUREBITS, NO_ROOT, 0, 0, 0)
    number = 0
    while libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0:
        number += 1
    if os.geteuid() == 0:
        os.setgroups([])
    if identity:
        os.setresgid(identity[1], identity[1], identity[1])
        os.setresuid(identity[0], identity[0], identity[0])
    libc.prctl(PR_CAP_AMBIENT, 4, 0, 0, 0)
    must(libc.capset(struct.pack("=Ii", 0x20080522, 0), bytes(24)))
    must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def hold(ruleset: int, filtering: bytes, seccomp: int) -> int:
    """Puts this process and all that it will start under the rules and the filter. Returns where the filter asks."""
    must(libc.syscall(RESTRICT_SELF, ruleset, 0))
    program = ctypes.create_string_buffer(filtering, len(filtering))
    given = struct.pack("@HP", len(filtering) // 8, ctypes.addressof(program))
    return must(libc.syscall(seccomp, 1, NEW_LISTENER | WAIT_KILLABLE, given))


def family(pid: int) -> tuple[int, int]:
    """A process's parent and its group."""
    descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    try:
        words = os.read(descriptor, 1024).rpartition(b")")[2].split()
    finally:
        os.close(descriptor)
    return int(words[1]), int(words[2])


class Warden:
    """`folders`: where the box may write. `calls`: of those that change modes, by number, where their arguments are:
    folder, path, mode, flags; or -1. `signals`: the numbers of those that send one.
    """

    def __init__(
        self, keeper: int, listener: int, folders: list[bytes], calls: dict[int, Places], signals: list[int]
    ) -> None:
        self.keeper = keeper
        self.listener = listener
        self.folders = folders
        self.calls = calls
        self.signals = signals
        self.over = False

    def serve(self) -> None:
        wake = listen_for_children()
        self.reap()
        polled = select.poll()
        polled.register(wake, select.POLLIN)
        polled.register(self.listener, select.POLLIN)
        while not self.over:
            ready = dict(polled.poll())
            if wake in ready:
                drain(wake)
                self.reap()
            asked = ready.get(self.listener, 0)
            if asked & select.POLLIN:
                self.answer()
            elif asked:
                polled.unregister(self.listener)
        slay(self.reap)

    def reap(self) -> None:
        try:
            while True:
                pid, _ = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                self.over = self.over or pid == self.keeper
        except ChildProcessError:
            self.over = True

    def answer(self) -> None:
        room = bytearray(ASKED.size)
        try:
            fcntl.ioctl(self.listener, RECEIVE, room)
        except OSError:
            return  # it has ended meanwhile
        asked, pid, _, number, _, _, *arguments = ASKED.unpack(room)
        go_on = error = 0
        try:
            if number in self.signals:
                go_on = self.within(pid, (arguments[0] & 0xFFFFFFFF ^ 1 << 31) - (1 << 31))
            else:
                self.change(asked, pid, self.calls[number], arguments)
        except OSError as failed:
            error = failed.errno or EPERM
        except (KeyError, ValueError):
            error = EPERM
        try:
            fcntl.ioctl(self.listener, SEND, ANSWER.pack(asked, 0, -error, go_on))
        except OSError:
            pass

    def within(self, pid: int, target: int) -> int:
        """Whether a signal may go on its way: nothing that it is for lies outside. Raises `OSError`."""
        if target == -1:
            raise PermissionError(EPERM, "")
        group = -target if target < 0 else 0 if target else family(pid)[1]
        found = [int(name) for name in os.listdir("/proc") if name.isdigit()] if group else [target]
        for one in found:
            try:
                above, its = family(one)
                if group and its != group:
                    continue
                while above not in (os.getpid(), 0):
                    above = family(above)[0]
            except FileNotFoundError:
                if group:
                    continue
                raise ProcessLookupError(3, "") from None
            if not above:
                raise PermissionError(EPERM, "")
        return CONTINUE

    def change(self, asked: int, pid: int, places: Places, arguments: list[int]) -> None:
        folder, _, mode, flags = (arguments[at] & 0xFFFFFFFF if at >= 0 else 0 for at in places)
        if mode & SET_ID:
            raise PermissionError(EPERM, "")
        here = places[0] < 0 or folder == AT_FDCWD
        start = b"/proc/%d/cwd" % pid if here else b"/proc/%d/fd/%d" % (pid, folder)
        name = self.read(pid, arguments[places[1]]) if places[1] >= 0 else b""
        if not name and places[1] >= 0 and not flags & AT_EMPTY_PATH:
            raise FileNotFoundError(2, "")
        if name.startswith(b"/"):
            start = b""
            for own, ours in OWN:
                if name.startswith(own):
                    name = ours % pid + name[len(own) :]
        follow = os.O_NOFOLLOW if name and flags & AT_SYMLINK_NOFOLLOW else 0
        place = os.open(start + b"/" + name if name else start, os.O_PATH | os.O_CLOEXEC | follow)
        try:
            held = os.readlink(b"/proc/self/fd/%d" % place) + b"/"
            if not any(held.startswith(within + b"/") for within in self.folders):
                raise PermissionError(EPERM, "")
            fcntl.ioctl(self.listener, STILL_VALID, struct.pack("=Q", asked))
            os.chmod(b"/proc/self/fd/%d" % place, mode & 0o1777)
        finally:
            os.close(place)

    def read(self, pid: int, address: int) -> bytes:
        memory = os.open(b"/proc/%d/mem" % pid, os.O_RDONLY | os.O_CLOEXEC)
        try:
            name, end, _ = os.pread(memory, LONGEST, address).partition(b"\0")
        finally:
            os.close(memory)
        if not end:
            raise OSError(ENAMETOOLONG, "")
        return name


def main(
    identity: tuple[int, int] | None,
    ruleset: int,
    filtering: bytes,
    seccomp: int,
    folders: list[bytes],
    calls: dict[int, Places],
    signals: list[int],
) -> None:
    """Returns in the child, which is held from then on."""
    renounce(identity)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    keeper = os.fork()
    if not keeper:
        ours.close()
        listener = hold(ruleset, filtering, seccomp)
        theirs.sendmsg([b"l"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", listener))])
        theirs.close()
        os.close(listener)
        os.close(ruleset)
        return
    try:
        kept = ours.fileno()
        os.closerange(3, kept)
        os.closerange(kept + 1, 1 << 16)
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        _, ancillary, _, _ = ours.recvmsg(1, 64)
        if ancillary:
            Warden(keeper, struct.unpack("i", ancillary[0][2])[0], folders, calls, signals).serve()
    finally:
        os._exit(0)
