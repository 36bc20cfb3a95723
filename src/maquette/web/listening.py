"""Where a base listens: a socket that only its owner can open, and, when asked, loopback behind a token."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Generator
from contextlib import contextmanager

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn import Server as Uvicorn

from maquette.actions.home import Home
from maquette.domain.errors import Refused
from maquette.settings import Settings, address
from maquette.web.door import Door
from maquette.web.server import Server

LOOPBACK = "127.0.0.1"
TOKEN = "token"
LEAVE = 3
"""Seconds that open connections have at the end."""

log = logging.getLogger(__name__)


class _Heard(Uvicorn):
    """Two servers share a process, and signals are the base's affair. Idle, it sleeps."""

    def __init__(self, config: Config, end: asyncio.Event) -> None:
        super().__init__(config)
        self._end = end

    async def main_loop(self) -> None:
        await self._end.wait()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class Listening:
    """A base's ears. `port`: also on loopback (0: a free port); None: on the socket only.

    Bound at once, heard once `until` serves. Raises `Refused`: `port-taken`, `not-loopback`.
    """

    def __init__(self, settings: Settings, port: int | None = None, host: str = LOOPBACK) -> None:
        self._settings = settings
        self._tcp = None if port is None else _loopback(host, port)
        self._unix = _unix(settings)

    async def until(self, end: asyncio.Event, home: Home) -> None:
        """Serve `home` until `end` is set, then let everybody go."""
        inside = Server(home)
        heard: list[tuple[ASGIApp, socket.socket]] = [(inside, self._unix)]
        log.info("listening on %s, as process %d", self._settings.socket, os.getpid())
        if self._tcp is not None:
            at = self._tcp.getsockname()[1]
            heard.append((Door(inside, token(self._settings), at), self._tcp))
            log.info("listening on http://%s:%d; the token is in %s", LOOPBACK, at, self._settings.state / TOKEN)
        ending = asyncio.create_task(_ended(end, home))
        await asyncio.gather(ending, *(_server(app, end).serve([at]) for app, at in heard))

    def close(self) -> None:
        self._settings.socket.unlink(missing_ok=True)
        for bound in (self._unix, self._tcp):
            if bound is not None:
                bound.close()


async def _ended(end: asyncio.Event, home: Home) -> None:
    """Who follows the feed would never leave by himself."""
    await end.wait()
    home.store.feed.close()


def _server(app: ASGIApp, end: asyncio.Event) -> _Heard:
    return _Heard(
        Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=LEAVE,
            ws="none",
            date_header=False,
        ),
        end,
    )


def _unix(settings: Settings) -> socket.socket:
    """Bound where only this user can reach it. What lies there is of a base that is gone: we hold the lock."""
    settings.state.chmod(0o700)
    settings.socket.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with address(settings.socket) as name:
            bound.bind(name)
    finally:
        os.umask(before)
    return bound


def _loopback(host: str, port: int) -> socket.socket:
    if host not in (LOOPBACK, "localhost"):
        raise Refused(
            f"A base listens on this machine only, not on {host}: reach it from elsewhere through SSH "
            f"(ssh -L {port}:{LOOPBACK}:{port} …).",
            code="not-loopback",
        )
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        bound.close()
        raise Refused(f"Port {port} can't be had: {error}. Name another with --port.", code="port-taken") from error
    return bound


def token(settings: Settings) -> str:
    """What a program on this machine shows to be let in; made once, kept in a file of the owner's."""
    path = settings.state / TOKEN
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        path.chmod(0o600)
        return path.read_text().strip()
    with os.fdopen(file, "w") as out:
        out.write(made := secrets.token_urlsafe(32))
    return made
