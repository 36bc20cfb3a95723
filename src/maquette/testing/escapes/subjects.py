"""What the attempts are run through: our sandboxes, and `codex sandbox` where it is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import anyio
import anyio.to_thread

from maquette.domain.ids import new_id
from maquette.domain.projects import Project, ProjectKind
from maquette.domain.threads import Mode
from maquette.kinds import registry
from maquette.kinds.sandboxes import Sandbox
from maquette.testing.escapes.attempts import Attempt
from maquette.testing.escapes.ground import Ground
from maquette.workspace import Workspace

SECONDS = 30.0


class Subject(Protocol):
    """A sandbox, given one folder to write in and no network. `given` says what else, in words."""

    @property
    def name(self) -> str: ...

    @property
    def given(self) -> str: ...

    async def run(self, script: str, root: Path, ground: Ground) -> str:
        """What the script said. Everything it started has been ended, as far as this sandbox ends it."""
        ...


@dataclass(frozen=True)
class Ours:
    """As a thread that works in the person's folder has it."""

    sandbox: Sandbox
    tier: str

    @property
    def name(self) -> str:
        return f"Maquette, tier {self.tier}"

    @property
    def given(self) -> str:
        return f"the profile of a thread that works in place, by `{self.sandbox.name}`"

    async def run(self, script: str, root: Path, ground: Ground) -> str:
        project = Project(id=new_id("project"), name="ground", kind=ProjectKind.FOLDER, path=str(root))
        profile = Workspace(ground.place / "state", self.sandbox).profile(new_id("thread"), project, Mode.LOCAL)
        box, said = self.sandbox.box(profile), bytearray()
        try:
            await box.run(["bash", "-c", script], sink=said.extend, seconds=SECONDS)
        finally:
            await box.close()
        return said.decode(errors="replace")


@dataclass(frozen=True)
class Codex:
    """`codex sandbox` in its mode `workspace-write`, with neither /tmp nor $TMPDIR to write in."""

    program: str
    version: str

    @property
    def name(self) -> str:
        return self.version

    @property
    def given(self) -> str:
        return "`codex sandbox` in `workspace-write`, without `/tmp`; it may read all by default, and it was left so"

    async def run(self, script: str, root: Path, ground: Ground) -> str:
        return await anyio.to_thread.run_sync(self._run, script, root, ground)

    def _run(self, script: str, root: Path, ground: Ground) -> str:
        home = ground.place / "codex"
        home.mkdir(exist_ok=True)
        settings = (
            'sandbox_mode="workspace-write"',
            *(f"sandbox_workspace_write.{name}=true" for name in ("exclude_slash_tmp", "exclude_tmpdir_env_var")),
            "sandbox_workspace_write.network_access=false",
        )
        words = [word for setting in settings for word in ("-c", setting)]
        process = subprocess.Popen(
            [self.program, "sandbox", *words, "--", "bash", "-c", script],
            cwd=root,
            env={"PATH": os.environ["PATH"], "HOME": str(ground.place / "home"), "CODEX_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.communicate(timeout=SECONDS)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            return process.communicate()[0].decode(errors="replace")


async def subjects() -> Sequence[Subject]:
    """Those that work here, best first."""
    found: list[Subject] = []
    for sandbox in cast("list[Sandbox]", registry.members("maquette.sandboxes", "SANDBOX")):
        probe = await sandbox.probe()
        if probe.works:
            found.append(Ours(sandbox, probe.tier.value))
    found.sort(key=lambda subject: ["full", "landlock", "none"].index(subject.name.split()[-1]))
    if program := shutil.which("codex"):
        said = await anyio.run_process([program, "--version"])
        found.append(Codex(program, said.stdout.decode().strip()))
    return found


async def tried(subject: Subject, attempt: Attempt, ground: Ground) -> bool:
    """Whether it got out."""
    said = await subject.run(ground.prelude() + attempt.script, ground.plain if attempt.plain else ground.tree, ground)
    return attempt.got_out(ground, said)
