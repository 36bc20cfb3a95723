"""What processes cost: CPU and memory of a process with all its descendants, as the kernel counts them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

TICK = 1000 / os.sysconf("SC_CLK_TCK")
"""Milliseconds: how finely the kernel tells CPU time."""
PROC = Path("/proc")


def tree(roots: Iterable[int]) -> list[int]:
    """The processes of `roots` and their descendants that are alive now."""
    children: dict[int, list[int]] = {}
    for pid, fields in _stats():
        children.setdefault(int(fields[1]), []).append(pid)
    found: list[int] = []
    left = list(dict.fromkeys(roots))
    while left:
        pid = left.pop()
        if pid not in found:
            found.append(pid)
            left += children.get(pid, [])
    return found


def cpu(roots: Iterable[int]) -> float:
    """Milliseconds, user and system, of `roots`, their descendants, and those of them that have ended."""
    wanted = set(tree(roots))
    return TICK * sum(sum(map(int, fields[11:15])) for pid, fields in _stats() if pid in wanted)


def pss(roots: Iterable[int]) -> float:
    """Megabytes: what is shared counts in parts."""
    kilobytes = 0
    for pid in tree(roots):
        with suppress(OSError):
            for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kilobytes += int(line.split()[1])
    return kilobytes / 1024


def _stats() -> Iterator[tuple[int, list[str]]]:
    """Of each process what follows its name in /proc/…/stat: state, parent, …, utime, stime, cutime, cstime."""
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                yield int(folder.name), (folder / "stat").read_text().rpartition(")")[2].split()
