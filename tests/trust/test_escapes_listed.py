"""The attempts of `make escapes`, one row of the promises after the other. Tier full."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from maquette.sandboxes.bubblewrap import SANDBOX
from maquette.testing.escapes.attempts import ATTEMPTS
from maquette.testing.escapes.ground import ground
from maquette.testing.escapes.subjects import Ours, tried
from seams.boxes import working

pytestmark = pytest.mark.anyio
KNOWN = {"a `.git` where there was none"}
"""What gets out, as docs/reference/escapes.md says."""


@pytest.fixture
async def full(lacks: Callable[[str, str], NoReturn]) -> Ours:
    probe = await working(SANDBOX, lacks)
    return Ours(SANDBOX, probe.tier.value)


async def none_gets_out(row: str, full: Ours, where: Path) -> None:
    attempts = [attempt for attempt in ATTEMPTS if attempt.row == row]
    assert attempts
    with ground(where) as made:
        out = [attempt.name for attempt in attempts if await tried(full, attempt, made)]
    assert set(out) <= KNOWN


async def test_e1_no_attempt_to_write_outside_gets_out(full: Ours, tmp_path: Path) -> None:
    await none_gets_out("E1", full, tmp_path)


async def test_e2_no_attempt_to_read_a_secret_gets_out(full: Ours, tmp_path: Path) -> None:
    await none_gets_out("E2", full, tmp_path)


async def test_e3_no_attempt_on_git_gets_out(full: Ours, tmp_path: Path) -> None:
    await none_gets_out("E3", full, tmp_path)


async def test_e6_no_attempt_at_power_gets_out(full: Ours, tmp_path: Path) -> None:
    await none_gets_out("E6", full, tmp_path)


async def test_e7_no_attempt_on_the_kernel_gets_out(full: Ours, tmp_path: Path) -> None:
    await none_gets_out("E7", full, tmp_path)


async def test_e8_no_attempt_to_reach_a_listener_gets_out(full: Ours, tmp_path: Path) -> None:
    await none_gets_out("E8", full, tmp_path)


async def test_e10_no_attempt_on_processes_gets_out(full: Ours, tmp_path: Path) -> None:
    await none_gets_out("E10", full, tmp_path)


async def test_e11_no_attempt_to_use_up_the_machine_gets_out(full: Ours, tmp_path: Path) -> None:
    await none_gets_out("E11", full, tmp_path)


async def test_e14_no_capability_is_had(full: Ours, tmp_path: Path) -> None:
    await none_gets_out("E14", full, tmp_path)
