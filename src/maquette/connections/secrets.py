"""Secrets of sources, in the vault as models' keys are; by the source's id."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from maquette.connections.vaults import Keyring, SealedFile, Vault
from maquette.domain.errors import Refused


class Secrets:
    """Those of a state. All of it blocks."""

    def __init__(self, state: Path) -> None:
        self._vaults: tuple[Vault, ...] = (Keyring(), SealedFile(state))

    def keep(self, id: str, secret: str) -> None:
        """In the first vault that takes it. Refused: `no-vault`."""
        self.forget(id)
        for vault in self._vaults[:-1]:
            with suppress(Refused):
                return vault.put(id, secret)
        return self._vaults[-1].put(id, secret)

    def get(self, id: str) -> str:
        """Where none is kept, or it isn't to be had: ""."""
        for vault in self._vaults:
            with suppress(Refused):
                return vault.get(id)
        return ""

    def forget(self, id: str) -> None:
        """Harmless when there is none."""
        for vault in self._vaults:
            vault.drop(id)
