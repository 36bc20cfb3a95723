"""The kernel's own settings and calls, from inside a box. Tier full."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NoReturn

import pytest

from maquette.kinds.sandboxes import Box, Profile
from maquette.sandboxes.bubblewrap import SANDBOX
from seams.boxes import probed, python, sh

pytestmark = pytest.mark.anyio


@pytest.fixture
async def box(lacks: Callable[[str, str], NoReturn], tmp_path: Path) -> AsyncIterator[Box]:
    probe = await probed(SANDBOX)
    if not probe.works:
        lacks(f"bubblewrap ({probe.detail})", probe.mend)
    box = SANDBOX.box(Profile(root=tmp_path, writable=(tmp_path,)))
    yield box
    await box.close()


async def test_e6_the_kernels_settings_can_not_be_changed(box: Box):
    """E6, E14: not even by who is root outside, whom the kernel asks for no capability. Each would get what it has."""
    came = await sh(
        box,
        """
        for f in $(find /proc -path '/proc/[0-9]*' -prune -o -path /proc/self -prune -o -type f -perm /222 -print); do
            v=$(timeout 1 head -c 4096 $f 2>/dev/null) && echo "$v" 2>/dev/null > $f && echo BAD $f
        done
        test -r /proc/sys/kernel/core_pattern && echo looked
        """,
    )
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
