"""What no program in a box may ask of the kernel, as a seccomp filter.

The rest is allowed: namespaces and mounts, or Landlock, decide what can be reached, this closes the ways around
them. Where a box shares the host's processes, memory and network, more is closed (`together`). Arguments of 32 bits
are compared under a mask, since the kernel ignores the upper half of the register that a filter sees.
"""

from __future__ import annotations

import errno
import functools
import os
import stat
from collections.abc import Callable, Iterator, Mapping

from maquette.domain.errors import Unavailable

LOW = 0xFFFFFFFF
REFUSED = (
    # other processes
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd"),
    # wide parts of the kernel that have been its weak spots
    *("io_uring_setup", "io_uring_enter", "io_uring_register", "bpf", "perf_event_open", "userfaultfd"),
    *("keyctl", "add_key", "request_key", "fanotify_init", "open_by_handle_at", "lookup_dcookie", "modify_ldt"),
    # what is mounted
    *("mount", "umount2", "pivot_root", "chroot", "open_tree", "open_tree_attr", "move_mount", "fsopen", "fsconfig"),
    *("fsmount", "fspick", "mount_setattr", "setns", "quotactl", "quotactl_fd"),
    # the machine
    *("swapon", "swapoff", "reboot", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module"),
    *("acct", "settimeofday", "clock_settime", "sethostname", "setdomainname", "iopl", "ioperm", "syslog", "vhangup"),
)
UNKNOWN = ("clone3", "openat2")
"""Their arguments lie in memory, where a filter can't look. Programs know what to do where they don't exist."""
NUMBERS = {"fchmodat2": 452, "setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469}
"""The same on every architecture; for a libseccomp that is older than they are."""

CLONE_NEW = (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
"""time (as a flag of unshare only), mount, cgroup, uts, ipc, user, pid, net"""
FAMILIES = {1, 2, 10}
"""UNIX, and IPv4 and IPv6 for the box's own loopback."""
UNIX = 1
JOINED = {1, 5}
"""Stream and packets in order. A pair of datagram sockets could be turned to any other."""
IOCTLS = (0x5412, 0x541C)
"""TIOCSTI, TIOCLINUX: typing into a terminal."""
MODE_AT = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "fchmodat2": 2, "creat": 1, "mknod": 1, "mknodat": 2}
OPENS = {"open": (1, 2), "openat": (2, 3)}
"""Where the flags and the mode are."""
TMPFILE = 0o20000000


SHARED = (
    # whose a file is, and what is said about it: no Landlock rule covers these, and no program needs them
    *("chown", "fchown", "lchown", "fchownat", "file_setattr"),
    # memory and queues that the host's programs share
    *("shmget", "shmat", "shmctl", "msgget", "msgsnd", "msgrcv", "msgctl", "semget", "semop", "semtimedop", "semctl"),
    *("mq_open", "mq_unlink"),
    # being told of files elsewhere; talking to a socket of someone's
    *("inotify_add_watch", "connect"),
)
ATTRIBUTES = (
    *("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "setxattrat"),
    "removexattrat",
)
OF_OTHERS = {
    **{"prlimit64": 0, "setpriority": 1, "ioprio_set": 1},
    **dict.fromkeys(("sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"), 0),
}
"""Refused unless they are about the caller: where the number of whom they are about is."""
OF_ALL = {"setpriority": 2, "ioprio_set": 3}
"""Where the first argument says that they are about all of a user's."""
ASKED = {"chmod": (-1, 0, 1, -1), "fchmod": (0, -1, 1, -1), "fchmodat": (0, 1, 2, -1), "fchmodat2": (0, 1, 2, 3)}
"""The warden does these in the caller's place, where the caller may write: no Landlock rule covers them. Which
arguments are the folder (or the file itself), the path, the mode and the flags; -1: it has none."""
SIGNALS = ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
"""Of which the warden is asked where Landlock doesn't keep signals in; the first argument says whom they are for."""
OWNERS = {"fcntl": (8, 15), "ioctl": (0x8901, 0x8902)}
"""F_SETOWN, F_SETOWN_EX, FIOSETOWN, SIOCSPGRP: whom the kernel is to signal."""


@functools.cache
def exported(rules: Callable[[], Iterator[Rule]]) -> bytes:
    """The filter as the kernel reads it. Raises `Unavailable` where libseccomp is missing."""
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError) as error:
        raise Unavailable(f"The system call filter can't be made: {error}.") from error
    made = seccomp.SyscallFilter(seccomp.ALLOW)
    for name, number, tests in rules():
        arguments = [seccomp.Arg(at, seccomp.GT if low else seccomp.MASKED_EQ, *data) for at, low, data in tests]
        action = seccomp.ERRNO(number) if number else seccomp.NOTIFY
        made.add_rule(action, NUMBERS.get(name, name), *arguments)
    descriptor = os.memfd_create("filter")
    with os.fdopen(descriptor, "r+b") as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()


def number_of(name: str) -> int:
    """A call's number on this machine; negative where it has none. Raises `Unavailable` without libseccomp."""
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError) as error:
        raise Unavailable(f"The system call filter can't be made: {error}.") from error
    return NUMBERS.get(name) or seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)


