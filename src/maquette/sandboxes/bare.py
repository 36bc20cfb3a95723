"""Tier none: commands run on the host as ourselves. For where nothing better works; each command is to be asked for.

What still holds: a clean environment with a home of its own, a session of its own, limits per process, and that
ending a command ends its whole tree (unless it takes pains to kill the keeper first).
"""

from __future__ import annotations

import getpass
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from maquette.domain.errors import MaquetteError
from maquette.kinds.sandboxes import Probe, Profile, Tier
from maquette.sandboxes.keeper import surroundings
from maquette.sandboxes.keeper.box import KeptBox, Launched, Start, tried
from maquette.sandboxes.keeper.folders import Own, clear


class Launcher:
    """Gets a keeper going as a process like any other. One for each box: `own` is its home."""

    tier = Tier.NONE
    python = surroundings.python()

    def __init__(self) -> None:
        self._own = Own()

    def roots(self, profile: Profile) -> Sequence[Path]:
        return [profile.root.resolve(), *(path.resolve() for path in (*profile.writable, *profile.readable))]

    def limits(self, profile: Profile) -> Sequence[tuple[int, int]]:
        return surroundings.per_process(profile.limits)

    def identity(self, profile: Profile) -> None:
        return None

    def environment(self, profile: Profile) -> Mapping[str, str]:
        own = str(self._own.path)
        return surroundings.variables(own, own, getpass.getuser()) | dict(profile.env)

    def launch(self, profile: Profile, start: Start) -> Launched:
        self._own.make()
        process = subprocess.Popen(
            start.argv,
            env={},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=start.errors,
            pass_fds=start.descriptors,
            start_new_session=True,
        )
        return Launched(process, self._own.remove)


class BareSandbox:
    """`Sandbox`, tier none."""

    name = "bare"
    tier = Tier.NONE

    async def probe(self) -> Probe:
        if sys.platform != "linux":
            return Probe(Tier.NONE, False, "commands are run on Linux only; use a container or a virtual machine")
        clear()
        try:
            await tried(self)
        except MaquetteError as error:
            return Probe(Tier.NONE, False, str(error))
        return Probe(Tier.NONE, True, "no containment: commands can do whatever you can")

    def box(self, profile: Profile) -> KeptBox:
        return KeptBox(Launcher(), profile)


SANDBOX = BareSandbox()
