"""The log, its feed, and what it amounts to."""

from maquette.store.feed import Feed, Passing
from maquette.store.log import Conflict, Log
from maquette.store.rebuild import rebuild
from maquette.store.store import Store

__all__ = ["Conflict", "Feed", "Log", "Passing", "Store", "rebuild"]
