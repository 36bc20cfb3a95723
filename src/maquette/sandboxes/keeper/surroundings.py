"""What commands find around them, whichever the sandbox: programs, variables, limits."""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence
from pathlib import Path

from maquette.kinds.sandboxes import Limits


def python() -> str:
    """The interpreter that we run on, without the virtual environment's link to it."""
    return str(Path(sys.executable).resolve())


def search_path() -> str:
    own = dict.fromkeys(f"{prefix}/bin" for prefix in (sys.prefix, sys.base_prefix))
    return ":".join([*own, "/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"])


def variables(home: str, tmp: str, user: str) -> dict[str, str]:
    return {
        "PATH": search_path(),
        "HOME": home,
        "TMPDIR": tmp,
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "SHELL": "/bin/bash",
        "USER": user,
        "LOGNAME": user,
    }


def per_process(limits: Limits) -> Sequence[tuple[int, int]]:
    """Each process may have this much. Memory is what it can write to: address space as such costs nothing."""
    wanted = (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_DATA, limits.memory),
    )
    return [(which, value) for which, value in wanted if value is not None]
