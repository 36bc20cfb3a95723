"""One thing that could go: what, why it is safe, and the files as they would be."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Idea:
    """`after`: each file that changes, as it would be; None: it goes. `names` tell it from others of its kind."""

    kind: str
    file: str
    names: tuple[str, ...]
    what: str
    why: str
    lines: int
    after: Mapping[str, bytes | None]

    @property
    def key(self) -> str:
        """The same in each state of the files, as long as it is about the same."""
        return hashlib.sha256("\0".join((self.kind, self.file, *sorted(self.names))).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Unsure:
    """What looks as if it could go and is left alone, and why."""

    kind: str
    what: str
    why: str


def saved(before: Mapping[str, bytes], after: Mapping[str, bytes | None]) -> int:
    """Lines less than there were."""
    return sum(before[path].count(b"\n") - (data or b"").count(b"\n") for path, data in after.items())
