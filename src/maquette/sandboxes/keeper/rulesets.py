"""Landlock, as the kernel has it: which rights there are to take away, and rules that give some back."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct

from maquette.domain.errors import Unavailable

CREATE, ADD = 444, 445
"""The numbers of the calls, on every architecture."""
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE, MAKE_DIR, MAKE_REG, MAKE_FIFO, MAKE_SYM = 1 << 4 | 1 << 5, 1 << 7, 1 << 8, 1 << 10, 1 << 12
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
"""What a rule on something other than a folder can give."""
LIST = READ_DIR
READ = EXECUTE | READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | TRUNCATE | REMOVE | MAKE_DIR | MAKE_REG | MAKE_FIFO | MAKE_SYM | REFER
"""Neither devices nor sockets are made."""
DEVICE = READ_FILE | WRITE_FILE
OLDEST = 3
SCOPED = 6
"""The first that keeps signals in."""
_PATH_BENEATH = 1
_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """Which version of Landlock this kernel speaks. Raises `Unavailable` where it is of no use, saying why."""
    version = _libc.syscall(CREATE, None, ctypes.c_size_t(0), 1)
    if version < 0:
        if ctypes.get_errno() == errno.EOPNOTSUPP:
            raise Unavailable("Landlock is switched off on this machine (the kernel's parameter lsm= leaves it out).")
        raise Unavailable("This kernel has no Landlock; Linux 6.2 and newer have what is needed.")
    if version < OLDEST:
        raise Unavailable(
            f"This kernel's Landlock (version {version}) can't keep files from being cut; Linux 6.2 and newer can."
        )
    return version


class Ruleset:
    """Takes away every right that `version` knows of; `give` gives some back. `descriptor` is the caller's to close."""

    def __init__(self, version: int) -> None:
        self._handled = (1 << (16 if version >= 5 else 15)) - 1
        network = 3 if version >= 4 else 0  # to bind and to connect, by TCP
        scopes = 3 if version >= SCOPED else 0  # abstract sockets, signals
        known = 8 if version < 4 else 16 if version < SCOPED else 24
        attributes = struct.pack("=3Q", self._handled, network, scopes)[:known]
        self.descriptor = _libc.syscall(CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
        if self.descriptor < 0:
            raise Unavailable(f"Landlock could not be set up ({os.strerror(ctypes.get_errno())}).")

    def give(self, place: int, rights: int) -> None:
        """On what the descriptor `place` stands for, and all below it."""
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= OF_FILES
        rule = struct.pack("=Qi", rights & self._handled, place)
        if _libc.syscall(ADD, self.descriptor, _PATH_BENEATH, rule, 0) < 0:
            raise Unavailable(f"A rule of Landlock could not be made ({os.strerror(ctypes.get_errno())}).")
