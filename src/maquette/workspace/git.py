"""Git, made safe to run on what others wrote.

Each run happens in a box, with no configuration of the machine's or the person's, and with every setting that could
start a program overridden from the environment, which wins over a repo's own `.git/config`.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from maquette.domain.errors import Refused, Unavailable
from maquette.kinds.sandboxes import Box, Profile, Sandbox
from maquette.workspace import locks

OLDEST = (2, 38)
"""`merge-tree --write-tree`, and `safe.directory` read from the command's own scope, came with it."""

SETTINGS: Mapping[str, str] = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.pager": "cat",
    "core.editor": "false",
    "core.askPass": "false",
    "core.sshCommand": "false",
    "core.gitProxy": "none",
    "core.alternateRefsCommand": "true",
    "core.attributesFile": "/dev/null",
    "core.quotePath": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "core.fsync": "committed",
    "core.fsyncMethod": "batch",
    "core.logAllRefUpdates": "true",
    "credential.helper": "",
    "commit.gpgSign": "false",
    "gpg.program": "false",
    "diff.external": "",
    "diff.submodule": "short",
    "diff.renames": "true",
    "diff.algorithm": "histogram",
    "merge.renames": "true",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "fetch.unpackLimit": "100",
    "fetch.writeCommitGraph": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.allow": "never",
    "protocol.file.allow": "always",
    "advice.detachedHead": "false",
    "index.threads": "2",
}

_DRIVER = re.compile(
    r"^(?:filter\..+\.(?:clean|smudge|process|required)|merge\..+\.driver|diff\..+\.(?:command|textconv))$"
)

_TAKEN = r"^(user\.(name|email)|core\.(autocrlf|eol))$"

_SAID = 16 << 10
"""Bytes of standard error that are kept."""

_LOCKED = re.compile(
    r"File exists|cannot lock ref|Unable to create '.*\.lock'"
    # A `git gc` that removes a folder of objects just as one is written there.
    r"|unable to create temporary file: No such file or directory"
)


class GitFailed(Unavailable):
    """Git ended with a status that wasn't expected; `said` is the start of its standard error."""

    def __init__(self, command: str, status: int, said: str) -> None:
        first = next((line for line in said.splitlines() if line.startswith(("fatal:", "error:"))), said.strip())
        if any(words in said for words in ("No space left", "Out of diskspace")):
            first = "the disk is full; free some space"
        super().__init__(f"git {command} failed ({status}): {first[:400] or 'it said nothing'}")
        self.status = status
        self.said = said


@dataclass(frozen=True)
class Ran:
    """What a run gave. `cut`: the output went over its limit, and `out` is only the start."""

    status: int
    out: bytes
    cut: bool = False

    @property
    def text(self) -> str:
        return os.fsdecode(self.out).rstrip("\n")

    @property
    def parts(self) -> list[str]:
        """What `-z` separated."""
        return [os.fsdecode(part) for part in self.out.split(b"\0")[:-1]]


@dataclass(frozen=True)
class Identity:
    """Who a commit is by."""

    name: str = "Maquette"
    email: str = "maquette@localhost"


