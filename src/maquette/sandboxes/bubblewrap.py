"""Tier full: namespaces by bubblewrap, a system call filter, limits, and no network."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from maquette.domain.errors import MaquetteError, Unavailable
from maquette.kinds.sandboxes import Probe, Profile, Tier
from maquette.sandboxes.keeper import cgroups, surroundings, syscalls
from maquette.sandboxes.keeper.booting import in_memory
from maquette.sandboxes.keeper.box import KeptBox, Launched, Start, tried
from maquette.sandboxes.keeper.views import SETTINGS, SYSTEM, Owner, check, owner, prefixes

HOME = "/home/agent"
USER = "agent"
INSTALL = "sudo apt-get install bubblewrap libseccomp2"


class View:
    """What of the host is seen inside, as bubblewrap's arguments.

    Descriptors that these name gather in `descriptors`; the caller passes and closes them.
    """

    def __init__(self, profile: Profile, owner: Owner) -> None:
        self._profile = profile
        self._owner = owner
        self.descriptors: list[int] = []

    def arguments(self) -> Iterator[str]:
        sized = ("--size", str(self._profile.limits.tmp)) if self._profile.limits.tmp else ()
        yield from self._system()
        yield from ("--proc", "/proc", "--dev", "/dev")
        for path in of_the_kernel():
            yield from ("--ro-bind", path, path)
        for folder, bits in (("/dev/shm", "1777"), ("/tmp", "1777"), (HOME, "0777" if self._owner.foreign else "0700")):
            yield from ("--perms", bits, *sized, "--tmpfs", folder)
        yield from ("--dir", "/var", "--symlink", "../tmp", "/var/tmp")
        yield from self._shown()
        yield from self._masked()
        yield from ("--remount-ro", "/dev", "--remount-ro", "/")

    def _system(self) -> Iterator[str]:
        yield from ("--perms", "0755", "--dir", "/etc", "--perms", "0755", "--dir", "/home")
        yield from ("--ro-bind", "/usr", "/usr")
        for name in SYSTEM:
            top = Path("/") / name
            if top.is_symlink():
                yield from ("--symlink", str(top.readlink()), str(top))
            elif top.is_dir():
                yield from ("--ro-bind", str(top), str(top))
        for name in SETTINGS:
            yield from self._setting(Path("/etc", name))
        user = self._owner.inside
        for name, text in (
            ("passwd", f"{USER}:x:{user}:{user}::{HOME}:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n"),
            ("group", f"{USER}:x:{user}:\nnogroup:x:65534:\n"),
            ("hosts", "127.0.0.1 localhost\n::1 localhost\n"),
            ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
        ):
            yield from ("--perms", "0444", "--file", self._file(text), f"/etc/{name}")

    def _setting(self, path: Path) -> Iterator[str]:
        """A file as a copy: each mount costs half a millisecond, since bubblewrap reads what is mounted after each."""
        if path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
            return
        with contextlib.suppress(OSError):  # it isn't there, or not for us to read
            self.descriptors.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
            yield from ("--perms", "0444", "--file", str(self.descriptors[-1]), str(path))

    def _file(self, text: str) -> str:
        self.descriptors.append(in_memory("file", text.encode()))
        return str(self.descriptors[-1])

    def _shown(self) -> Iterator[str]:
        """Outer folders first, so that inner ones lie on top of them."""
        shown = dict.fromkeys((*prefixes(), *self._profile.readable), "--ro-bind")
        shown |= dict.fromkeys(self._profile.writable, "--bind")
        if not any(self._profile.root.is_relative_to(path) for path in shown):
            shown[self._profile.root] = "--ro-bind"
        for path in sorted(shown, key=lambda path: len(path.parts)):
            for folder in reversed(path.parents[:-1]):
                yield from ("--perms", "0755", "--dir", str(folder))
            yield from (shown[path], str(path), str(path))

    def _masked(self) -> Iterator[str]:
        folders = [path for path in self._profile.masked if path.is_dir()]
        sockets = sockets_in((*self._profile.writable, *self._profile.readable))
        for path in dict.fromkeys((*self._profile.masked, *sockets)):
            if any(folder in path.parents for folder in folders):
                continue  # gone with its folder
            if path in folders:
                yield from ("--perms", "0555", "--size", "4096", "--tmpfs", str(path), "--remount-ro", str(path))
            elif path.exists():
                yield from ("--perms", "0444", "--ro-bind-data", self._file(""), str(path))


def of_the_kernel() -> list[str]:
    """What of /proc isn't about processes. The kernel takes its settings from whoever is root outside, capable or not,
    and so from a box whose tree is root's: a `core_pattern` is a command for the host to run.
    """
    return sorted(
        entry.path
        for entry in os.scandir("/proc")
        if not entry.name.isdigit() and not entry.is_symlink() and (entry.is_dir() or entry.stat().st_mode & 0o222)
    )


def sockets_in(folders: tuple[Path, ...]) -> list[Path]:
    """UNIX sockets that programs of the host listen on now: whoever could see one could talk to its program.

    The kernel knows them by what their programs called them: by a name that goes through links, or starts at a folder
    that it doesn't tell. For the latter the folders are searched.
    """
    lines = [line.split(maxsplit=7) for line in Path("/proc/net/unix").read_bytes().splitlines()[1:]]
    names = {os.fsdecode(words[7]) for words in lines if len(words) > 7 and not words[7].startswith(b"@")}
    whole = {name.rpartition("/") for name in names if name.startswith("/")}
    real = {parent: os.path.realpath(parent or "/") for parent, _, _ in whole}
    paths = {f"{at}/{name}" for parent, _, name in whole for at in (parent, real[parent])}
    below = tuple(f"{folder}/" for folder in folders)
    found = {Path(path) for path in paths if path.startswith(below)}
    if any(not name.startswith("/") for name in names):
        found.update(path for folder in folders for path in sockets_below(folder))
    return sorted(found)


def sockets_below(folder: Path) -> Iterator[Path]:
    waiting = [str(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_symlink() or entry.is_file(follow_symlinks=False):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif stat.S_ISSOCK(entry.stat(follow_symlinks=False).st_mode):
                    yield Path(entry.path)


def known_as(owner: Owner) -> tuple[str, ...]:
    """Who they are inside, as bubblewrap's arguments."""
    if owner.foreign:
        return ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    return ("--unshare-user", "--uid", str(owner.inside), "--gid", str(owner.group or 1000))


