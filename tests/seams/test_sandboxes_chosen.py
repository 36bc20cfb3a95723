"""Which sandbox is taken, and what is said about the others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from maquette.domain.errors import Refused, Unavailable
from maquette.kinds.sandboxes import Profile, Tier
from maquette.sandboxes import bare, bubblewrap, tiers
from maquette.sandboxes.keeper import cgroups
from seams.boxes import sh

pytestmark = pytest.mark.anyio
BOTH = (bare.SANDBOX, bubblewrap.SANDBOX)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No program is found."""
    monkeypatch.setenv("PATH", str(tmp_path))


async def test_the_best_that_works_is_taken(lacks: Callable[[str, str], NoReturn]):
    probe = await bubblewrap.SANDBOX.probe()
    if not probe.works:
        lacks(f"bubblewrap ({probe.detail})", probe.mend)
    assert probe.tier is Tier.FULL
    assert (await tiers.best(BOTH)) is bubblewrap.SANDBOX


async def test_without_bubblewrap_commands_run_bare_and_the_command_that_mends_it_is_told(nowhere: None):
    probe = await bubblewrap.SANDBOX.probe()
    assert (probe.works, probe.mend) == (False, "sudo apt-get install bubblewrap libseccomp2")
    assert (await tiers.best(BOTH)) is bare.SANDBOX


async def test_a_box_that_cannot_be_brought_up_says_why(nowhere: None, tmp_path: Path):
    box = bubblewrap.SANDBOX.box(Profile(root=tmp_path))
    with pytest.raises(Unavailable, match="not installed"):
        await sh(box, "true")
    await box.close()


async def test_what_bubblewrap_says_when_it_fails_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho no namespaces for you >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    probe = await bubblewrap.SANDBOX.probe()
    assert not probe.works
    assert "no namespaces for you" in probe.detail
    assert not [found for place in cgroups.usable() for found in place.folder.glob("maquette-*-*") if mine(found)]


def mine(group: Path) -> bool:
    return group.name.split("-")[1] == str(os.getpid())


async def test_one_can_be_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MAQUETTE_SANDBOX", "bare")
    assert (await tiers.best(BOTH)) is bare.SANDBOX
    monkeypatch.setenv("MAQUETTE_SANDBOX", "other")
    with pytest.raises(Refused, match="bare, bubblewrap"):
        await tiers.best(BOTH)


async def test_one_that_was_named_and_does_not_work_is_not_replaced(monkeypatch: pytest.MonkeyPatch, nowhere: None):
    monkeypatch.setenv("MAQUETTE_SANDBOX", "bubblewrap")
    with pytest.raises(Refused, match="apt-get install bubblewrap"):
        await tiers.best(BOTH)


@pytest.mark.parametrize("path", ["/", "/proc/self", "relative", "/usr/../etc"])
async def test_what_must_not_be_shown_is_refused(tmp_path: Path, path: str):
    box = bubblewrap.SANDBOX.box(Profile(root=tmp_path, readable=(Path(path),)))
    with pytest.raises(Refused):
        await box.warm()
    await box.close()


async def test_a_link_that_a_box_could_turn_elsewhere_is_not_followed(tmp_path: Path):
    (tmp_path / "secret").mkdir()
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "given").symlink_to(tmp_path / "secret")
    box = bubblewrap.SANDBOX.box(Profile(root=tree, writable=(tree,), readable=(tree / "given",)))
    with pytest.raises(Refused, match="symbolic link"):
        await box.warm()
    await box.close()
