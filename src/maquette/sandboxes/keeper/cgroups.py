"""Limits on memory and processes for a box as a whole, where this process may make control groups.

Version 1: a group below our own. Version 2: one beside our own, when those above us gave that away (as systemd
does for a user's services), since a group with processes in it can't share out memory among groups below it.
Whether it works is tried once, with a real process.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from maquette.kinds.sandboxes import Limits

OURS = 16
"""Processes of our own in a box: the keeper, its overseers, bubblewrap."""
ENTER = 'while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs" || exit 125; shift; done; shift; exec "$@"'
_numbers = itertools.count()


@dataclass(frozen=True)
class Place:
    """A folder to make groups in, for which resource: "memory" or "pids" (both, in version 2)."""

    folder: Path
    resources: tuple[str, ...]
    files: Mapping[str, str]
    """Where a resource's limit is written."""


V1 = {"memory": "memory.limit_in_bytes", "pids": "pids.max"}
V2 = {"memory": "memory.max", "pids": "pids.max"}


def mounted(kind: str, option: str) -> tuple[Path, str] | None:
    """Where a hierarchy is mounted, and which of its folders is."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        words, (found, _, options) = left.split(), right.split(" ", 2)
        if found == kind and (kind == "cgroup2" or option in options.split(",")):
            return Path(words[4]), words[3]
    return None


def own(kind: str, option: str) -> Path | None:
    """The folder of the group that we are in."""
    mount = mounted(kind, option)
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        number, names, group = line.split(":", 2)
        if mount and (number == "0" if kind == "cgroup2" else option in names.split(",")):
            top, shown = mount
            return top / os.path.relpath(group, shown) if Path(group).is_relative_to(shown) else top
    return None


def candidates() -> list[Place]:
    found: list[Place] = []
    for name in V1:
        folder = own("cgroup", name)
        if folder:
            found.append(Place(folder, (name,), V1))
    folder = own("cgroup2", "")
    shared = folder.parent / "cgroup.subtree_control" if folder else None
    if shared and shared.exists():
        resources = tuple(name for name in shared.read_text().split() if name in V2)
        found += [Place(shared.parent, resources, V2)] if resources else []
    return found


@dataclass(frozen=True)
class Group:
    """The groups of one box."""

    folders: tuple[Path, ...]

    def enter(self, argv: list[str]) -> list[str]:
        """The same command, which enters the groups before it becomes `argv`."""
        return ["/bin/sh", "-c", ENTER, "sh", *map(str, self.folders), "--", *argv] if self.folders else argv

    def remove(self) -> None:
        """Once all of it has ended, which the kernel may take a moment to see; whatever hasn't is ended."""
        for folder in self.folders:
            for pause in (0, 0.001, 0.01, 0.05):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    end(folder)
                    time.sleep(pause)


def end(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for pid in (folder / "cgroup.procs").read_text().split():
            if pid != "0":  # one that our process namespace doesn't show
                os.kill(int(pid), signal.SIGKILL)


def make(places: tuple[Place, ...], limits: Limits) -> Group:
    folders: list[Path] = []
    wanted = {"memory": limits.memory, "pids": None if limits.processes is None else limits.processes + OURS}
    name = f"maquette-{os.getpid()}-{next(_numbers)}"
    for place in places:
        folder = place.folder / name
        folder.mkdir()
        folders.append(folder)
        for resource in place.resources:
            value = wanted[resource]
            if value is not None:
                (folder / place.files[resource]).write_text(str(value))
    return Group(tuple(folders))


def works(place: Place) -> bool:
    group = None
    try:
        group = make((place,), Limits())
        return subprocess.run(group.enter(["true"]), capture_output=True, check=False).returncode == 0
    except OSError:
        return False
    finally:
        if group:
            group.remove()


@functools.cache
def usable() -> tuple[Place, ...]:
    """Tried for real, once. Clears away what a base that was killed has left."""
    found: list[Place] = []
    for place in candidates():
        clear(place.folder)
        if works(place):
            found.append(place)
    return tuple(found)


def clear(folder: Path) -> None:
    for left in folder.glob("maquette-*-*"):
        pid = left.name.split("-")[1]
        if pid.isdigit() and not Path("/proc", pid).exists():
            Group((left,)).remove()
