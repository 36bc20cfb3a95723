"""What is tried inside a box, and what must hold on the host. Tiers full and landlock; a test of one says which."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import stat
import sys
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from maquette.kinds.sandboxes import Box, Limits, Profile, Sandbox, Tier
from maquette.sandboxes import bubblewrap
from seams.boxes import BOUND, CONTAINING, alive, eventually, names, python, sh, started, tier, working

pytestmark = pytest.mark.anyio


@pytest.fixture(params=CONTAINING, ids=tier)
async def sandbox(request: pytest.FixtureRequest, lacks: Callable[[str, str], NoReturn]) -> Sandbox:
    await working(request.param, lacks)
    return request.param


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A work tree beside something that isn't the agent's business."""
    tree = tmp_path / "tree"
    (tree / ".git" / "hooks").mkdir(parents=True)
    (tree / ".git" / "config").write_text("[core]\n")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("c4n4ry")
    (tree / "link").symlink_to("../outside/secret")
    (tree / "up").symlink_to("../outside")
    return tree


@pytest.fixture
async def box(sandbox: Sandbox, tree: Path) -> AsyncIterator[Box]:
    limits = Limits(memory=256 << 20, processes=60, file_size=8 << 20, tmp=4 << 20)
    box = sandbox.box(Profile(root=tree, writable=(tree,), masked=(tree / ".git",), limits=limits))
    yield box
    await box.close()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def home_with_a_key() -> Path:
    key = Path.home() / ".ssh" / "id_test"
    key.parent.mkdir(exist_ok=True)
    key.write_text("c4n4ry")
    return Path.home()


def odd(tree: Path) -> list[Path]:
    """What has a set-id bit, or is a device."""
    modes = {path: path.lstat().st_mode for path in tree.rglob("*")}
    return [path for path, mode in modes.items() if mode & 0o6000 or stat.S_ISBLK(mode) or stat.S_ISCHR(mode)]


async def test_e1_nothing_outside_is_written(box: Box, tree: Path):
    """E1: by link, upwards, by absolute path, by hard link, through /proc."""
    outside = tree.parent / "outside"
    before = contents(outside)
    await sh(
        box,
        f"""
        echo x > link; echo x > up/new; echo x > ../outside/secret; mkdir -p {outside}; echo x > {outside}/secret
        for root in /proc/self/root /proc/1/root /proc/1/cwd; do echo x > $root{outside}/secret; done
        ln {outside}/secret twin && echo x > twin; cp --remove-destination -r /etc/hosts {outside}/hosts
        touch /usr/here /etc/here /here /root/here; rm -rf {outside} ../outside; mv {tree} {tree}2
        """,
    )
    assert contents(outside) == before
    assert not [place for place in ("/usr", "/etc", "/") if "here" in names(Path(place))]
    assert "tree" in names(tree.parent)


async def test_e2_no_secret_is_readable(box: Box, tree: Path, tmp_path: Path):
    """E2: neither of our environment, our home, nor the host's own files."""
    home = home_with_a_key()
    os.environ["MAQUETTE_CANARY"] = "c4n4ry"
    try:
        came = await sh(
            box,
            f"""
            cat /proc/*/environ /proc/*/task/*/environ; env; cat {home}/.ssh/id_test ~/.ssh/* /proc/1/root{home}/.ssh/*
            cat {tree.parent}/outside/secret link up/secret /etc/shadow /etc/machine-id; ls -a {home} /root /home/*
            cat /proc/{os.getpid()}/environ /proc/1/fd/* /proc/*/fd/1[0-9]; grep -ra c4n4ry /run /var /mnt /srv /tmp
            """,
        )
    finally:
        del os.environ["MAQUETTE_CANARY"]
    assert "c4n4ry" not in came.text
    assert "root:x:" not in came.text


async def test_e2_the_keeper_can_t_be_looked_into(box: Box):
    """E2: neither its descriptors nor its memory; and its overseers are as closed."""
    came = await sh(
        box, "for p in 1 $PPID; do readlink -v /proc/$p/fd/0; cat /proc/$p/environ; head -c 1 /proc/$p/mem; done"
    )
    assert came.text.count("Permission denied") == 6


