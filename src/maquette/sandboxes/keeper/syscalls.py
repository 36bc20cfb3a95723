"""What no program in a box may ask of the kernel, as a seccomp filter.

The rest is allowed: namespaces and mounts decide what can be reached, this closes the ways around
them. Arguments of 32 bits are compared under a mask, since the kernel ignores the upper half of the register
that a filter sees.
"""

from __future__ import annotations

import errno
import functools
import os
import stat
from collections.abc import Iterator

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
NUMBERS = {"fchmodat2": 452, "open_tree_attr": 467}
"""The same on every architecture; for a libseccomp that is older than they are."""

CLONE_NEW = (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
"""time (as a flag of unshare only), mount, cgroup, uts, ipc, user, pid, net"""
FAMILIES = {1, 2, 10}
"""UNIX, and IPv4 and IPv6 for the box's own loopback."""
IOCTLS = (0x5412, 0x541C)
"""TIOCSTI, TIOCLINUX: typing into a terminal."""
MODE_AT = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "fchmodat2": 2, "creat": 1, "mknod": 1, "mknodat": 2}
OPENS = {"open": (1, 2), "openat": (2, 3)}
"""Where the flags and the mode are."""
TMPFILE = 0o20000000


@functools.cache
def exported() -> bytes:
    """The filter as the kernel reads it. Raises `Unavailable` where libseccomp is missing."""
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError) as error:
        raise Unavailable(f"The system call filter can't be made: {error}.") from error
    made = seccomp.SyscallFilter(seccomp.ALLOW)
    for name, number, tests in rules():
        arguments = [seccomp.Arg(at, seccomp.GT if low else seccomp.MASKED_EQ, *data) for at, low, data in tests]
        made.add_rule(seccomp.ERRNO(number), NUMBERS.get(name, name), *arguments)
    descriptor = os.memfd_create("filter")
    with os.fdopen(descriptor, "r+b") as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()


Test = tuple[int, bool, tuple[int, ...]]
"""Of one argument: its place, whether it is to be greater than a number (else equal under a mask), the numbers."""


def has(at: int, mask: int, value: int | None = None) -> Test:
    return at, False, (mask, mask if value is None else value)


def rules() -> Iterator[tuple[str, int, list[Test]]]:
    """System call, error, tests which must all hold."""
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
    for name in ("socket", "socketpair"):
        yield name, errno.EAFNOSUPPORT, [(0, True, (max(FAMILIES),))]
        for family in set(range(max(FAMILIES))) - FAMILIES:
            yield name, errno.EAFNOSUPPORT, [has(0, LOW, family)]
    yield from modes()


def modes() -> Iterator[tuple[str, int, list[Test]]]:
    """No set-id bits: whoever owns the files outside would lend their rights. No devices."""
    for bit in (stat.S_ISUID, stat.S_ISGID):
        for name, at in MODE_AT.items():
            yield name, errno.EPERM, [has(at, bit)]
        for name, (flags, mode) in OPENS.items():
            for creating in (os.O_CREAT, TMPFILE):
                yield name, errno.EPERM, [has(flags, creating), has(mode, bit)]
    for kind in (stat.S_IFCHR, stat.S_IFBLK):
        for name in ("mknod", "mknodat"):
            yield name, errno.EPERM, [has(MODE_AT[name], 0o170000, kind)]
