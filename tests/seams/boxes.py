"""Boxes for the tests of sandboxes: what to run in them, and what came of it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from maquette.kinds.sandboxes import Box, Exit, Probe, Running, Sandbox
from maquette.sandboxes import bubblewrap, landlock, tiers

BOUND = 20.0
"""Seconds; nothing here takes as long unless it is broken."""


CONTAINING: list[Sandbox] = [bubblewrap.SANDBOX, landlock.SANDBOX]
"""Best tier first."""
CHOSEN = "TESTS_BOXED_BY"
"""The best that works here, by name: found out once, and left in this variable to processes of ours. Empty: none."""


def chosen() -> str:
    if CHOSEN not in os.environ:
        with ThreadPoolExecutor(1) as thread:  # a test of pages has a loop that runs in this one
            probes = thread.submit(asyncio.run, tiers.probed(CONTAINING)).result()
        os.environ[CHOSEN] = next((name for name, probe in probes.items() if probe.works), "")
    return os.environ[CHOSEN]


def best() -> Sandbox:
    """For a test that is marked `boxed`, or a process of one."""
    return next(sandbox for sandbox in CONTAINING if sandbox.name == chosen())


def tier(sandbox: Sandbox) -> str:
    """What tests that run in several are called after."""
    return {"bubblewrap": "full", "landlock": "landlock"}[sandbox.name]


_probes: dict[str, Probe] = {}


async def probed(sandbox: Sandbox) -> Probe:
    """What it says of this machine, tried once for all tests of this process: that takes a box."""
    if sandbox.name not in _probes:
        _probes[sandbox.name] = await sandbox.probe()
    return _probes[sandbox.name]


async def working(sandbox: Sandbox, lacks: Callable[[str, str], NoReturn]) -> Probe:
    """What it says where it works; else what would make it do so."""
    probe = await probed(sandbox)
    if not probe.works:
        lacks(f"{sandbox.name} ({probe.detail})", probe.mend)
    return probe


@dataclass
class Heard:
    """A sink that remembers, and can be waited upon."""

    data: bytearray = field(default_factory=bytearray)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, data: bytes) -> None:
        self.data += data
        self._more.set()

    @property
    def text(self) -> str:
        return self.data.decode(errors="replace")

    async def until(self, word: str) -> str:
        """Returns once `word` was heard."""
        async with asyncio.timeout(BOUND):
            while word not in self.text:
                self._more.clear()
                await self._more.wait()
        return self.text


@dataclass(frozen=True)
class Came:
    """How a command ended and what it said."""

    exit: Exit
    text: str

    @property
    def status(self) -> int | None:
        return self.exit.status

    @property
    def why(self) -> str:
        return self.exit.why


async def sh(box: Box, script: str, *, seconds: float = BOUND, **options: Any) -> Came:
    heard = Heard()
    ended = await box.run(["bash", "-c", script], sink=heard, seconds=seconds, **options)
    return Came(ended, heard.text)


async def python(box: Box, program: str, **options: Any) -> Came:
    heard = Heard()
    ended = await box.run([sys.executable, "-I", "-B", "-c", program], sink=heard, seconds=BOUND, **options)
    return Came(ended, heard.text)


async def started(box: Box, script: str, **options: Any) -> tuple[Running, Heard]:
    heard = Heard()
    return await box.start(["bash", "-c", script], sink=heard, **options), heard


def alive(mark: str) -> list[int]:
    """The host's processes whose command line holds `mark`, which must be this test's own; those in boxes too."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes()
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if mark.encode() in words and state not in "ZX":
                found.append(int(folder.name))
    return found


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def keeper() -> int:
    """The host's number for the keeper of the one box that this process has up."""
    ours = [pid for pid in alive("names['main']") if os.getpid() in forebears(pid)]
    return min(pid for pid in ours if b"python" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0])


def forebears(pid: int) -> list[int]:
    found: list[int] = []
    while pid > 1:
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
        found.append(pid)
    return found


async def eventually(true: Callable[[], bool]) -> None:
    """Looks until it is so; fails when it never is."""
    async with asyncio.timeout(BOUND):
        while not true():  # noqa: ASYNC110 - nobody sends an event about the host's processes
            await asyncio.sleep(0.005)
