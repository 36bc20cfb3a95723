"""The real sandbox, with something that comes before each command which is run to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from maquette.kinds.sandboxes import Tier
from seams.boxes import best

if TYPE_CHECKING:
    from maquette.kinds.sandboxes import Box, Exit, Probe, Profile, Running, Sink

Before = Callable[[Sequence[str]], Awaitable[None]]


class SteppingBox:
    def __init__(self, box: Box, before: Before) -> None:
        self._box, self._before = box, before

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
        errors: int | None = None,
    ) -> Running:
        return await self._box.start(argv, sink=sink, cwd=cwd, env=env, stdin=stdin, errors=errors)

    async def run(
        self,
        argv: Sequence[str],
        *,
        sink: Sink,
        seconds: float | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        errors: int | None = None,
    ) -> Exit:
        await self._before(argv)
        return await self._box.run(argv, sink=sink, seconds=seconds, cwd=cwd, env=env, stdin=stdin, errors=errors)

    async def close(self) -> None:
        await self._box.close()


class SteppingSandbox:
    """`before`: what comes before each command in a box, or None where nothing does."""

    name = "stepping"

    def __init__(self, before: Callable[[Profile], Before | None]) -> None:
        self._sandbox, self._before = best(), before
        self.tier = self._sandbox.tier

    async def probe(self) -> Probe:
        return await self._sandbox.probe()

    def box(self, profile: Profile) -> Box:
        box, before = self._sandbox.box(profile), self._before(profile)
        return SteppingBox(box, before) if before else box
