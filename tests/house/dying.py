"""Merges in a process of its own, which is killed where it is told to be.

Arguments: the state folder, the project as JSON, a thread, a commit, before which of the merge's commands to die
(counted from 0), and for how many seconds that command may run first.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from maquette.domain.projects import Project
from maquette.kinds.sandboxes import Tier
from maquette.sandboxes.bubblewrap import BubblewrapSandbox
from maquette.workspace import Workspace

if TYPE_CHECKING:
    from maquette.kinds.sandboxes import Box, Exit, Probe, Profile, Running, Sink


class DyingBox:
    """A box in which one command is the last."""

    def __init__(self, box: Box, last: int, seconds: float) -> None:
        self._box = box
        self._left = last
        self._seconds = seconds

    @property
    def tier(self) -> Tier:
        return self._box.tier

    async def warm(self) -> None:
        await self._box.warm()

    async def start(
        self,
        argv: Sequence[str],
        *,
        sink: Sink,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes | None = b"",
    ) -> Running:
        return await self._box.start(argv, sink=sink, cwd=cwd, env=env, stdin=stdin)

    async def run(
        self,
        argv: Sequence[str],
        *,
        sink: Sink,
        seconds: float | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> Exit:
        if self._left == 0:
            asyncio.get_running_loop().call_later(self._seconds, os.kill, os.getpid(), signal.SIGKILL)
            if not self._seconds:
                await asyncio.sleep(60)
        self._left -= 1
        return await self._box.run(argv, sink=sink, seconds=seconds, cwd=cwd, env=env, stdin=stdin)

    async def close(self) -> None:
        await self._box.close()


class DyingSandbox:
    """Dies in the box that may write to the person's folder."""

    name = "dying"
    tier = Tier.FULL

    def __init__(self, folder: Path, last: int, seconds: float) -> None:
        self._sandbox = BubblewrapSandbox()
        self._folder = folder
        self._last = last
        self._seconds = seconds

    async def probe(self) -> Probe:
        return await self._sandbox.probe()

    def box(self, profile: Profile) -> Box:
        box = self._sandbox.box(profile)
        return DyingBox(box, self._last, self._seconds) if self._folder in profile.writable else box


def main(words: Sequence[str]) -> None:
    asyncio.run(_merge(*words))


async def _merge(state: str, described: str, thread: str, commit: str, last: str, seconds: str) -> None:
    project = Project.model_validate_json(described)
    workspace = Workspace(Path(state), DyingSandbox(Path(project.path), int(last), float(seconds)))
    await workspace.merge(thread, project, commit, "A merge that dies")