async def test_e3_a_masked_git_folder_stays_as_it_is(box: Box, tree: Path):
    """E3: it can be neither read, written, renamed, removed nor replaced."""
    before = contents(tree / ".git")
    came = await sh(
        box,
        """
        ls -A .git; cat .git/config; echo x > .git/config; echo x > .git/hooks/pre-commit; mkdir -p .git/hooks
        mv .git gone; rm -rf .git; rmdir .git; ln -s /tmp .git; echo 'gitdir: /tmp' > .git; echo /tmp > .git/commondir
        mv -T /tmp/other .git; umount .git; chmod 777 .git
        """,
    )
    assert contents(tree / ".git") == before
    assert "[core]" not in came.text


async def test_e6_no_power_over_the_machine_is_to_be_had(box: Box, tree: Path):
    """E6: remounting, namespaces, devices, set-id bits."""
    shutil.copy("/bin/sh", tree / "sh")
    came = await sh(
        box,
        """
        mount -o remount,rw / && echo BAD; mount -t tmpfs none /mnt && echo BAD; umount /usr && echo BAD
        unshare -Ur true && echo BAD; unshare -m true && echo BAD; unshare -n true && echo BAD
        nsenter -t 1 -a true && echo BAD; nsenter -t 1 -m true && echo BAD; chroot . ./sh -c true && echo BAD
        mknod disk b 8 0 && echo BAD; mknod null c 1 3 && echo BAD; hostname other && echo BAD
        chmod u+s sh && echo BAD; chmod g+s sh && echo BAD; chmod 4755 sh && echo BAD; install -m 6755 sh sh2
        cp --preserve=all /usr/bin/passwd passwd; su -c true && echo BAD; echo 1 > /proc/sys/kernel/sysrq && echo BAD
        echo b > /proc/sysrq-trigger && echo BAD; mkfifo ~/pipe && echo fine; true
        """,
    )
    assert "BAD" not in came.text
    assert "fine" in came.text
    assert not odd(tree)
    assert not odd(tree)


async def test_e14_there_is_no_capability_inside(box: Box):
    """E14: whoever we are outside; in tier landlock root without power is told to be root."""
    came = await sh(box, "grep -E '^Cap(Prm|Eff|Amb)|^NoNewPrivs|^Seccomp:' /proc/self/status; id -u")
    words = came.text.split()
    assert words[1:6:2] == ["0" * 16] * 3
    assert words[7:10:2] == ["1", "2"]
    assert words[-1] != "0" or box.tier is Tier.LANDLOCK


@pytest.mark.parametrize("sandbox", [bubblewrap.SANDBOX], ids=tier, indirect=True)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away: run as root")
async def test_e14_as_root_a_box_runs_as_the_owner_of_its_tree(sandbox: Sandbox, tmp_path: Path):
    """E14: so that nothing made in it belongs to root."""
    tree = tmp_path / "tree"
    tree.mkdir()
    os.chown(tree, 54321, 54322)
    (tmp_path / "roots").mkdir()
    box = sandbox.box(Profile(root=tree, writable=(tree, tmp_path / "roots")))
    came = await sh(box, f"touch made; touch {tmp_path}/roots/made; id -u; id -g; touch ~/home /tmp/tmp && echo ok")
    ambient = await sh(box, "grep -E '^Cap(Prm|Eff|Amb)' /proc/self/status /proc/1/status")
    await box.close()
    assert came.text.split()[-3:] == ["54321", "54322", "ok"]
    assert ((tree / "made").stat().st_uid, (tree / "made").stat().st_gid) == (54321, 54322)
    assert not (tmp_path / "roots" / "made").exists()
    assert {line.split()[-1] for line in ambient.text.splitlines()} == {"0" * 16}


@contextmanager
def listening(*addresses: tuple[int, object]) -> Generator[list[socket.socket]]:
    listeners: list[socket.socket] = []
    try:
        for family, address in addresses:
            listener = socket.socket(family, socket.SOCK_STREAM)
            listeners.append(listener)
            listener.bind(address)  # pyright: ignore[reportArgumentType] - an address is whatever its family takes
            listener.listen()
            listener.setblocking(False)
        yield listeners
    finally:
        for listener in listeners:
            listener.close()


