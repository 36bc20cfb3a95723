"""The kernel's own settings and calls, from inside a box. Tier full."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NoReturn

import pytest

from maquette.kinds.sandboxes import Box, Profile
from maquette.sandboxes.bubblewrap import SANDBOX
from seams.boxes import python, working

pytestmark = pytest.mark.anyio


@pytest.fixture
async def box(lacks: Callable[[str, str], NoReturn], tmp_path: Path) -> AsyncIterator[Box]:
    await working(SANDBOX, lacks)
    box = SANDBOX.box(Profile(root=tmp_path, writable=(tmp_path,)))
    yield box
    await box.close()


WRITTEN_BACK = """
import os, signal, stat
def late(*_): raise TimeoutError
signal.signal(signal.SIGALRM, late)
for folder, inner, names in os.walk("/proc"):
    if folder == "/proc":
        inner[:] = [name for name in inner if not name.isdigit()]
    for path in (os.path.join(folder, name) for name in names):
        signal.setitimer(signal.ITIMER_REAL, 1)
        try:
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode) and mode & 0o222:
                with open(path, "rb", 0) as file:
                    held = file.read(4096)
                with open(path, "wb", 0) as file:
                    file.write(held or b"\\n")
                print("BAD", path)
        except OSError:
            pass
signal.setitimer(signal.ITIMER_REAL, 0)
print("looked" if os.access("/proc/sys/kernel/core_pattern", os.R_OK) else "")
"""


async def test_e6_the_kernels_settings_can_not_be_changed(box: Box):
    """E6, E14: not even by who is root outside, whom the kernel asks for no capability. Each would get what it has."""
    came = await python(box, WRITTEN_BACK)
    assert "BAD" not in came.text
    assert "looked" in came.text


INT80 = """
import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=7)
code.write(bytes([0xB8, {number}, 0, 0, 0, 0xCD, 0x80, 0xC3]))
print("BAD", ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))())
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64: run it there")
@pytest.mark.parametrize("number", [20, 26, 21], ids=["getpid", "ptrace", "mount"])
async def test_e7_calls_through_the_table_of_32_bit_programs_end_the_program(box: Box, number: int):
    came = await python(box, INT80.format(number=number))
    assert came.why == "signal 31"
    assert "BAD" not in came.text