def files(paths: Sequence[Path]) -> list[tuple[int, int]]:
    """Which file each is: a mask lies on a file, and goes with it when another takes its name."""
    return [(at.st_ino, at.st_ctime_ns) for at in (path.stat() for path in paths if path.exists())]


class Launcher:
    """Gets a keeper going under bubblewrap."""

    tier = Tier.FULL
    python = surroundings.python()

    def roots(self, profile: Profile) -> Sequence[Path]:
        return [profile.root, *profile.writable, *profile.readable]

    def limits(self, profile: Profile) -> Sequence[tuple[int, int]]:
        """The number of processes too: counted per namespace, so it is the box's own. The kernel exempts root."""
        count = profile.limits.processes
        counted = [] if count is None or os.geteuid() == 0 else [(resource.RLIMIT_NPROC, count + cgroups.OURS)]
        return [*surroundings.per_process(profile.limits), *counted]

    def identity(self, profile: Profile) -> tuple[int, int] | None:
        found = owner(profile)
        return (found.user, found.group) if found.foreign else None

    def environment(self, profile: Profile) -> Mapping[str, str]:
        return surroundings.variables(HOME, "/tmp", USER) | dict(profile.env)

    def launch(self, profile: Profile, start: Start) -> Launched:
        check(profile)
        program = shutil.which("bwrap")
        if program is None:
            raise Unavailable(f"bubblewrap is not installed; {INSTALL} installs it.")
        user = owner(profile)
        masked = files(profile.masked)
        view = View(profile, user)
        filtering = in_memory("filter", syscalls.exported(syscalls.apart))
        group = cgroups.make(cgroups.usable(), profile.limits)
        try:
            words = [
                *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
                *("--hostname", "box", "--cap-drop", "ALL", "--die-with-parent", "--new-session", "--as-pid-1"),
                *known_as(user),
                *("--seccomp", str(filtering), *view.arguments()),
            ]
            listed = in_memory("arguments", b"\0".join(os.fsencode(word) for word in words) + b"\0")
            view.descriptors.append(listed)
            process = subprocess.Popen(
                group.enter([program, "--args", str(listed), "--", *start.argv]),
                env={},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=start.errors,
                pass_fds=(*start.descriptors, filtering, *view.descriptors),
            )
        except BaseException:
            group.remove()
            raise
        finally:
            for descriptor in (filtering, *view.descriptors):
                os.close(descriptor)
        return Launched(process, group.remove, lambda: files(profile.masked) != masked)


class BubblewrapSandbox:
    """`Sandbox`, tier full."""

    name = "bubblewrap"
    tier = Tier.FULL

    async def probe(self) -> Probe:
        mend = missing()
        if mend:
            return Probe(Tier.FULL, False, "bubblewrap or libseccomp is not installed", mend)
        try:
            await tried(self)
        except MaquetteError as error:
            return Probe(Tier.FULL, False, str(error), forbidden())
        return Probe(Tier.FULL, True, f"namespaces, no network, system calls filtered; {limited()}")

    def box(self, profile: Profile) -> KeptBox:
        return KeptBox(Launcher(), profile)


def limited() -> str:
    """Which limits hold, in words."""
    held = {resource for place in cgroups.usable() for resource in place.resources}
    memory = "memory limited per box" if "memory" in held else "memory limited per process"
    if "pids" in held:
        return f"{memory}, processes by a control group"
    return f"{memory}, processes {'not limited' if os.geteuid() == 0 else 'by the kernel counting them'}"


def missing() -> str:
    """The command that installs what is missing, if anything is."""
    try:
        syscalls.exported(syscalls.apart)
    except Unavailable:
        return INSTALL
    return "" if shutil.which("bwrap") else INSTALL


def forbidden() -> str:
    """The command that would let an ordinary user make namespaces, where the system says that it is forbidden."""
    for name, bad in (("kernel/apparmor_restrict_unprivileged_userns", "1"), ("kernel/unprivileged_userns_clone", "0")):
        setting = Path("/proc/sys") / name
        if setting.exists() and setting.read_text().strip() == bad:
            return f"sudo sysctl -w {name.replace('/', '.')}={1 - int(bad)}"
    return ""


SANDBOX = BubblewrapSandbox()