def called(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


REACH = """
import json, socket, sys
for family, address in json.loads(sys.argv[1]):
    try:
        s = socket.socket(family, socket.SOCK_STREAM)
        s.settimeout(2)
        s.connect(tuple(address) if isinstance(address, list) else address)
        print("BAD", address)
    except OSError as error:
        print("no", error)
"""


async def test_e8_no_listener_of_the_host_is_reached(sandbox: Sandbox, tree: Path, tmp_path: Path):
    """E8: by TCP, IPv6, UNIX socket in the tree or outside, abstract."""
    abstract = f"\0maquette-{os.getpid()}"
    paths = [str(tree / "in.sock"), str(tmp_path / "out.sock")]
    with listening(
        (socket.AF_INET, ("127.0.0.1", 0)),
        (socket.AF_INET6, ("::1", 0)),
        (socket.AF_UNIX, abstract),
        *((socket.AF_UNIX, path) for path in paths),
    ) as listeners:
        box = sandbox.box(Profile(root=tree, writable=(tree,)))
        wanted = [(listener.family, listener.getsockname()) for listener in listeners]
        plain = [(family, abstract if isinstance(name, bytes) else name) for family, name in wanted]
        came = await box.run([sys.executable, "-I", "-c", REACH, json.dumps(plain)], sink=print, seconds=BOUND)
        await box.close()
        assert came.status == 0
        assert [called(listener) for listener in listeners] == [False] * 5


@pytest.mark.parametrize("sandbox", [bubblewrap.SANDBOX], ids=tier, indirect=True)
async def test_e8_there_is_no_network_but_the_box_s_own_loopback(box: Box):
    """E8: names aren't found, packets have nowhere to go."""
    program = """
import socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname()).close()
print("loopback ok")
for what in (
    lambda: socket.getaddrinfo("example.org", 80),
    lambda: socket.create_connection(("192.0.2.1", 80), 2),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
    lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b"x", ("2001:db8::1", 53)),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
):
    try:
        what()
        print("BAD")
    except OSError as error:
        print("no", error)
"""
    came = await python(box, program)
    assert came.text.count("no [") == 5
    assert "loopback ok" in came.text


@pytest.mark.parametrize("sandbox", [bubblewrap.SANDBOX], ids=tier, indirect=True)
async def test_e10_nothing_outside_can_be_signalled(box: Box):
    """E10: not even by signalling everything; the box comes up again for the next command."""
    mark = f"{os.getpid()}.0375"
    bystander = await asyncio.create_subprocess_exec("sleep", mark)
    try:
        running, heard = await started(box, f"setsid sleep {mark} & echo up; sleep {mark}")
        await heard.until("up")
        await sh(box, f"kill -9 {os.getpid()} {os.getppid()} {bystander.pid} 1; kill -9 1; kill -INT 1; kill -9 -1")
        assert (await running.wait()).status is None
        assert bystander.returncode is None
        await eventually(lambda: alive(f"sleep\0{mark}") == [bystander.pid])
        assert (await sh(box, "echo anew")).text == "anew\n"
    finally:
        bystander.kill()
        await bystander.wait()


async def test_masked_files_are_empty_and_stay(sandbox: Sandbox, tree: Path):
    (tree / ".env").write_text("c4n4ry")
    masked = (tree / ".env", tree / "missing", tree / ".git" / "config", tree / ".git")
    with listening((socket.AF_UNIX, str(tree / ".git" / "daemon"))):
        box = sandbox.box(Profile(root=tree, writable=(tree,), masked=masked))
        came = await sh(box, "cat .env; echo x > .env; rm -f .env; ls -A")
        await box.close()
    assert came.status == 0
    assert "c4n4ry" not in came.text
    assert (tree / ".env").read_text() == "c4n4ry"
    assert names(tree) == [".env", ".git", "link", "up"]


async def test_what_is_readable_is_not_writable(sandbox: Sandbox, tree: Path):
    (tree / "given").mkdir()
    outside = tree.parent / "outside"
    box = sandbox.box(Profile(root=tree, writable=(tree,), readable=(outside, tree / "given")))
    came = await sh(box, f"cat {outside}/secret; echo x > {outside}/secret; echo x > given/new; echo x > {outside}/new")
    await box.close()
    assert came.text.startswith("c4n4ry")
    assert names(outside) == ["secret"]
    assert not names(tree / "given")
