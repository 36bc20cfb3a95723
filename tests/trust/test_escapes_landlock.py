"""What tier landlock holds in its own way, and what it doesn't: each of those is said by its probe or its page."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from maquette.domain.errors import Refused
from maquette.kinds.sandboxes import Box, Profile
from maquette.sandboxes.keeper import rulesets
from maquette.sandboxes.landlock import SANDBOX
from seams.boxes import BOUND, alive, eventually, names, python, sh, started, working

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ready(lacks: Callable[[str, str], NoReturn]) -> None:
    await working(SANDBOX, lacks)


@pytest.fixture
async def box(ready: None, tmp_path: Path) -> AsyncIterator[Box]:
    box = SANDBOX.box(Profile(root=tmp_path, writable=(tmp_path,)))
    yield box
    await box.close()


@pytest.fixture
def scoped(ready: None, lacks: Callable[[str, str], NoReturn]) -> None:
    """Else what follows would end everything that the person runs."""
    if rulesets.abi() < rulesets.SCOPED:
        lacks("a kernel whose Landlock keeps signals in", "an update to Linux 6.12")


async def test_e1_no_mode_owner_or_attribute_outside_is_changed(ready: None, tmp_path: Path):
    """E1: though Landlock has no rule for any of them. Times are, and that is said."""
    tree = tmp_path / "tree"
    (tree / "folder").mkdir(parents=True)
    (tree / "file").touch()
    (tree / "kept").touch(0o600)
    outside = tmp_path / "outside"
    outside.touch(0o600)
    (tree / "link").symlink_to(outside)
    box = SANDBOX.box(Profile(root=tree, writable=(tree,), readable=(tree / "kept", outside)))
    came = await python(
        box,
        f"""
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
folder = os.open({str(tmp_path)!r}, os.O_PATH)
os.chdir("folder")
def tried(call, *arguments, **options):
    try:
        call(*arguments, **options)
        print("BAD", call, arguments)
    except OSError:
        print("no")
outside = {str(outside)!r}
for path in (outside, "../link", "../../outside", {str(tmp_path)!r}, "/proc/self/cwd/../../outside", "../kept"):
    tried(os.chmod, path, 0o777)
    tried(os.setxattr, path, "user.x", b"x")
    tried(os.chown, path, os.getuid(), os.getgid())
tried(os.chmod, "outside", 0o777, dir_fd=folder)
tried(os.chmod, os.open("../kept", os.O_RDONLY), 0o777)
tried(os.chmod, os.open(outside, os.O_RDONLY), 0o777)
if libc.syscall(452, folder, b"outside", 0o777, 0) == 0 or libc.syscall(452, folder, b"", 0o777, 0x1000) == 0:
    print("BAD")
