"""A base that waits for another program's lock for a moment, and not for seconds."""

from __future__ import annotations

from collections.abc import Sequence

from maquette.app import main
from maquette.store import dialects


def serve(_words: Sequence[str]) -> int:
    dialects.sqlite.PATIENCE = 0.2
    return main(["serve"])
