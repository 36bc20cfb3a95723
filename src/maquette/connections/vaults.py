"""Where keys are kept: the system's keyring where it has one that works, else a sealed file.

What the file protects against, honestly: its seal lies beside the state and not in it, so a copy of the state, however
it was made, gives no key away; neither do backups, exports and the log, and no box sees either file. It does not
protect against who can read this user's files: they can read both. A keyring that is locked while nobody is logged in
does.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from maquette.connections.owned import put
from maquette.domain.errors import Refused

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")
Where = Literal["keyring", "file"]
SERVICE = "maquette"
SYSTEMS = ("SecretService", "kwallet", "libsecret", "macOS", "Windows")
"""Backends of `keyring` that a system's own keyring stands behind; others may keep keys in plain files."""
PATIENCE = 20.0
"""Seconds for a keyring: it may ask the person to unlock it, who may not be there."""


class Vault(Protocol):
    """Keeps secrets by id. All of it blocks."""

    @property
    def where(self) -> Where: ...

    def put(self, id: str, secret: str) -> None:
        """Refused: `no-vault`, when it can't be kept here."""
        ...

    def get(self, id: str) -> str:
        """Refused: `no-vault`, when it isn't to be had."""
        ...

    def drop(self, id: str) -> None:
        """Harmless when it isn't there."""
        ...


class Keyring:
    """The system's own."""

    where: Where = "keyring"

    def put(self, id: str, secret: str) -> None:
        backend = _backend()
        if backend is None:
            raise Refused("This machine has no keyring that works.", code="no-vault")

        def written() -> bool:
            backend.set_password(SERVICE, id, secret)  # pyright: ignore[reportUnknownMemberType]
            return backend.get_password(SERVICE, id) == secret

        if not _bounded(written):
            raise Refused("The system's keyring doesn't give back what it was given.", code="no-vault")

    def get(self, id: str) -> str:
        backend = _backend()
        secret = None if backend is None else _bounded(lambda: backend.get_password(SERVICE, id))
        if not secret:
            raise Refused("The system's keyring has no such key, or isn't there now.", code="no-vault")
        return secret

    def drop(self, id: str) -> None:
        if (backend := _backend()) is not None:
            with contextlib.suppress(Refused):
                _bounded(lambda: backend.delete_password(SERVICE, id))


def _backend() -> KeyringBackend | None:
    """The one that `keyring` would take here, if a system stands behind it."""
    import keyring

    def found() -> KeyringBackend | None:
        chosen = keyring.get_keyring()
        chain = getattr(chosen, "backends", None) or [chosen]
        return next((one for one in chain if type(one).__module__.split(".")[-1] in SYSTEMS), None)

    with contextlib.suppress(Refused):
        return _bounded(found)
    return None


def _bounded(ask: Callable[[], T]) -> T:
    """What came of asking a keyring, in a thread that is left behind when nothing comes of it. Its errors may tell
    anything, so none of their words are passed on.
    """
    came: queue.SimpleQueue[tuple[T] | Exception] = queue.SimpleQueue()

    def asking() -> None:
        try:
            came.put((ask(),))
        except Exception as error:
            came.put(error)

    threading.Thread(target=asking, name="keyring", daemon=True).start()
    try:
        got = came.get(timeout=PATIENCE)
    except queue.Empty:
        raise Refused("The system's keyring didn't answer: is it locked?", code="no-vault") from None
    if isinstance(got, Exception):
        raise Refused(f"The system's keyring doesn't work ({type(got).__name__}).", code="no-vault") from None
    return got[0]


class SealedFile:
    """`keys.sealed` in the state, encrypted with a seal beside the state; both 0600."""

    where: Where = "file"

    def __init__(self, state: Path) -> None:
        self.path = state / "keys.sealed"
        self.seal = state.with_name(f"{state.name}.seal")
        self._lock = threading.Lock()

    def put(self, id: str, secret: str) -> None:
        with self._lock:
            try:
                kept = self._read()
            except Refused:  # sealed with a seal that is gone: nobody can open those any more
                kept = {}
            self._write({**kept, id: secret})

    def get(self, id: str) -> str:
        with self._lock:
            secret = self._read().get(id)
        if not secret:
            raise Refused(f"{self.path} holds no such key.", code="no-vault")
        return secret

    def drop(self, id: str) -> None:
        with self._lock, contextlib.suppress(Refused):
            if id in (kept := self._read()):
                del kept[id]
                self._write(kept)

    def _read(self) -> dict[str, str]:
        from cryptography.fernet import Fernet, InvalidToken

        if not self.path.exists():
            return {}
        try:
            return json.loads(Fernet(self._seal()).decrypt(self.path.read_bytes()))
        except (OSError, ValueError, InvalidToken):
            why = f"The keys in {self.path} can't be opened: {self.seal}, which seals them, is gone or another."
            raise Refused(why, code="no-vault") from None

    def _write(self, kept: dict[str, str]) -> None:
        from cryptography.fernet import Fernet

        try:
            with contextlib.suppress(FileExistsError):
                made = os.open(self.seal, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
                with os.fdopen(made, "wb") as out:
                    out.write(Fernet.generate_key())
            put(self.path, Fernet(self._seal()).encrypt(json.dumps(kept).encode()).decode())
        except (OSError, ValueError) as error:
            told = error.strerror if isinstance(error, OSError) else "it is no seal"
            why = f"{self.path}, sealed with {self.seal}, can't be written: {told}. Set the key as a variable instead."
            raise Refused(why, code="no-vault") from None

    def _seal(self) -> bytes:
        """Raises OSError for one that another user put there, or a link."""
        with os.fdopen(os.open(self.seal, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            if os.fstat(file.fileno()).st_uid != os.geteuid():
                raise PermissionError(1, "it is another user's")
            os.fchmod(file.fileno(), 0o600)
            return file.read()