os.chmod("../file", 0o640)
os.chmod({str(tree / "folder")!r}, 0o711)
os.chmod(os.open("new", os.O_CREAT | os.O_RDWR), 0o604)
os.chmod(os.environ["HOME"], 0o711)
print("ordinary ok")
""",
    )
    await box.close()
    assert "BAD" not in came.text
    assert came.text.count("no\n") == 21, came.text
    assert "ordinary ok" in came.text
    assert [path.stat().st_mode & 0o777 for path in (outside, tree / "kept")] == [0o600, 0o600]
    assert [(tree / name).stat().st_mode & 0o777 for name in ("file", "folder", "folder/new")] == [0o640, 0o711, 0o604]
    assert not os.listxattr(outside)
    assert "times of your files elsewhere" in (await SANDBOX.probe()).detail


async def test_e2_no_process_of_the_host_can_be_looked_into(ready: None, tmp_path: Path):
    """E2: one of the same user is listed, with its command line, which is said; all else of it is closed."""
    bystander = await asyncio.create_subprocess_exec("sleep", "1000.0125", env={"CANARY": "c4n4ry"})
    box = SANDBOX.box(Profile(root=tmp_path, writable=(tmp_path,)))
    try:
        _, heard = await started(box, "echo up; sleep 1000")
        await heard.until("up")
        warden = next(pid for pid in alive("names['main']") if os.getpid() == parent(pid))
        came = await sh(
            box,
            f"""for p in {bystander.pid} {os.getpid()} {warden} 1; do
                for f in environ mem maps auxv syscall stack io; do head -c 1 /proc/$p/$f && echo BAD $f; done
                for l in cwd root exe fd/0; do readlink /proc/$p/$l && echo BAD $l; done
                ls /proc/$p/fd/ /proc/$p/root/ && echo BAD ls; done 2>/dev/null
                tr '\\0' ' ' < /proc/{bystander.pid}/cmdline""",
        )
    finally:
        bystander.kill()
        await bystander.wait()
        await box.close()
    assert "BAD" not in came.text
    assert "c4n4ry" not in came.text
    assert "sleep 1000.0125" in came.text
    assert "command lines can be seen" in (await SANDBOX.probe()).detail


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


async def test_e3_around_what_is_only_readable_or_masked_no_name_is_made_and_the_rest_can_be_written(
    ready: None, tmp_path: Path
):
    """E3: the folders on the way to it are given away one by one; what else they hold can be written as ever."""
    for name in ("src/deep", ".git/hooks"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("top", "src/one", ".git/config", ".git/HEAD", ".git/hooks/sample"):
        (tmp_path / name).write_text("old\n")
    git = tmp_path / ".git"
    box = SANDBOX.box(Profile(root=tmp_path, writable=(tmp_path,), readable=(git,), masked=(git / "config",)))
    said = await sh(
        box,
        """cat .git/HEAD .git/hooks/sample; cat .git/config && echo BAD; ls -A . .git
        for f in .git/config .git/HEAD .git/hooks/sample .git/hooks/new .git/index.lock new
        do echo x > $f && echo BAD; done
        rm -f .git/HEAD top && echo BAD; mv .git git && echo BAD; ln top .git/top && echo BAD
        ln .git/config src/c && echo BAD
        mv src/one .git/hooks/pre-commit && echo BAD; touch -d 2001-01-01 .git/HEAD
        echo new > top; echo new > src/two; mkdir src/three && mv src/one src/three/ && rm -r src/deep && echo fine""",
    )  # fmt: skip
    assert "BAD" not in said.text
    assert said.text.startswith("old\nold\n")
    assert "fine" in said.text
    assert names(tmp_path) == [".git", "src", "top"]
    assert (names(git), names(git / "hooks")) == (["HEAD", "config", "hooks"], ["sample"])
    assert {path.read_text() for path in git.rglob("*") if path.is_file()} == {"old\n"}
    assert ((tmp_path / "top").read_text(), names(tmp_path / "src")) == ("new\n", ["three", "two"])
    (tmp_path / "made").write_text("by a file tool\n")
    assert (await sh(box, "cat made && echo more >> made")).status == 0
    await box.close()
    assert (tmp_path / "made").read_text() == "by a file tool\nmore\n"


async def test_e7_limits_and_priorities_of_the_hosts_processes_stay(box: Box):
    """E7: though they run as the same user, and among the box's own."""
    bystander = await asyncio.create_subprocess_exec("sleep", "1000.0225")
    pid = bystander.pid

    def held() -> list[object]:
        return [resource.prlimit(pid, 7), os.getpriority(0, pid), os.sched_getaffinity(pid), os.sched_getscheduler(pid)]

    before = held()
    try:
        came = await python(
            box,
            f"""
import ctypes, os, resource
for what in (
    lambda: resource.prlimit({pid}, 7, (5, 5)),
    lambda: os.setpriority(0, {pid}, 10),
    lambda: os.setpriority(2, 0, 10),
    lambda: os.sched_setaffinity({pid}, {{0}}),
    lambda: os.sched_setscheduler({pid}, os.SCHED_BATCH, os.sched_param(0)),
):
    try:
        what()
        print("BAD")
    except OSError:
        print("no")
print("no" if ctypes.CDLL(None).syscall(251, 3, 0, 3 << 13) < 0 else "BAD")
os.setpriority(0, 0, 19)
os.sched_setaffinity(0, {{0}})
print("ordinary ok")
""",
        )
        assert (came.text.count("no\n"), "BAD" in came.text, "ordinary ok" in came.text) == (6, False, True)
        assert held() == before
    finally:
        bystander.kill()
        await bystander.wait()


async def test_e8_no_socket_is_to_be_had_but_pairs_that_are_joined_for_good(box: Box):
    """E8: TCP, UDP, UNIX; a pair that could be turned to another address."""
    came = await python(
        box,
        """
import socket
for family, kind in ((2, 1), (2, 2), (2, 3), (10, 1), (10, 2), (1, 1), (1, 2), (1, 5), (16, 3)):
    try:
        socket.socket(family, kind)
        print("BAD", family, kind)
    except OSError:
        print("no")
try:
    socket.socketpair(1, 2)
    print("BAD pair")
except OSError:
    print("no")
one, other = socket.socketpair()
other.close()
for address in ("/run/docker.sock", "\\0abstract"):
    try:
        one.connect(address)
        print("BAD", address)
    except OSError:
        print("no")
""",
    )
    assert "BAD" not in came.text
    assert came.text.count("no\n") == 12


async def test_e10_signals_stay_in_and_a_command_that_ends_its_keeper_ends_its_box(
    scoped: None, box: Box, tmp_path: Path
):
    """E10: also what the command had started elsewhere; the next command gets a new box."""
    mark = f"{os.getpid()}.0375"
    bystander = await asyncio.create_subprocess_exec("sleep", mark)
    try:
        running, heard = await started(box, f"setsid sleep {mark} & echo up; sleep {mark}")
        await heard.until("up")
        came = await sh(box, f"kill -9 {bystander.pid}; kill -9 {os.getpid()}; kill -9 1; echo tried")
        assert "tried" in came.text
        assert bystander.returncode is None
        await sh(box, "kill -9 -1")
        assert (await running.wait()).status in (None, 128 + signal.SIGKILL)
        await eventually(lambda: alive(f"sleep\0{mark}") == [bystander.pid])
        assert (await sh(box, "echo anew")).text == "anew\n"
    finally:
        bystander.kill()
        await bystander.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's process to aim at: run as root")
