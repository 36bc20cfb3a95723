"""A base that whoever may see it may trace, also where the kernel lets only parents do so."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from maquette.app import main

PR_SET_PTRACER, ANYONE = 0x59616D61, ctypes.c_ulong(-1)


def serve(_words: Sequence[str]) -> int:
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANYONE, 0, 0, 0)
    return main(["serve"])
