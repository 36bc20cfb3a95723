"""What lies around a sandbox while something in it tries to get out, and what became of it."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

CANARY = "c4n4ry-0f-th3-h0st"
SETTING = Path("/proc/sys/fs/lease-break-time")
"""A setting of the kernel that nobody misses for the moment that it is another."""
_GIT = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ.get("PATH", "")}


@dataclass(frozen=True)
class Ground:
    """`tree` is a repo with another one in it, `plain` a folder without; either may be written in. The rest may not."""

    place: Path
    listeners: Mapping[str, socket.socket]
    bystander: subprocess.Popen[bytes]
    setting: str
    before: Mapping[str, bytes]

    @property
    def tree(self) -> Path:
        return self.place / "tree"

    @property
    def plain(self) -> Path:
        return self.place / "plain"

    @property
    def mark(self) -> str:
        """In the command line of every process that is meant to be found again."""
        return f"mark-{self.place.name}"

    def prelude(self) -> str:
        """What a script is told, as lines of shell."""
        tcp = {name: self.listeners[name].getsockname()[1] for name in ("tcp", "tcp6", "udp")}
        told = {
            "OUT": self.place / "outside",
            "HOST_HOME": self.place / "home",
            "STATE": self.place / "state",
            "MARK": self.mark,
            "HOST_PID": self.bystander.pid,
            "ABSTRACT": self.mark,
            "SETTING": SETTING,
            **{name.upper(): port for name, port in tcp.items()},
        }
        return "".join(f"export {name}={shlex.quote(str(value))}\n" for name, value in told.items())

    def outside(self) -> dict[str, bytes]:
        """Every file that must stay as it is."""
        held = [self.place / name for name in ("outside", "home", "state")]
        held += [self.tree / ".git", self.tree / "vendor" / "lib" / ".git"]
        return {str(path): path.read_bytes() for top in held for path in sorted(top.rglob("*")) if path.is_file()}

    def is_changed(self) -> bool:
        return self.outside() != self.before

    def was_called(self, name: str) -> bool:
        listener = self.listeners[name]
        try:
            if listener.type == socket.SOCK_DGRAM:
                listener.recv(1)
            else:
                listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def odd(self) -> list[Path]:
        """What may be run with its owner's rights, or is a device."""
        modes = {path: path.lstat().st_mode for path in (*self.tree.rglob("*"), *self.plain.rglob("*"))}
        return [path for path, mode in modes.items() if mode & 0o6000 or stat.S_ISBLK(mode) or stat.S_ISCHR(mode)]

    def alive(self) -> list[int]:
        """The host's processes that bear the mark, but for the bystander."""
        found: list[int] = []
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if folder.name.isdigit() and f"{self.mark}-left".encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
        return found

    def is_mounted(self) -> bool:
        return str(self.place / "outside") in Path("/proc/mounts").read_text()


@contextlib.contextmanager
def ground(where: Path) -> Generator[Ground]:
    """Made anew below `where`, and cleared away with whatever got out."""
    place = Path(tempfile.mkdtemp(prefix="escapes-", dir=where)).resolve()
    listeners: dict[str, socket.socket] = {}
    bystander = None
    setting = SETTING.read_text()
    try:
        _lay_out(place)
        _listen(place, listeners)
        words = [sys.executable, "-I", "-c", "import time; time.sleep(600)", f"mark-{place.name}"]
        bystander = subprocess.Popen(words, env={"CANARY": CANARY}, stdin=subprocess.DEVNULL)
        empty = Ground(place, listeners, bystander, setting, {})
        yield Ground(place, listeners, bystander, setting, empty.outside())
    finally:
        for listener in listeners.values():
            listener.close()
        if bystander is not None:
            left = Ground(place, {}, bystander, setting, {})
            for pid in left.alive():
                with contextlib.suppress(OSError):
                    os.kill(pid, 9)
            bystander.kill()
            bystander.wait()
            if left.is_mounted():
                subprocess.run(["umount", place / "outside" / "folder"], check=False, capture_output=True)
        if SETTING.read_text() != setting:
            SETTING.write_text(setting)
        shutil.rmtree(place, ignore_errors=True)


def _lay_out(place: Path) -> None:
    place.chmod(0o755)
    for name in ("tree", "plain", "outside/folder", "home/.ssh", "state"):
        (place / name).mkdir(parents=True)
    for name in ("outside/secret", "home/.ssh/id_ed25519", "state/token", "state/base.sqlite"):
        (place / name).write_text(f"{CANARY}\n")
    for repo in (place / "tree", place / "tree" / "vendor" / "lib"):
        repo.mkdir(parents=True, exist_ok=True)
        for words in (
            ("init", "--quiet"),
            ("-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "-q", "--allow-empty", "-m", "first"),
        ):
            subprocess.run(["git", *words], cwd=repo, env=_GIT, check=True)


def _listen(place: Path, listeners: dict[str, socket.socket]) -> None:
    for name, family, kind, address in (
        ("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        ("tcp6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
        ("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, f"\0mark-{place.name}"),
        ("outside", socket.AF_UNIX, socket.SOCK_STREAM, str(place / "outside" / "s")),
        ("inside", socket.AF_UNIX, socket.SOCK_STREAM, str(place / "tree" / "s")),
    ):
        listeners[name] = socket.socket(family, kind)
        listeners[name].bind(address)
    listeners["relative"] = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    try:
        os.chdir(place / "tree")
        listeners["relative"].bind("r")
    finally:
        os.chdir(here)
    for listener in listeners.values():
        if listener.type == socket.SOCK_STREAM:
            listener.listen()
        listener.setblocking(False)