Test = tuple[int, bool, tuple[int, ...]]
"""Of one argument: its place, whether it is to be greater than a number (else equal under a mask), the numbers."""
Rule = tuple[str, int, list[Test]]
"""System call, error (0: the warden is asked), tests which must all hold."""


def has(at: int, mask: int, value: int | None = None) -> Test:
    return at, False, (mask, mask if value is None else value)


def apart() -> Iterator[Rule]:
    """For a box with namespaces of its own."""
    yield from everywhere()
    for name in ("socket", "socketpair"):
        yield name, errno.EAFNOSUPPORT, [(0, True, (max(FAMILIES),))]
        for family in set(range(max(FAMILIES))) - FAMILIES:
            yield name, errno.EAFNOSUPPORT, [has(0, LOW, family)]
    yield from modes(MODE_AT)


def together() -> Iterator[Rule]:
    """For a box that shares the host's namespaces: no socket at all, but pairs which are joined for good."""
    yield from everywhere()
    yield "socket", errno.EAFNOSUPPORT, []
    yield "socketpair", errno.EAFNOSUPPORT, [(0, True, (UNIX,))]
    yield "socketpair", errno.EAFNOSUPPORT, [has(0, LOW, 0)]
    for kind in set(range(16)) - JOINED:
        yield "socketpair", errno.EAFNOSUPPORT, [has(1, 0xF, kind)]
    for name in SHARED:
        yield name, errno.EPERM, []
    for name in ATTRIBUTES:
        yield name, errno.EOPNOTSUPP, []
    for name, at in OF_OTHERS.items():
        yield name, errno.EPERM, [(at, True, (0,))]
    for name, kind in OF_ALL.items():
        yield name, errno.EPERM, [has(0, LOW, kind)]
    for name in ASKED:
        yield name, 0, []
    yield from modes({name: at for name, at in MODE_AT.items() if name not in ASKED})


def unscoped() -> Iterator[Rule]:
    """The same, where signals aren't kept in by anything else."""
    yield from together()
    yield "pidfd_send_signal", errno.ENOSYS, []
    for name in SIGNALS:
        yield name, 0, []
    for name, numbers in OWNERS.items():
        for number in numbers:
            yield name, errno.EPERM, [has(1, LOW, number)]


def everywhere() -> Iterator[Rule]:
    for name in REFUSED:
        yield name, errno.EPERM, []
    for name in UNKNOWN:
        yield name, errno.ENOSYS, []
    for flag in CLONE_NEW:
        yield "unshare", errno.EPERM, [has(0, flag)]
        if flag != 0x80:  # a signal's number, there
            yield "clone", errno.EPERM, [has(0, flag)]
    for request in IOCTLS:
        yield "ioctl", errno.EPERM, [has(1, LOW, request)]


def modes(at: Mapping[str, int]) -> Iterator[Rule]:
    """No set-id bits: whoever owns the files outside would lend their rights. No devices."""
    for bit in (stat.S_ISUID, stat.S_ISGID):
        for name, where in at.items():
            yield name, errno.EPERM, [has(where, bit)]
        for name, (flags, mode) in OPENS.items():
            for creating in (os.O_CREAT, TMPFILE):
                yield name, errno.EPERM, [has(flags, creating), has(mode, bit)]
    for kind in (stat.S_IFCHR, stat.S_IFBLK):
        for name in ("mknod", "mknodat"):
            yield name, errno.EPERM, [has(MODE_AT[name], 0o170000, kind)]
