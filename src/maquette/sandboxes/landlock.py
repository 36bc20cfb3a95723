"""Tier landlock: rules on files by Landlock, a system call filter, limits, and no network. For where namespaces are not
to be had: commands share the host's processes, and its places for temporary files are closed to them.
"""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from maquette.domain.errors import MaquetteError, Refused, Unavailable
from maquette.kinds.sandboxes import Probe, Profile, Tier
from maquette.sandboxes.keeper import cgroups, processes, rulesets, surroundings, syscalls, views, warden
from maquette.sandboxes.keeper.booting import booted
from maquette.sandboxes.keeper.box import KeptBox, Launched, Start, tried
from maquette.sandboxes.keeper.folders import Own, clear
from maquette.sandboxes.keeper.rulesets import DEVICE, LIST, READ, WRITE, Ruleset

USER = "agent"
INSTALL = "sudo apt-get install libseccomp2"
DEVICES = ("null", "zero", "full", "random", "urandom")
PUBLIC = ("passwd", "group", "hosts", "nsswitch.conf", "gitconfig", "gitattributes")
"""Of /etc, beside `views.SETTINGS`."""


class View:
    """What of the host can be used inside, as rules of Landlock.

    A rule gives rights on a folder with all below it, and nothing takes any back. So where less is allowed somewhere
    below, the folders on the way are opened up: they can be listed, and what else lies in them gets its rights one by
    one.
    """

    def __init__(self, profile: Profile, own: Path) -> None:
        self._outer = profile.writable
        self._places = {path: READ for path in (*system(), *views.prefixes(), *profile.readable)}
        self._places |= dict.fromkeys((*profile.writable, own), WRITE)
        if not any(profile.root.is_relative_to(path) for path in self._places):
            self._places[profile.root] = READ
        hidden = [path for path in profile.masked if path.exists()]
        kept = {p: r for p, r in self._places.items() if not any(p.is_relative_to(path) for path in hidden)}
        self._places = kept | dict.fromkeys(hidden, 0)
        self.writable: list[bytes] = []
        self.opened_up: dict[Path, int] = {}
        """When each was last changed."""

    def lay(self, rules: Ruleset) -> None:
        """Raises `Refused` for a link where a box may write, `Unavailable`."""
        for path, rights in self._places.items():
            if rights:
                with self._opened(path) as place:
                    self._give(rules, path, place, rights)
        for name in DEVICES:
            with descriptor(Path("/dev", name)) as place:
                rules.give(place, DEVICE)

    def _give(self, rules: Ruleset, path: Path, place: int, rights: int) -> None:
        less = [p for p, r in self._places.items() if p != path and p.is_relative_to(path) and rights & ~r]
        if not less:
            rules.give(place, rights)
            if rights == WRITE:
                self.writable.append(os.fsencode(Path(f"/proc/self/fd/{place}").readlink()))
            return
        rules.give(place, LIST)
        self.opened_up[path] = os.fstat(place).st_mtime_ns
        with descriptor(Path(), place, os.O_RDONLY | os.O_DIRECTORY) as listed:
            names = os.listdir(listed)  # noqa: PTH208 - a descriptor has no path that would stay the same
        for name in names:
            if path / name not in self._places:
                try:
                    with descriptor(Path(name), place) as inner:
                        if not stat.S_ISLNK(os.fstat(inner).st_mode):
                            self._give(rules, path / name, inner, rights)
                except FileNotFoundError:
                    continue

    @contextmanager
    def _opened(self, path: Path) -> Generator[int]:
        """Without following a link where a box may write: it could be turned elsewhere between a look and the next."""
        outer = min((p for p in self._outer if path.is_relative_to(p)), key=lambda p: len(p.parts), default=path)
        place = os.open(outer, os.O_PATH | os.O_CLOEXEC)
        try:
            for name in path.relative_to(outer).parts:
                inner = os.open(name, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=place)
                os.close(place)
                place = inner
                if stat.S_ISLNK(os.fstat(place).st_mode):
                    raise Refused(views.linked(path), code="bad-profile")
            yield place
        finally:
            os.close(place)

    def outdated(self) -> bool:
        """Whether something was put into a folder that was opened up, or taken from it."""
        try:
            return any(path.stat().st_mtime_ns != then for path, then in self.opened_up.items())
        except OSError:
            return True


@contextmanager
def descriptor(path: Path, folder: int | None = None, flags: int = os.O_PATH | os.O_NOFOLLOW) -> Generator[int]:
    place = os.open(path, flags | os.O_CLOEXEC, dir_fd=folder)
    try:
        yield place
    finally:
        os.close(place)


