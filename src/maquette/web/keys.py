"""What opens the door of a base: the token that programs show, browsers' sessions, one-use codes; and what doesn't."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from maquette.connections.owned import put
from maquette.web.launches import Launches
from maquette.web.sessions import Sessions

TOKEN = "token"
FREE = 20
"""Wrong keys that are merely refused; more within `WHILE` seconds have to wait, and are told to the person."""
WHILE = 60

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pass:
    """By what a request came in. `session` is an id, None for the token; `ended` is set once it no longer counts."""

    ended: asyncio.Event
    session: str | None = None


class Token:
    """What a program on this machine shows; in a file of the owner's, made once, and anew when that is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.ended = asyncio.Event()
        try:
            path.chmod(0o600)
            self._value = path.read_text().strip()
        except FileNotFoundError:
            self._value = ""
        if not self._value:
            self.renew()

    def renew(self) -> None:
        """The old one no longer counts, nor does what came in by it."""
        made = secrets.token_urlsafe(32)
        put(self._path, made)
        self._value = made
        self.ended.set()
        self.ended = asyncio.Event()

    def is_borne(self, authorization: str) -> bool:
        return hmac.compare_digest(authorization.encode("latin-1"), f"Bearer {self._value}".encode())


class Wrong:
    """Keys that opened nothing, by whomever. Nobody who shows a right one is ever made to wait for these."""

    def __init__(self) -> None:
        self.count = 0
        self.last: datetime | None = None
        self._level = 0.0
        self._at = time.monotonic()
        self._told = False

    def one_more(self) -> int:
        """Seconds to wait before the next try; 0 while there are few."""
        now = time.monotonic()
        self._level = min(max(0.0, self._level - (now - self._at) * FREE / WHILE) + 1, 2 * FREE)
        self._at = now
        self.count += 1
        self.last = datetime.now(UTC)
        over = self._level - FREE
        if over > 0 and not self._told:
            log.warning("somebody on this machine tries keys: more than %d wrong ones; see `maquette sessions`", FREE)
        self._told = over > 0
        return 1 + round(over * WHILE / FREE) if over > 0 else 0


class Keys:
    """Those of a base that listens at `port`."""

    def __init__(self, state: Path, port: int) -> None:
        self.port = port
        self.token = Token(state / TOKEN)
        self.sessions = Sessions(state / "sessions.json", port)
        self.launches = Launches(state, f"http://127.0.0.1:{port}")
        self.wrong = Wrong()
        self.cookie = f"maquette_{port}"
        """Named by the port, since browsers don't hold ports apart."""

    def let_in(self, authorization: list[str], cookies: dict[str, str]) -> Pass | None:
        """The token goes before a session: who shows a wrong one isn't let in by the other."""
        if authorization:
            right = len(authorization) == 1 and self.token.is_borne(authorization[0])
            return Pass(self.token.ended) if right else None
        session = self.sessions.of(cookies.get(self.cookie, ""))
        return None if session is None else Pass(self.sessions.ended(session.id), session.id)
