"""Merges in a process of its own, which is killed where it is told to be.

Arguments: the state folder, the project as JSON, a thread, a commit, before which of the merge's commands to die
(counted from 0), and for how many seconds that command may run first.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from house.stepping import Before, SteppingSandbox
from maquette.domain.projects import Project
from maquette.kinds.sandboxes import Profile
from maquette.workspace import Workspace


class Death:
    """Of this process, when `left` commands have begun."""

    def __init__(self, left: int, seconds: float) -> None:
        self._left, self._seconds = left, seconds

    async def near(self, _: Sequence[str]) -> None:
        if self._left == 0:
            asyncio.get_running_loop().call_later(self._seconds, os.kill, os.getpid(), signal.SIGKILL)
            if not self._seconds:
                await asyncio.sleep(60)
        self._left -= 1


def main(words: Sequence[str]) -> None:
    asyncio.run(_merge(*words))


async def _merge(state: str, described: str, thread: str, commit: str, last: str, seconds: str) -> None:
    """Dies in a box that may write to the person's folder."""
    project = Project.model_validate_json(described)

    def before(profile: Profile) -> Before | None:
        return Death(int(last), float(seconds)).near if Path(project.path) in profile.writable else None

    await Workspace(Path(state), SteppingSandbox(before)).merge(thread, project, commit, "A merge that dies")
