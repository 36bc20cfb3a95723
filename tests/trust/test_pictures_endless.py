"""E12 where attempts are looked at: what their programs say without end stays bounded."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any, cast

import pytest

from maquette.domain.explorations import Film, View
from maquette.kinds.sandboxes import Box, Exit, Sink, Tier
from maquette.workspace import pictures

pytestmark = pytest.mark.anyio
VIEW = View(name="page", path="index.html")


class Flooding:
    """A box in which whatever is run says a GB, and then `last`."""

    tier = Tier.FULL
    status = 0
    last = b"the end"

    async def start(self, _argv: object, *, sink: Sink, **_: Any) -> Flooding:
        flood = b"y\n" * 32_768
        for _number in range(1 << 14):
            sink(flood)
        sink(self.last)
        return self

    async def run(self, argv: list[str], *, sink: Sink, **more: Any) -> Exit:
        await self.start(argv, sink=sink, **more)
        return Exit(status=self.status, seconds=0)

    async def kill(self) -> None: ...


@pytest.mark.parametrize("serves", [True, False])
async def test_e12_what_an_attempt_says_without_end_while_it_is_looked_at_stays_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serves: bool
) -> None:
    monkeypatch.setattr(pictures, "PROGRAMS", (Path("/bin/sh"),))
    box = Flooding()
    box.status = 0 if serves else 1
    film = Film(path="index.html", steps=("wait 1",))
    tracemalloc.start()
    try:
        place = pictures.Place(cast("Box", box), tmp_path, tmp_path)
        seen = await pictures.take(place, [VIEW], "yes", film)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000
    if not serves:
        assert seen.pictures[0].why.endswith("the end")
