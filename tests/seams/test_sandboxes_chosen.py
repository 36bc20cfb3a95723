"""Which sandbox is taken, and what is said about the others."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from maquette.actions import doctor
from maquette.approvals.policy import why_ask
from maquette.domain.errors import Refused, Unavailable
from maquette.domain.labels import Label
from maquette.kinds.sandboxes import Profile, Tier
from maquette.kinds.tools import Effect
from maquette.sandboxes import bare, bubblewrap, landlock, tiers
from maquette.sandboxes.keeper import cgroups, rulesets
from maquette.settings import settings
from seams.boxes import sh

pytestmark = pytest.mark.anyio
ALL = (bare.SANDBOX, bubblewrap.SANDBOX, landlock.SANDBOX)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No program is found."""
    monkeypatch.setenv("PATH", str(tmp_path))


async def test_the_best_that_works_is_taken(lacks: Callable[[str, str], NoReturn]):
    probe = await bubblewrap.SANDBOX.probe()
    if not probe.works:
        lacks(f"bubblewrap ({probe.detail})", probe.mend)
    assert probe.tier is Tier.FULL
    assert (await tiers.best(ALL)) is bubblewrap.SANDBOX


async def test_without_bubblewrap_landlock_is_taken_and_what_is_weaker_and_what_mends_it_is_told(
    nowhere: None, lacks: Callable[[str, str], NoReturn]
):
    held = await landlock.SANDBOX.probe()
    if not held.works:
        lacks(f"landlock ({held.detail})", held.mend)
    mend = "sudo apt-get install bubblewrap libseccomp2"
    probe = await bubblewrap.SANDBOX.probe()
    assert (probe.works, probe.mend) == (False, mend)
    assert (await tiers.best(ALL)) is landlock.SANDBOX
    found = next(f for f in doctor.examine(settings(), [probe, held], []) if f.what == "sandbox")
    assert (found.ok, found.mend) == (False, mend)
    assert "more weakly" in found.detail
    assert "command lines can be seen" in found.detail
    assert "bubblewrap or libseccomp is not installed" in found.detail
    assert why_ask({Effect.RUNS}, tier=held.tier, label=Label()) is None


@pytest.mark.parametrize(
    ("version", "error", "told"),
    [(-1, errno.ENOSYS, "no Landlock"), (-1, errno.EOPNOTSUPP, "switched off"), (2, 0, "version 2")],
)
async def test_without_landlock_commands_run_bare_and_why_is_told(
    nowhere: None, monkeypatch: pytest.MonkeyPatch, version: int, error: int, told: str
):
    class Kernel:
        def syscall(self, *_: object) -> int:
            ctypes.set_errno(error)
            return version

    monkeypatch.setattr(rulesets, "_libc", Kernel())
    probe = await landlock.SANDBOX.probe()
    assert not probe.works
    assert told in probe.detail
    assert (await tiers.best(ALL)) is bare.SANDBOX


async def test_a_box_that_cannot_be_brought_up_says_why(nowhere: None, tmp_path: Path):
    box = bubblewrap.SANDBOX.box(Profile(root=tmp_path))
    with pytest.raises(Unavailable, match="not installed"):
        await sh(box, "true")
    await box.close()


async def test_what_bubblewrap_says_when_it_fails_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho no namespaces for you >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    before = groups()
    probe = await bubblewrap.SANDBOX.probe()
    assert not probe.works
    assert "no namespaces for you" in probe.detail
    assert groups() <= before


def groups() -> set[Path]:
    return {group for place in cgroups.usable() for group in place.folder.glob(f"maquette-{os.getpid()}-*")}


async def test_one_can_be_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MAQUETTE_SANDBOX", "bare")
    assert (await tiers.best(ALL)) is bare.SANDBOX
    monkeypatch.setenv("MAQUETTE_SANDBOX", "other")
    with pytest.raises(Refused, match="bare, bubblewrap, landlock"):
        await tiers.best(ALL)


async def test_one_that_was_named_and_does_not_work_is_not_replaced(monkeypatch: pytest.MonkeyPatch, nowhere: None):
    monkeypatch.setenv("MAQUETTE_SANDBOX", "bubblewrap")
    with pytest.raises(Refused, match="apt-get install bubblewrap"):
        await tiers.best(ALL)


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
