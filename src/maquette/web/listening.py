"""Where a base listens: a socket that only its owner can open, and loopback behind a door."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn import Server as Uvicorn

from maquette.actions.home import Home
from maquette.connections.owned import put
from maquette.domain.errors import Refused
from maquette.settings import Settings, address
from maquette.web.door import Door
from maquette.web.hooks import Hooks
from maquette.web.keys import Keys
from maquette.web.patience import Patient
from maquette.web.server import Server

LOOPBACK = "127.0.0.1"
KEPT = "port"
"""File of the state: the port asked for, and the one that was had, so that an open page finds the base again."""
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
    """A base's ears. `port`: that one on loopback (0: a free one), or nothing; None: what the settings say.

    Bound at once, heard once `until` serves. Raises `Refused`: `port-taken`, `not-loopback`.
    """

    def __init__(self, settings: Settings, port: int | None = None, host: str = LOOPBACK) -> None:
        self._settings = settings
        self._tcp = _loopback(settings, port, host)
        self._unix = _unix(settings)

    async def until(self, end: asyncio.Event, home: Home) -> None:
        """Serve `home` until `end` is set, then let everybody go."""
        inside = Server(home)
        heard: list[tuple[ASGIApp, socket.socket]] = [(inside, self._unix)]
        log.info("listening on %s, as process %d", self._settings.socket, os.getpid())
        if self._tcp is not None:
            at = self._tcp.getsockname()[1]
            inside.state.keys = keys = Keys(self._settings.state, at)
            heard.append((Hooks(Door(inside, keys), home), self._tcp))
            log.info("listening on http://%s:%d; `maquette open` lets a browser in", LOOPBACK, at)
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
            http=Patient,
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


def _loopback(settings: Settings, port: int | None, host: str) -> socket.socket | None:
    """None where the settings want none. A port named by hand is had or refused; the settings' has a stand-in."""
    if host not in (LOOPBACK, "localhost"):
        at = port or settings.port
        raise Refused(
            f"A base listens on this machine only, not on {host}: reach it from elsewhere through SSH "
            f"(ssh -L {at}:{LOOPBACK}:{at} …).",
            code="not-loopback",
        )
    asked = settings.port if port is None else port
    if asked is None:
        return None
    kept = settings.state / KEPT
    bound = _first(iter((port,)) if port else _tries(kept, asked))
    with suppress(OSError):  # a full disk keeps nobody out
        put(kept, f"{asked} {bound.getsockname()[1]}\n")
    return bound


def _tries(kept: Path, asked: int) -> Iterator[int]:
    with suppress(OSError, ValueError):
        before, had = map(int, kept.read_text().split())
        if before == asked:
            yield had
    yield asked
    yield 0


def _first(ports: Iterator[int]) -> socket.socket:
    """Bound to the first that can be had."""
    why = ""
    for port in ports:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((LOOPBACK, port))
            bound.listen(128)
            return bound
        except (OSError, OverflowError) as error:
            bound.close()
            why = f"Port {port} can't be had: {error}. Name another with --port."
            log.info(why)
    raise Refused(why, code="port-taken")
