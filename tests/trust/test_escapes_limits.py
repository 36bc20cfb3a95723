"""Using up the machine from inside a box. Tier full."""

from __future__ import annotations

import os
import resource
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NoReturn

import pytest

from maquette.kinds.sandboxes import Box, Limits, Profile
from maquette.sandboxes.bubblewrap import SANDBOX
from maquette.sandboxes.keeper import cgroups
from seams.boxes import alive, eventually, python, sh, started, working

pytestmark = pytest.mark.anyio
MB = 1 << 20
LIMITS = Limits(memory=128 * MB, processes=60, file_size=8 * MB, open_files=64, tmp=4 * MB)


@pytest.fixture
async def box(lacks: Callable[[str, str], NoReturn], tmp_path: Path) -> AsyncIterator[Box]:
    await working(SANDBOX, lacks)
    box = SANDBOX.box(Profile(root=tmp_path, writable=(tmp_path,), limits=LIMITS))
    yield box
    await box.close()


def sizes(folder: Path) -> list[int]:
    return [path.stat().st_size for path in folder.iterdir()]


def counted() -> bool:
    """Whether the number of a box's processes is limited here: the kernel exempts root, but for control groups."""
    return os.geteuid() != 0 or any("pids" in place.resources for place in cgroups.usable())


async def test_e11_a_fork_bomb_is_limited_and_ended(box: Box, lacks: Callable[[str, str], NoReturn]):
    """E11: the host's other processes go on, the box is of use again."""
    if not counted():
        lacks("control groups that root may use", "mount -t cgroup2 none /sys/fs/cgroup")
    mark = f"bomb{os.getpid()}"
    most = 0

    def full() -> bool:
        nonlocal most
        most = max(most, len(alive(mark)))
        return most >= 30

    running, _ = await started(box, f"bomb() {{ bomb {mark} | bomb {mark} & }}; bomb; exec -a {mark} sleep 1000")
    await eventually(full)
    await running.kill()
    assert most <= 60 + cgroups.OURS
    assert not alive(mark)
    assert (await sh(box, "echo on")).text == "on\n"


async def test_e11_a_bomb_out_of_time_is_ended(box: Box, lacks: Callable[[str, str], NoReturn]):
    """E11: also when it left its session."""
    if not counted():
        lacks("control groups that root may use", "mount -t cgroup2 none /sys/fs/cgroup")
    mark = f"bomb{os.getpid()}t"
    program = "import os,sys,time\nwhile True:\n  try:\n    os.fork(); os.setsid()\n  except OSError: time.sleep(0.01)"
    came = await sh(box, f"python3 -I -c '{program}' {mark}", seconds=0.5)
    assert came.why == "time"
    assert not alive(mark)


async def test_e11_processes_that_nobody_waits_for_do_not_pile_up(box: Box):
    """E11: zombies."""
    await sh(box, "for i in {1..150}; do (true &) ; done")
    came = await sh(box, "cat /proc/[0-9]*/stat")
    assert ") Z " not in came.text


async def test_e11_memory_is_limited(box: Box):
    """E11: whoever takes too much is refused or ended; the others go on."""
    bystander, heard = await started(box, "echo up; read; echo went on", stdin=None)
    await heard.until("up")
    came = await python(box, "x = []\nwhile True: x.append(b'x' * 10_000_000)")
    assert came.status != 0
    await bystander.write(b"\n")
    await heard.until("went on")


@pytest.mark.parametrize("place", ["/tmp", "$HOME", "/dev/shm", "."])
async def test_e11_no_place_can_be_filled(box: Box, tmp_path: Path, place: str):
    """E11: neither with one large file nor, where it is the host's memory, with many."""
    came = await sh(
        box,
        f"""cd {place} && head -c 9M /dev/zero > big; truncate -s 10G huge
        for i in 1 2 3 4; do head -c 2M /dev/zero > $i; done; stat -c %s * | sort -n | tail -1; du -xcm . | tail -1""",
    )
    largest, total = (int(line.split()[0]) for line in came.text.splitlines()[-2:])
    assert largest <= 8 * MB
    assert place == "." or total <= 4
    assert max(sizes(tmp_path), default=0) <= 8 * MB


async def test_e11_open_files_are_limited(box: Box):
    """E11: 64 for each process here."""
    came = await python(box, "held = []\nwhile True: held.append(open('/dev/null'))")
    assert "Too many open files" in came.text


async def test_the_system_s_own_places_cannot_be_filled(box: Box):
    came = await sh(box, "for f in / /etc /var /home /dev /usr; do head -c 1M /dev/zero > $f/big && echo BAD; done")
    assert "BAD" not in came.text


async def test_e12_a_flood_is_taken_in_while_others_are_served(box: Box):
    """E12: output is handed on as it comes, and never kept: memory stays flat."""
    seen = {"bytes": 0, "largest": 0}

    def sink(data: bytes) -> None:
        seen["bytes"] += len(data)
        seen["largest"] = max(seen["largest"], len(data))

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    flood = await box.start(["yes"], sink=sink)
    await eventually(lambda: seen["bytes"] > 100 * MB)
    assert (await sh(box, "echo served")).text == "served\n"
    await flood.kill()
    assert (await flood.wait()).why == "stopped"
    line = await box.run(["head", "-c", "100M", "/dev/zero"], sink=sink)
    assert line.status == 0
    assert seen["bytes"] >= 200 * MB
    assert seen["largest"] <= MB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


async def test_e12_a_flood_that_outlives_its_command_is_not_told_of(box: Box):
    """E12: and doesn't keep its command from ending."""
    seen = 0

    def sink(data: bytes) -> None:
        nonlocal seen
        seen += len(data)

    ended = await box.run(["bash", "-c", "yes & exit 3"], sink=sink)
    assert (ended.status, ended.lives_on) == (3, True)
    then = seen
    assert (await sh(box, "sleep 0.1; echo on")).text == "on\n"
    assert seen == then


async def test_box_leaves_no_control_group_behind(box: Box):
    await sh(box, "true")
    mine = f"maquette-{os.getpid()}-"
    there = [place.folder for place in cgroups.usable()]
    held = [found for folder in there for found in folder.glob(f"{mine}*")]
    assert len(held) == len(there)
    await box.close()
    assert not [found for folder in there for found in folder.glob(f"{mine}*")]
