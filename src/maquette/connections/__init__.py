"""How this machine reaches models, where a person set that up: addresses in a file of the state, keys in a vault."""

from maquette.connections.connections import Connections
from maquette.connections.reached import Reached

__all__ = ["Connections", "Reached"]
