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
    children: int = 8
    """MAQUETTE_CHILDREN: how many children a turn may have, threads that do a part of its work (8); 0: none."""
    depth: int = 2
    """MAQUETTE_DEPTH: how deep work may be handed on (2): children, and theirs."""

    @property
    def socket(self) -> Path:
        return self.state / "base.sock"


def settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this environment.

    Raises ValueError when a count is no number, or too small, MAQUETTE_DATABASE no address of Postgres, or
    MAQUETTE_PORT no port.
    """
    env = os.environ if environment is None else environment
    home = Path(env.get("HOME") or Path.home())
    state = env.get("MAQUETTE_HOME") or Path(env.get("XDG_STATE_HOME") or home / ".local/state", "maquette")
    turns = _count(env, "MAQUETTE_TURNS", 8, least=1)
    children, depth = _count(env, "MAQUETTE_CHILDREN", 8), _count(env, "MAQUETTE_DEPTH", 2)
    database = env.get("MAQUETTE_DATABASE") or None
    if database is not None and not database.startswith(("postgresql://", "postgres://")):
        raise ValueError("MAQUETTE_DATABASE takes the address of a Postgres database: postgresql://user@host/name.")
    named = env.get("MAQUETTE_MODEL")
    model = named or _model(env)
    return Settings(Path(state).absolute(), home, model, turns, database, _port(env), bool(named), children, depth)


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


def _count(env: Mapping[str, str], name: str, otherwise: int, least: int = 0) -> int:
    said = env.get(name) or str(otherwise)
    if not said.isdecimal() or int(said) < least:
        raise ValueError(f"{name} is {said!r}; it takes a number, at least {least}.")
    return int(said)


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