def system() -> Iterator[Path]:
    """The programs of the host and what they need."""
    yield from (Path("/usr"), Path("/proc"))
    tops = [Path("/", name) for name in views.SYSTEM]
    yield from (top for top in tops if top.is_dir() and not top.is_symlink())
    yield from (path for name in (*views.SETTINGS, *PUBLIC) if (path := Path("/etc", name)).exists())


class Launcher:
    """Gets a keeper going under a warden. One for each box: `own` is its home."""

    tier = Tier.LANDLOCK
    python = surroundings.python()

    def __init__(self) -> None:
        self._own = Own()

    def roots(self, profile: Profile) -> Sequence[Path]:
        return [path.resolve() for path in (profile.root, *profile.writable, *profile.readable)]

    def limits(self, profile: Profile) -> Sequence[tuple[int, int]]:
        """Not the number of processes: the kernel would count all of the user's."""
        return surroundings.per_process(profile.limits)

    def identity(self, profile: Profile) -> None:
        """The warden has become them already."""

    def environment(self, profile: Profile) -> Mapping[str, str]:
        own = str(self._own.path)
        return surroundings.variables(own, own, USER) | dict(profile.env)

    def launch(self, profile: Profile, start: Start) -> Launched:
        views.check(profile)
        owner = views.owner(profile)
        reachable(profile, owner)
        identity = (owner.user, owner.group) if owner.foreign else None
        version = rulesets.abi()
        filtering = syscalls.exported(syscalls.together if version >= rulesets.SCOPED else syscalls.unscoped)
        number = syscalls.number_of
        calls = {number(name): places for name, places in syscalls.ASKED.items()}
        signals = [number(name) for name in syscalls.SIGNALS]
        rules = Ruleset(version)
        group = cgroups.Group(())
        passed = [rules.descriptor]
        try:
            self._own.make(identity)
            view = View(profile, self._own.path)
            view.lay(rules)
            arguments = (identity, rules.descriptor, filtering, number("seccomp"), view.writable, calls, signals)
            text, code = booted(processes, warden, arguments=arguments)
            passed.append(code)
            group = cgroups.make(cgroups.usable(), profile.limits)
            process = subprocess.Popen(
                group.enter([start.python, "-I", "-S", "-c", f"{text}\n{start.program}"]),
                env={},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=start.errors,
                pass_fds=(*start.descriptors, *passed),
                start_new_session=True,
            )
        except BaseException:
            group.remove()
            self._own.remove()
            raise
        finally:
            for given in passed:
                os.close(given)
        return Launched(process, lambda: self._release(group), view.outdated)

    def _release(self, group: cgroups.Group) -> None:
        group.remove()
        self._own.remove()


def reachable(profile: Profile, owner: views.Owner) -> None:
    """Raises `Refused` where those as whom commands run can't get to the root: nothing is mounted for them here."""
    if not owner.foreign:
        return
    for folder in profile.root.parents:
        found = folder.stat()
        shift = 6 if found.st_uid == owner.user else 3 if found.st_gid == owner.group else 0
        if not found.st_mode >> shift & 1:
            raise Refused(
                f"{folder} can't be entered by user {owner.user}, who owns {profile.root} and as whom commands "
                "run there: let them (chmod o+x), or install bubblewrap, which needs no such thing.",
                code="bad-profile",
            )


class LandlockSandbox:
    """`Sandbox`, tier landlock."""

    name = "landlock"
    tier = Tier.LANDLOCK

    async def probe(self) -> Probe:
        try:
            rulesets.abi()
        except Unavailable as error:
            return Probe(Tier.LANDLOCK, False, str(error))
        try:
            syscalls.exported(syscalls.together)
        except Unavailable:
            return Probe(Tier.LANDLOCK, False, "libseccomp is not installed", INSTALL)
        clear()
        try:
            await tried(self)
        except MaquetteError as error:
            return Probe(Tier.LANDLOCK, False, str(error))
        return Probe(Tier.LANDLOCK, True, f"files by Landlock, no network, system calls filtered; {weaker()}")

    def box(self, profile: Profile) -> KeptBox:
        return KeptBox(Launcher(), profile)


def weaker() -> str:
    """What gets out all the same, in words."""
    shared = "your other processes' names and command lines can be seen, the times of your files elsewhere changed"
    held = {resource for place in cgroups.usable() for resource in place.resources}
    limits = "" if "pids" in held else "; the number of processes is not limited"
    return f"{shared}{limits}"


SANDBOX = LandlockSandbox()
