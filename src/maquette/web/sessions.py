"""Who has come in by a browser.

Kept in a file of the state (0600), not in the log: who may come in is about the door of this machine, not about the
work. So it is in no backup and no export, no worker has it, and a person still comes in while the log can't be written.
Of what a browser shows, only a digest is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from maquette.connections.owned import put
from maquette.domain.errors import Refused
from maquette.domain.labels import Fact

UNUSED = timedelta(days=30)
"""After which a session ends by itself."""
EXACT = timedelta(hours=1)
"""How exactly the file knows when a session was last used."""
MOST = 50
"""Sessions at a time; one more ends the one that was unused for longest."""

log = logging.getLogger(__name__)


class Session(Fact):
    """`browser` is what it calls itself."""

    id: str
    began: datetime
    seen: datetime
    browser: str


class _Kept(Fact):
    """By the digest of what is shown. A cookie reaches whoever listens at `port`: at another none of them counts."""

    port: int
    sessions: dict[str, Session]


class Sessions:
    """Those of a base that listens at `port`, kept in `path`."""

    def __init__(self, path: Path, port: int) -> None:
        self._path, self._port = path, port
        self._by = _read(path, port)
        self._ended: dict[str, asyncio.Event] = {}

    def begin(self, browser: str) -> str:
        """What the browser is to show from now on."""
        now = datetime.now(UTC)
        shown = secrets.token_urlsafe(32)
        self._by[_digest(shown)] = Session(id=secrets.token_hex(4), began=now, seen=now, browser=browser)
        for session in self.listed()[MOST:]:
            self._drop(session.id)
        self._keep()
        return shown

    def of(self, shown: str) -> Session | None:
        """Whose that is; it counts as used."""
        digest, now = _digest(shown), datetime.now(UTC)
        session = self._by.get(digest)
        if session is None:
            return None
        if now - session.seen > UNUSED:
            self.end(session.id)
            return None
        if now - session.seen > EXACT:
            self._by[digest] = session = session.model_copy(update={"seen": now})
            self._keep()
        return session

    def listed(self) -> list[Session]:
        """The latest used first."""
        now = datetime.now(UTC)
        return sorted(
            (one for one in self._by.values() if now - one.seen <= UNUSED), key=lambda s: s.seen, reverse=True
        )

    def ended(self, id: str) -> asyncio.Event:
        """Set once that session no longer counts."""
        return self._ended.setdefault(id, asyncio.Event())

    def end(self, id: str) -> None:
        """Refused: `unknown-session`."""
        if all(session.id != id for session in self._by.values()):
            raise Refused(f"There is no session {id}.", code="unknown-session")
        self._drop(id)
        self._keep()

    def end_all(self) -> None:
        for session in list(self._by.values()):
            self._drop(session.id)
        self._keep()

    def _drop(self, id: str) -> None:
        self._by = {digest: session for digest, session in self._by.items() if session.id != id}
        self.ended(id).set()
        del self._ended[id]

    def _keep(self) -> None:
        kept = _Kept(port=self._port, sessions=self._by)
        try:
            put(self._path, kept.model_dump_json())
        except OSError as error:
            log.warning("the sessions can't be written, so a restart forgets what changed: %s", error)


def _read(path: Path, port: int) -> dict[str, Session]:
    with suppress(OSError, ValidationError):
        kept = _Kept.model_validate_json(path.read_bytes())
        return dict(kept.sessions) if kept.port == port else {}
    return {}


def _digest(shown: str) -> str:
    return hashlib.sha256(shown.encode()).hexdigest()
