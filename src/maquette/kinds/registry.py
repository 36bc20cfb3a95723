"""Drop a file in, it is there: the members of a family are found by looking into its modules."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import pkgutil
from collections.abc import Iterator
from types import ModuleType

GROUP = "maquette"
"""Strangers' packages name a module under this entry-point group to take the same path."""


@functools.cache
def _strangers() -> tuple[importlib.metadata.EntryPoint, ...]:
    """To find them, all that is installed is read: once a process."""
    return tuple(importlib.metadata.entry_points(group=GROUP))


def _modules(package: str) -> Iterator[ModuleType]:
    home = importlib.import_module(package)
    for found in sorted(pkgutil.iter_modules(home.__path__), key=lambda m: m.name):
        yield importlib.import_module(f"{package}.{found.name}")


def members(package: str, attribute: str) -> list[object]:
    """The object called `attribute` of each module of `package` which has one, then those of strangers."""
    found = [getattr(m, attribute) for m in _modules(package) if hasattr(m, attribute)]
    for point in _strangers():
        module = point.load()
        if hasattr(module, attribute):
            found.append(getattr(module, attribute))
    return found
