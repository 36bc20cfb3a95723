"""Attempts: what it takes to set up many from one base."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from maquette.domain.projects import Project, ProjectKind
from maquette.samples.shop import make_sample
from maquette.sandboxes.bubblewrap import BubblewrapSandbox
from maquette.testing.bench.rig import Measure, Rig
from maquette.testing.bench.rows import Row
from maquette.workspace import Workspace

COUNT = 90

TAKES = Row("90 attempts set up from one base: each", "ms", "<= 50")
CPU = Row("90 attempts set up from one base: CPU each", "ms")
DISK = Row("90 attempts set up from one base: disk each, beyond its files", "MB", "<= 1")


def _set_up(rig: Rig) -> None:
    folder = rig.folder / f"attempts-{rig.name()}"
    make_sample(folder / "repo")
    asyncio.run(_made(rig, folder))


async def _made(rig: Rig, folder: Path) -> None:
    workspace = Workspace(folder / "state", BubblewrapSandbox())
    project = Project(id="project_bench", name="bench", kind=ProjectKind.REPO, path=str(folder / "repo"))
    base = await workspace.brought.base(project)
    began, before = time.perf_counter(), sum(os.times()[:4])
    for number in range(COUNT):
        await workspace.branch_off(f"thread_{number}", project, base)
    rig.add(TAKES, None, 1000 * (time.perf_counter() - began) / COUNT)
    rig.add(CPU, None, 1000 * (sum(os.times()[:4]) - before) / COUNT)
    trees = await asyncio.to_thread(_held, folder / "state" / "trees")
    files = sum(_held(path) for path in (folder / "repo").iterdir() if path.name != ".git")
    rig.add(DISK, None, (trees / COUNT - files) / 1e6)


def _held(path: Path) -> int:
    """Bytes on the disk."""
    return sum(at.lstat().st_blocks * 512 for at in (path, *path.rglob("*")))


MEASURES = (Measure((TAKES, CPU, DISK), _set_up),)
