"""Every setting, once. Each is an environment variable; all have a default."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

APPRENTICE = "apprentice:rules"
PORT = 4747


class Settings(NamedTuple):
    """What a base is told from outside. (No dataclass: they take 6 ms to load, and the command line counts them.)"""

    state: Path
    """MAQUETTE_HOME: where everything is kept. Else XDG_STATE_HOME/maquette, else ~/.local/state/maquette."""
    home: Path
    """HOME: where the person's own skills are looked for."""
    model: str
    """MAQUETTE_MODEL: for threads that name none. Else by which key is set; with none, the apprentice. It goes before
    what the base's worker is said to be; what only the keys say comes after that.
    """
    turns: int
    """MAQUETTE_TURNS: how many turns run at once (8); with workers, over all of them."""
    database: str | None = None
    """MAQUETTE_DATABASE: a Postgres database, postgresql://…, for the log. Else a file in the state folder."""
    port: int | None = PORT
    """MAQUETTE_PORT: where browsers reach the base, on loopback (4747); 0: any free one; None: it only has its socket.
    One that is taken is replaced by a free one, which is kept."""

    insists: bool = False
    """MAQUETTE_MODEL is set."""

    @property
    def socket(self) -> Path:
        return self.state / "base.sock"


def settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this environment.

    Raises ValueError when MAQUETTE_TURNS is no number above 0, MAQUETTE_DATABASE no address of Postgres, or
    MAQUETTE_PORT no port.
    """
    env = os.environ if environment is None else environment
    home = Path(env.get("HOME") or Path.home())
    state = env.get("MAQUETTE_HOME") or Path(env.get("XDG_STATE_HOME") or home / ".local/state", "maquette")
    turns = env.get("MAQUETTE_TURNS") or "8"
    if not turns.isdecimal() or int(turns) < 1:
        raise ValueError(f"MAQUETTE_TURNS is {turns!r}; it takes a number, at least 1.")
    database = env.get("MAQUETTE_DATABASE") or None
    if database is not None and not database.startswith(("postgresql://", "postgres://")):
        raise ValueError("MAQUETTE_DATABASE takes the address of a Postgres database: postgresql://user@host/name.")
    named = env.get("MAQUETTE_MODEL")
    return Settings(
        Path(state).absolute(), home, named or _model(env), int(turns), database, _port(env), insists=bool(named)
    )


def backups(state: Path) -> Path:
    """The folder of backups that were given no name: beside the state, so that it outlasts that."""
    return state.with_name(f"{state.name}-backups")


@contextmanager
def address(path: Path) -> Generator[str]:
    """A name by which to bind or connect a socket at `path`, however long: a socket's own may have 107 bytes."""
    if len(os.fsencode(path)) < 100:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _port(env: Mapping[str, str]) -> int | None:
    port = env.get("MAQUETTE_PORT") or str(PORT)
    if port == "none":
        return None
    if not port.isdecimal() or int(port) > 65_535:
        raise ValueError(f"MAQUETTE_PORT is {port!r}; it takes a port, 0 for any free one, or none.")
    return int(port)


def _model(env: Mapping[str, str]) -> str:
    if env.get("ANTHROPIC_API_KEY") or env.get("ANTHROPIC_AUTH_TOKEN"):
        return "anthropic:claude-sonnet-5-5"
    if env.get("OPENAI_API_KEY"):
        return "openai:gpt-6.1-terra"
    return APPRENTICE