class _Kept:
    """Keeps the start of an output."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.data = bytearray()
        self.cut = False

    def __call__(self, data: bytes) -> None:
        room = self._limit - len(self.data)
        self.data += data[:room]
        self.cut = self.cut or len(data) > room


@dataclass(frozen=True)
class Git:
    """Runs git on one repo, inside a box that is already open. `aside`: where new objects go, if not into the repo."""

    box: Box
    git_dir: Path
    config: Path
    work_tree: Path | None = None
    index: Path | None = None
    aside: Path | None = None
    identity: Identity = Identity()
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    configured: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the repo's own configuration said when it was tamed."""

    def at(self, git_dir: Path, *, work_tree: Path | None = None, index: Path | None = None) -> Git:
        """Another repo in the same box."""
        return replace(self, git_dir=git_dir, work_tree=work_tree, index=index, settings={}, configured={})

    def by(self, identity: Identity) -> Git:
        return replace(self, identity=identity)

    def over(self, index: Path) -> Git:
        return replace(self, index=index)

    async def tamed(self) -> Git:
        """The same, with every filter and driver that the repo's own configuration defines switched off."""
        listed = await self.run("config", "--includes", "-z", "--list")
        configured = {name: value for name, _, value in (part.partition("\n") for part in listed.parts)}
        off = {name: "false" if name.endswith(".required") else "" for name in configured if _DRIVER.match(name)}
        return replace(self, settings={**self.settings, **off}, configured=configured)

    async def run(
        self,
        *words: str,
        stdin: bytes = b"",
        ok: Sequence[int] = (0,),
        limit: int = 256 << 20,
        seconds: float = 300,
        env: Mapping[str, str] | None = None,
    ) -> Ran:
        """One git command. `limit` bounds the output kept, in bytes.

        Raises `GitFailed` for a status not in `ok`, `Refused` when there is no git or another git holds a lock for
        longer than we wait, `Unavailable` when it ran out of `seconds`.
        """
        for delay in (*locks.WAITS, None):
            try:
                return await self._once(words, stdin, ok, limit, seconds, {**self._env(), **(env or {})})
            except GitFailed as failed:
                if not _LOCKED.search(failed.said):
                    raise
                if delay is None:
                    raise locks.locked(self.work_tree or self.git_dir, failed.said.strip()[:300]) from failed
                await asyncio.sleep(delay)
        raise AssertionError("unreachable")

    async def text(self, *words: str, stdin: bytes = b"") -> str:
        return (await self.run(*words, stdin=stdin)).text

    async def commit_of(self, rev: str) -> str | None:
        """The commit that a name means, or None. Raises `Refused` for a name that could be taken for an option."""
        found = await self.run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{checked(rev)}^{{commit}}", ok=(0, 1, 128)
        )
        return found.text if found.status == 0 else None

    async def _once(
        self, words: Sequence[str], stdin: bytes, ok: Sequence[int], limit: int, seconds: float, env: Mapping[str, str]
    ) -> Ran:
        kept = _Kept(limit)
        errors = bounded(_SAID)
        try:
            ended = await self.box.run(["git", *words], sink=kept, seconds=seconds, env=env, stdin=stdin, errors=errors)
            said = os.pread(errors, _SAID, 0).rstrip(b"\0")
        except Refused as refused:
            if refused.code != "no-program":
                raise
            raise Refused(
                "git isn't installed: install it (on Debian or Ubuntu: apt-get install git).", code="no-git"
            ) from refused
        finally:
            os.close(errors)
        if ended.status is None:
            if ended.why == "time":
                raise Unavailable(f"git {words[0]} took longer than {seconds:.0f} seconds and was ended.")
            raise Unavailable(f"git {words[0]} was ended ({ended.why}).")
        if ended.status in ok:
            return Ran(ended.status, bytes(kept.data), kept.cut)
        raise GitFailed(words[0], ended.status, said.decode(errors="replace"))

    def _env(self) -> dict[str, str]:
        env = {
            "LC_ALL": "C",
            "GIT_DIR": str(self.git_dir),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": str(self.config),
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": self.identity.name,
            "GIT_AUTHOR_EMAIL": self.identity.email,
            "GIT_COMMITTER_NAME": self.identity.name,
            "GIT_COMMITTER_EMAIL": self.identity.email,
        }
        if self.work_tree is not None:
            env["GIT_WORK_TREE"] = str(self.work_tree)
        if self.index is not None:
            env["GIT_INDEX_FILE"] = str(self.index)
        if self.aside is not None:
            env["GIT_OBJECT_DIRECTORY"] = str(self.aside)
            env["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = str(self.git_dir / "objects")
        settings = {**SETTINGS, **self.settings}
        env["GIT_CONFIG_COUNT"] = str(len(settings))
        for number, (name, value) in enumerate(settings.items()):
            env[f"GIT_CONFIG_KEY_{number}"] = name
            env[f"GIT_CONFIG_VALUE_{number}"] = value
        return env


class Gits:
    """Opens boxes to run git in. `home` is a folder of the base's own."""

    def __init__(self, sandbox: Sandbox, home: Path) -> None:
        self._sandbox = sandbox
        self._home = home
        self._config = home / "git.config"
        self._is_ready = False
        self._is_new_enough = False

    @asynccontextmanager
    async def open(
        self,
        git_dir: Path,
        *,
        work_tree: Path | None = None,
        index: Path | None = None,
        readable: Sequence[Path] = (),
        writable: Sequence[Path] = (),
    ) -> AsyncGenerator[Git]:
        """A box in which only what is named can be read or written, and git in it.

        Raises `Refused` where that isn't there or isn't new enough.
        """
        if not self._is_ready:
            await self._make_ready()
        root = (*writable, *readable)[0]
        profile = Profile(root=root, writable=tuple(writable), readable=(*readable, self._config))
        box = self._sandbox.box(profile)
        try:
            git = Git(box, git_dir, self._config, work_tree, index)
            if not self._is_new_enough:
                await self.check_age(git)
                self._is_new_enough = True
            yield git
        finally:
            await box.close()

    async def _make_ready(self) -> None:
        """Once: writes the configuration that each of our runs gets.

        A file and not only the environment, because git drops the latter for the process that reads the other side of
        a fetch. Owners of folders may differ from us: whose folder it is was decided when the person named it.
        """
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = {"safe.directory": "*", "uploadpack.allowAnySHA1InWant": "true", **await self.taken()}
        if not self._config.exists() or self._config.read_text() != written(settings):
            # Not otherwise: a box that is up may have been given the file that would be replaced.
            fresh = self._config.with_name(f"git.config.{os.getpid()}")
            fresh.write_text(written(settings))
            fresh.chmod(0o644)
            fresh.replace(self._config)
        self._is_ready = True

    async def taken(self) -> Mapping[str, str]:
        """Of the person's own configuration what shapes bytes and names, nothing that runs."""
        own = [path for path in _own_configs() if path.is_file()]
        if not own:
            return {}
        box = self._sandbox.box(Profile(root=self._home, readable=tuple(own)))
        try:
            git = Git(box, self._home, Path("/dev/null"))
            taken = dict[str, str]()
            for path in own:
                ran = await git.run("config", "--file", str(path), "-z", "--get-regexp", _TAKEN, ok=(0, 1, 128))
                taken |= {name: value for name, _, value in (part.partition("\n") for part in ran.parts)}
        finally:
            await box.close()
        return taken

    async def check_age(self, git: Git) -> None:
        """Once, in the first box: one of its own would cost more than all that comes of it."""
        said = re.search(r"(\d+)\.(\d+)", await git.text("version"))
        if said is None or (int(said[1]), int(said[2])) < OLDEST:
            oldest = ".".join(str(part) for part in OLDEST)
            raise Refused(f"git is older than {oldest}: install a newer one.", code="old-git")


def bounded(size: int) -> int:
    """A file in memory that whoever it is given to can't make larger: it lies outside of what a box may use."""
    descriptor = os.memfd_create("errors", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    os.ftruncate(descriptor, size)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
    return descriptor


def _own_configs() -> tuple[Path, ...]:
    """Where the person's configuration of git is."""
    folder = os.environ.get("XDG_CONFIG_HOME")
    return (Path(folder) if folder else Path.home() / ".config") / "git" / "config", Path.home() / ".gitconfig"


def written(settings: Mapping[str, str]) -> str:
    """Settings (`section.name`) as a config file has them."""
    lines: list[str] = []
    for name, value in settings.items():
        section, _, key = name.partition(".")
        quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        lines.append(f'[{section}]\n\t{key} = "{quoted}"\n')
    return "".join(lines)


def joined(paths: Iterable[str]) -> bytes:
    """Paths as `-z` takes them."""
    return b"".join(os.fsencode(path) + b"\0" for path in paths)


def checked(name: str) -> str:
    """A ref or revision, as given by a person or a model, that can't be taken for anything else.

    Raises `Refused` for one that starts with a dash or has control characters, or is empty.
    """
    if not name or name.startswith("-") or any(ord(char) < 32 or ord(char) == 127 for char in name):
        raise Refused(f"{name!r} can't be the name of a commit or branch.", code="bad-ref")
    return name
