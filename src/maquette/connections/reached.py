"""Every provider there is by the word before the colon: the wires as the environment leads them, and connections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from maquette.connections.connections import Connections
from maquette.kinds.providers import Provider, Wire


class Reached(Mapping[str, Provider]):
    """Looks at what is kept each time, so that a connection counts at once."""

    def __init__(self, own: Mapping[str, Provider], connections: Connections) -> None:
        self._own, self.connections = own, connections
        self.wires = {name: one for name, one in own.items() if isinstance(one, Wire)}
        """Those by which one may connect."""

    def __getitem__(self, name: str) -> Provider:
        own = self._own.get(name)
        kept = self.connections.all().get(name)
        if kept is None or kept.wire not in self.wires or (own is not None and self.shadowed(name)):
            if own is None:
                raise KeyError(name)
            return own
        return self.wires[kept.wire].at(kept)

    def shadowed(self, name: str) -> bool:
        """Whether the environment goes before what is kept under this name."""
        wire = self.wires.get(name)
        return wire is not None and wire.is_led()

    def __iter__(self) -> Iterator[str]:
        return iter({**self._own, **self.connections.all()})

    def __len__(self) -> int:
        return len({**self._own, **self.connections.all()})
