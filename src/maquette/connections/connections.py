"""Connections: names, wires and addresses in a file of the state; their keys in a vault.

No facts of the log: how this machine reaches models is about this machine and not about the work, as is who may come
in. So they are in no backup and no export, and a state that is restored elsewhere is connected there anew.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from maquette.connections.owned import put
from maquette.connections.vaults import Keyring, SealedFile, Vault, Where
from maquette.domain.errors import Refused
from maquette.domain.labels import Fact
from maquette.kinds.providers import Connection

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_KEPT = {"keyring": "the system's keyring", "file": "a sealed file"}


class _Noted(Fact):
    """One connection; `kept` says where its key is, None where it has none."""

    id: str
    name: str
    wire: str
    address: str
    kept: Where | None


class _File(Fact):
    connections: tuple[_Noted, ...] = ()


class Connections:
    """Those of a state. From any thread; what another process of the state changes is seen."""

    def __init__(self, state: Path) -> None:
        self._path = state / "connections.json"
        self._vaults: tuple[Vault, ...] = (Keyring(), SealedFile(state))
        """The first that takes a key keeps it."""
        self._lock, self._asking = threading.Lock(), threading.Lock()
        """For what is noted; and for vaults, which may take long: nobody who looks at what is noted waits for them."""
        self._seen: tuple[int, int] | None = None
        self._noted: tuple[_Noted, ...] = ()
        self._keys: dict[str, str] = {}
        """Read once each, by id."""

    def all(self) -> dict[str, Connection]:
        """By name."""
        with self._lock:
            try:
                stat = self._path.stat()
            except OSError:
                self._noted, self._seen = (), None
                return {}
            if self._seen != (stat.st_mtime_ns, stat.st_ino):
                with suppress(ValidationError):
                    self._noted = _File.model_validate_json(self._path.read_bytes()).connections
                    self._seen = stat.st_mtime_ns, stat.st_ino
            return {one.name: self._connection(one) for one in self._noted}

    def keep(self, name: str, wire: str, address: str, key: str) -> Connection:
        """Under this name from now on; one of that name at the same address gets the new key. Blocks.

        Refused: `odd-name`, `taken-name`, `odd-address`, `odd-key`, `odd-state`, `no-vault`.
        """
        checked(name, address, key)
        with self._asking:
            before = self._named(name)
            if before is not None and (before.wire, before.address) != (wire, address):
                where = before.address or "the vendor's own address"
                why = f"{name!r} is a connection to {where} already. Give this one another name, or forget that one."
                raise Refused(why, code="taken-name")
            id = secrets.token_hex(8)
            noted = _Noted(id=id, name=name, wire=wire, address=address, kept=self._put(id, key) if key else None)
            self._write([*(one for one in self._noted if one.name != name), noted])
            if before is not None:
                self._drop(before)
            if key:
                self._keys[id] = key
            return self._connection(noted)

    def forget(self, name: str) -> None:
        """The connection and its key. Blocks. Refused: `unknown-connection`, `odd-state`."""
        with self._asking:
            found = self._named(name)
            if found is None:
                raise Refused(f"No connection called {name!r} is kept here.", code="unknown-connection")
            self._drop(found)
            self._write([one for one in self._noted if one is not found])

    def _named(self, name: str) -> _Noted | None:
        """Before a change, which would else be all that is left of a file that can't be read."""
        self.all()
        if self._seen is None and self._path.exists():
            raise Refused(f"{self._path} can't be read any more: mend it, or move it away.", code="odd-state")
        return next((one for one in self._noted if one.name == name), None)

    def _put(self, id: str, key: str) -> Where:
        for vault in self._vaults[:-1]:
            with suppress(Refused):
                vault.put(id, key)
                return vault.where
        self._vaults[-1].put(id, key)
        return self._vaults[-1].where

    def _drop(self, noted: _Noted) -> None:
        self._keys.pop(noted.id, None)
        for vault in self._vaults:
            if vault.where == noted.kept:
                vault.drop(noted.id)

    def _write(self, noted: Sequence[_Noted]) -> None:
        with self._lock:
            put(self._path, _File(connections=tuple(noted)).model_dump_json(indent=1))
            self._noted, self._seen = tuple(noted), None

    def _connection(self, noted: _Noted) -> Connection:
        kept = _KEPT[noted.kept] if noted.kept else ""
        return Connection(noted.name, noted.wire, noted.address, kept, lambda: self._key(noted))

    def _key(self, noted: _Noted) -> str:
        if noted.kept is None:
            return ""
        with self._asking:
            if noted.id not in self._keys:
                vault = next(one for one in self._vaults if one.where == noted.kept)
                try:
                    self._keys[noted.id] = vault.get(noted.id)
                except Refused as refused:
                    mend = f"Connect {noted.name} anew, on the Models page or by `maquette models --connect`."
                    raise Refused(f"{refused} {mend}", code="not-connected") from None
            return self._keys[noted.id]


def checked(name: str, address: str, key: str) -> None:
    """Refused: `odd-name`, `odd-address`, `odd-key`; a key is in none of the sentences."""
    if not _NAME.fullmatch(name):
        raise Refused(f"{name!r} is no name: small letters, digits and hyphens.", code="odd-name")
    try:
        parts = urlsplit(address)
        right = not address or (parts.scheme in ("http", "https") and parts.hostname and parts.port != 0)
    except ValueError:
        parts, right = urlsplit(""), False
    if not right or any(not c.isprintable() or c.isspace() for c in address):
        raise Refused("That is no address. One is like http://127.0.0.1:8080/v1.", code="odd-address")
    if "@" in parts.netloc:
        raise Refused("The address has a name or a password in it: give that as the key.", code="odd-address")
    if not key.isascii() or any(not c.isprintable() or c.isspace() for c in key) or len(key) > 4096:
        raise Refused("That is no key: it has spaces or odd characters in it.", code="odd-key")
