"""Calls to the kernel that a box must not be able to make. Tiers full and landlock."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NoReturn

import pytest

from maquette.kinds.sandboxes import Box, Profile, Sandbox
from seams.boxes import CONTAINING, python, tier, working

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64: run it there"),
]


@pytest.fixture(params=CONTAINING, ids=tier)
async def sandbox(request: pytest.FixtureRequest, lacks: Callable[[str, str], NoReturn]) -> Sandbox:
    await working(request.param, lacks)
    return request.param


@pytest.fixture
async def box(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Box]:
    box = sandbox.box(Profile(root=tmp_path, writable=(tmp_path,)))
    yield box
    await box.close()


def set_id(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.lstat().st_mode & (stat.S_ISUID | stat.S_ISGID)]


SET_ID = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
HIGH = 1 << 32
name = b"f"
open("f", "w").close()
d = os.open(".", os.O_RDONLY)
f = os.open("f", os.O_RDWR)
numbers = dict(chmod=90, fchmod=91, fchmodat=268, fchmodat2=452, creat=85, open=2, openat=257, mknod=133, mknodat=259)
def call(label, number, *arguments):
    result = libc.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    print(label, "BAD" if result >= 0 else os.strerror(ctypes.get_errno()))
for bits in (0o4755, 0o2755, HIGH | 0o4755):
    call("chmod", 90, name, bits)
    call("fchmod", 91, f, bits)
    call("fchmodat", 268, d, name, bits)
    call("fchmodat2", 452, d, name, bits, 0)
    call("creat", 85, b"new1", bits)
    call("open", 2, b"new2", os.O_CREAT | os.O_WRONLY, bits)
    call("openat", 257, d, b"new3", os.O_CREAT | os.O_WRONLY, bits)
    call("tmpfile", 257, d, b".", os.O_TMPFILE | os.O_WRONLY, bits)
    call("mknod", 133, b"new4", bits | 0o100000, 0)
    call("mknodat", 259, d, b"new5", bits | 0o100000, 0)
call("openat2", 437, d, b"new6", b"\\x42" + bytes(7) + (0o4755).to_bytes(8, "little") + bytes(8), 24)
call("io_uring chmod", 425, 8, bytes(120))
os.chmod("f", 0o755)
os.open("f", os.O_RDONLY)
print("ordinary ok")
"""


async def test_e14_no_call_sets_a_set_id_bit(box: Box, tmp_path: Path):
    """E14: nothing that another user of the host could run with our rights."""
    came = await python(box, SET_ID)
    assert "BAD" not in came.text
    assert "ordinary ok" in came.text
    assert len(came.text.splitlines()) == 33
    assert not set_id(tmp_path)


CALLS = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(label, number, *arguments):
    result = libc.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    error = ctypes.get_errno()
    print(label, "BAD" if result >= 0 or error not in (1, 38) else "refused")
room = bytes(4096)
call("ptrace", 101, 0, 0, 0, 0)
call("ptrace attach", 101, 16, os.getppid(), 0, 0)
call("process_vm_readv", 310, os.getppid(), room, 0, room, 0, 0)
call("process_vm_writev", 311, os.getppid(), room, 0, room, 0, 0)
call("pidfd_getfd", 438, 0, 0, 0)
call("kcmp", 312, 1, 1, 0, 0, 0)
call("io_uring_setup", 425, 8, room)
call("bpf", 321, 0, room, 72)
call("perf_event_open", 298, room, 0, -1, -1, 0)
call("userfaultfd", 323, 0)
call("keyctl", 250, 0, -3, 0)
call("add_key", 248, b"user", b"a", b"b", 1, -3)
call("request_key", 249, b"user", b"a", 0, -3)
call("clone newuser", 56, 0x10000000 | 17, 0, 0, 0, 0)
call("clone newuser high", 56, 1 << 40 | 0x10000000 | 17, 0, 0, 0, 0)
call("clone3", 435, room, 88)
call("unshare", 272, 0x10000000)
call("setns", 308, 0, 0)
call("open_tree", 428, -100, b"/", 1)
call("fsopen", 430, b"tmpfs", 0)
call("mount_setattr", 442, -100, b"/", 0, room, 32)
call("open_by_handle_at", 304, 0, room, 0)
try:
    leader, follower = os.openpty()
except OSError:
    follower = 0
for request in (0x5412, 0x541C, 1 << 32 | 0x5412, 0xFF << 40 | 0x541C):
    call("ioctl", 16, follower, request, b"x")
    call("ioctl", 16, 0, request, b"x")
"""


async def test_e7_dangerous_calls_are_refused(box: Box):
    """E7: also with bits set that only the kernel ignores."""
    came = await python(box, CALLS)
    assert came.status == 0, came.text
    assert "BAD" not in came.text
    assert came.text.count("refused") == 30


async def test_e7_programs_of_other_architectures_do_not_get_around_it(box: Box):
    """E7: a call by its number in another table ends the program."""
    x32 = "import ctypes; print('BAD', ctypes.CDLL(None).syscall(0x40000000 | 39))"
    assert "BAD" not in (await python(box, x32)).text


async def test_e8_other_kinds_of_socket_are_refused(box: Box):
    """E8: netlink, vsock, packet, Bluetooth, kernel crypto; also with bits set that the kernel ignores."""
    program = """
import ctypes, socket
libc = ctypes.CDLL(None, use_errno=True)
for family in (0, 3, 16, 17, 31, 38, 40, 44, 1 << 32 | 16, 1 << 33 | 40):
    for call in (41, 53):
        room = (ctypes.c_int * 2)()
        libc.syscall(call, ctypes.c_long(family), ctypes.c_long(2), ctypes.c_long(0), room)
        print("refused" if ctypes.get_errno() == 97 else "BAD")
        ctypes.set_errno(0)
socket.socketpair()
print("ordinary ok")
"""
    came = await python(box, program)
    assert "BAD" not in came.text
    assert "ordinary ok" in came.text