async def test_e10_before_landlock_kept_signals_in_the_warden_does(
    ready: None, given_away: Path, monkeypatch: pytest.MonkeyPatch
):
    """E10: a box as on an older kernel; by number, by group, to all, by thread, by descriptor, by owner."""
    monkeypatch.setattr(rulesets, "abi", lambda: 4)
    mark = f"{os.getpid()}.0675"
    bystander = await asyncio.create_subprocess_exec("sleep", mark, user=54321, group=54322, start_new_session=True)
    pid = bystander.pid
    box = SANDBOX.box(Profile(root=given_away, writable=(given_away,)))
    try:
        _, heard = await started(box, "echo up; sleep 1000")
        await heard.until("up")
        warden = next(pid for pid in alive("names['main']") if os.getpid() == parent(pid))
        came = await sh(
            box,
            f"""for who in {pid} -{pid} {warden} -{warden} -1 1; do kill -9 -- $who && echo BAD $who; done
            sleep 1000 & kill -9 $!; wait $! ; echo $?
            set -m; sleep 1000 & kill -9 -- -$!; wait $!; echo $?; kill -9 99999999 || echo none
            (trap 'echo all' TERM; kill 0; true); bash -c 'kill -9 $$'; echo $?
            timeout 0.05 sleep 10; echo $?; echo fine""",
        )
        native = await box.run(["/usr/bin/python3", "-I", "-c", AIMED, str(pid)], sink=heard)
        assert (await sh(box, "echo on")).text == "on\n"
        assert bystander.returncode is None
    finally:
        bystander.kill()
        await bystander.wait()
        await box.close()
    assert "BAD" not in came.text
    said = [line for line in came.text.splitlines() if line.isalnum()]
    assert said == ["137", "137", "none", "all", "137", "124", "fine"], came.text
    assert native.status == 0, heard.text


AIMED = """
import fcntl, os, signal, socket, sys
pid = int(sys.argv[1])
for what in (
    lambda: signal.pidfd_send_signal(os.pidfd_open(pid), 9),
    lambda: fcntl.fcntl(0, 8, pid),
    lambda: fcntl.ioctl(socket.socketpair()[0], 0x8901, pid.to_bytes(4, "little")),
):
    try:
        what()
        sys.exit(1)
    except OSError:
        pass
"""
OUTLIVED = """
import asyncio, sys
from pathlib import Path
from maquette.kinds.sandboxes import Profile
from maquette.sandboxes.landlock import SANDBOX
async def main():
    box = SANDBOX.box(Profile(root=Path(sys.argv[1])))
    words = ["bash", "-c", f"setsid sleep {sys.argv[2]} & (sleep {sys.argv[2]} &); echo $HOME; sleep {sys.argv[2]}"]
    await box.run(words, sink=lambda data: print(data.decode(), flush=True))
asyncio.run(main())
"""


async def test_e10_nothing_outlives_a_base_that_was_killed(ready: None, tmp_path: Path):
    """E10: with SIGKILL, so that it could tidy up nothing; its private folder goes when a base is next started."""
    mark = f"{os.getpid()}.0875"
    words = [sys.executable, "-c", OUTLIVED, str(tmp_path), mark]
    killed = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE)
    assert killed.stdout is not None
    own = (await asyncio.wait_for(killed.stdout.readline(), BOUND)).decode().strip()
    await eventually(lambda: len(alive(f"sleep\0{mark}")) == 3)
    killed.kill()
    await killed.wait()
    await eventually(lambda: not alive(mark) and not alive_below(killed.pid))
    await SANDBOX.probe()
    assert "/maquette-box-" in own
    assert own.rpartition("/")[2] not in names(Path(tempfile.gettempdir()))


def alive_below(pid: int) -> list[int]:
    return [found for found in alive("names['main']") if parent(found) == pid]


@pytest.fixture
def given_away() -> Iterator[Path]:
    """A tree of another user's, where they can get to it."""
    folder = Path(tempfile.mkdtemp(prefix="mq-"))
    folder.chmod(0o755)
    (folder / "tree").mkdir()
    os.chown(folder / "tree", 54321, 54322)
    yield folder / "tree"
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away: run as root")
async def test_e14_as_root_commands_run_as_the_owner_of_the_tree_if_they_can_get_there(ready: None, given_away: Path):
    """E14: what is made belongs to the owner; where they can't reach it, that is refused in words."""
    box = SANDBOX.box(Profile(root=given_away, writable=(given_away,)))
    came = await sh(box, "touch made ~/home; id -u; id -g; id -G; grep -E '^Cap' /proc/self/status; chmod 640 made")
    await box.close()
    words = came.text.split()
    assert words[:3] == ["54321", "54322", "54322"]
    assert set(words[4::2]) == {"0" * 16}
    found = (given_away / "made").stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (54321, 54322, 0o640)
    given_away.parent.chmod(0o700)
    with pytest.raises(Refused, match="can't be entered by user 54321"):
        await box.warm()
