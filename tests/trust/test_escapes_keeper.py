"""Attacks on what serves a box: its keeper, and what the base does for it. Tier full."""

from __future__ import annotations

import os
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from maquette.domain.errors import Refused, Unavailable
from maquette.kinds.sandboxes import Profile
from maquette.sandboxes.bubblewrap import SANDBOX
from maquette.sandboxes.keeper import box as keeping
from maquette.workspace.files import LARGEST, BeneathFiles
from seams.boxes import eventually, python, sh, started, working

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ready(lacks: Callable[[str, str], NoReturn]) -> None:
    await working(SANDBOX, lacks)


def folder(place: Path, name: str) -> Path:
    (place / name).mkdir()
    return place / name


STOP_ALL = """
import os, signal, time
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) not in (1, os.getpid()):
        os.kill(int(name), signal.SIGSTOP)
open("stopped", "w").close()
time.sleep(1000)
"""


async def test_e10_a_command_that_stops_what_would_start_the_next_one_loses_its_box(
    ready: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """E10: nobody waits for ever, nothing is left, and the next command has a new box."""
    monkeypatch.setattr(keeping, "START_SECONDS", 1.0)
    box = SANDBOX.box(Profile(root=tmp_path, writable=(tmp_path,)))
    running, _ = await started(box, f'exec {sys.executable} -I -c "$PROGRAM"', env={"PROGRAM": STOP_ALL})
    await eventually((tmp_path / "stopped").exists)
    with pytest.raises(Unavailable):
        await sh(box, "true")
    assert (await running.wait()).status is None
    assert (await sh(box, "echo anew")).text == "anew\n"
    await box.close()


FLYING = """
import socket, time
held = []
try:
    for _ in range(3000):
        held += socket.socketpair()
        for _ in range(10):
            socket.send_fds(held[-1], [b"x"], [0] * 250)
except OSError as error:
    print(error)
print("flying", flush=True)
time.sleep(1000)
"""


@pytest.mark.skipif(os.geteuid() == 0, reason="the kernel exempts root: run as an ordinary user")
async def test_e11_descriptors_on_their_way_in_one_box_keep_no_other_from_starting(ready: None, tmp_path: Path):
    """E11: the kernel counts them for a user's processes together, the base's too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, soft), hard))
    keeping.allow_descriptors.cache_clear()
    one, other = (folder(tmp_path, name) for name in ("one", "other"))
    box, neighbour = (SANDBOX.box(Profile(root=root, writable=(root,))) for root in (one, other))
    _, heard = await started(box, f'exec {sys.executable} -I -c "$PROGRAM"', env={"PROGRAM": FLYING})
    await heard.until("flying")
    assert (await sh(neighbour, "echo served")).text == "served\n"
    await box.close()
    await neighbour.close()


async def test_e8_a_listener_known_by_another_name_is_not_reached(ready: None, tmp_path: Path):
    """E8: one that was bound from its own folder, or through a link."""
    tree = folder(tmp_path, "tree")
    (tree / "run").mkdir()
    (tmp_path / "alias").symlink_to(tree)
    here = Path.cwd()
    listeners = [socket.socket(socket.AF_UNIX) for _ in range(2)]
    try:
        os.chdir(tree / "run")
        listeners[0].bind("relative.sock")
        os.chdir(here)
        listeners[1].bind(str(tmp_path / "alias" / "alias.sock"))
        for listener in listeners:
            listener.listen()
            listener.setblocking(False)
        box = SANDBOX.box(Profile(root=tree, writable=(tree,)))
        program = """
import socket
for path in ("run/relative.sock", "alias.sock"):
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        print("BAD")
    except OSError as error:
        print("no", error)
"""
        came = await python(box, program)
        await box.close()
        assert came.text.count("no [") == 2
        for listener in listeners:
            with pytest.raises(BlockingIOError):
                listener.accept()
    finally:
        os.chdir(here)
        for listener in listeners:
            listener.close()


def test_e11_a_file_that_grows_is_not_read_whole(tmp_path: Path):
    """E11: whatever its size was said to be."""
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(8 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refused) as refused:
        BeneathFiles(tmp_path).read("huge")
    assert refused.value.code == "too-big"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 3 * (LARGEST >> 10)
