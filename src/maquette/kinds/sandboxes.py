"""What a sandbox is: a place where a command can do no harm.

A `Sandbox` opens a `Box` for one thread; a box starts commands. Only what a `Profile` names can be
seen or written inside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Tier(StrEnum):
    """How much holds, best first."""

    FULL = "full"
    LANDLOCK = "landlock"
    NONE = "none"


@dataclass(frozen=True)
class Limits:
    """Per box. Sizes in bytes; None: no limit of ours."""

    memory: int | None = 4 << 30
    processes: int | None = 512
    file_size: int | None = 4 << 30
    open_files: int | None = 4096
    tmp: int | None = 1 << 30


@dataclass(frozen=True)
class Profile:
    """What a box holds. Paths are absolute, on the host, and are found at the same path inside.

    `masked` paths exist inside but are empty; they win over the rest (a repo's `.git`, say).
    The system's own programs (`/usr` …) and the Python we run on are always readable; nothing else is.
    """

    root: Path
    """Where commands start."""
    writable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    masked: tuple[Path, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    """Beside the clean environment (PATH, HOME, LANG, TERM, TMPDIR); never inherited from us."""
    limits: Limits = Limits()


@dataclass(frozen=True)
class Exit:
    """How a command ended. `status` is None when it was ended by us (`why` says which way)."""

    status: int | None
    """128 + N where a signal that wasn't ours ended it, as in a shell."""
    seconds: float
    why: str = ""
    """"": by itself; "time"; "stopped"; "lost" (the box died); "signal N"."""
    lives_on: bool = False
    """Something that it started (a server put into the background) still runs, until the box is closed."""


Sink = Callable[[bytes], None]
"""Gets output (stdout and stderr as one stream, in order) as it comes; must not block."""


class Running(Protocol):
    """A command that was started."""

    @property
    def pid(self) -> int:
        """A number to name it by, inside its box."""
        ...

    async def write(self, data: bytes) -> None:
        """To its standard input."""
        ...

    async def close_stdin(self) -> None: ...

    async def wait(self) -> Exit:
        """Returns once it has ended and its output was given to the sink; may be called again."""
        ...

    async def kill(self) -> None:
        """Ends it and every process it started, also those that left its session or outlived it."""
        ...


class Box(Protocol):
    """A live sandbox. Commands in it share `/tmp` and see each other's processes."""

    @property
    def tier(self) -> Tier: ...

    async def warm(self) -> None:
        """Brings it up now, so that the first command needn't wait. Raises `Unavailable`."""
        ...

    async def start(
        self,
        argv: Sequence[str],
        *,
        sink: Sink,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes | None = b"",
        errors: int | None = None,
    ) -> Running:
        """Starts a command. `stdin=None` keeps standard input open for `Running.write`; `errors`: a file of the
        caller's which standard error goes to, and not to the sink.

        Raises `Refused` when the program doesn't exist or `cwd` lies outside, `Unavailable` when the
        box can't be brought up.
        """
        ...

    async def run(
        self,
        argv: Sequence[str],
        *,
        sink: Sink,
        seconds: float | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        errors: int | None = None,
    ) -> Exit:
        """Starts and waits. When cancelled, or out of time (`seconds`), ends the whole process tree first."""
        ...

    async def close(self) -> None:
        """Ends everything inside. A later command would bring it up again."""
        ...


@dataclass(frozen=True)
class Probe:
    """What this machine can do: `mend` is the command that would make it better, or empty."""

    tier: Tier
    works: bool
    detail: str
    mend: str = ""


class Sandbox(Protocol):
    """One way to contain commands."""

    @property
    def name(self) -> str: ...

    @property
    def tier(self) -> Tier: ...

    async def probe(self) -> Probe:
        """Tries it for real."""
        ...

    def box(self, profile: Profile) -> Box:
        """A box that is brought up on its first command (or earlier, by `warm`)."""
        ...
